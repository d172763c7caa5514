"""The tab of projects and builds."""

from desktop.builds.tab import BuildsTab

__all__ = ["BuildsTab"]
