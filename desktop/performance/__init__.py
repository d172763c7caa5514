"""The tab about the database itself: seen, measured, maintained, improved."""

from desktop.performance.tab import PerformanceTab

__all__ = ["PerformanceTab"]
