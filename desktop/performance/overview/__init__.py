"""The page that is shown first: how the database does, at a glance."""

from desktop.performance.overview.page import OverviewPage

__all__ = ["OverviewPage"]
