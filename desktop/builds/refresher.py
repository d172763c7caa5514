"""Where the tab has its refreshing from."""

from desktop.refresher import Refresher

__all__ = ["Refresher"]
