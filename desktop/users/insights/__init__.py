"""What people do, in figures, each with the list behind it."""

from desktop.users.insights.section import InsightsSection

__all__ = ["InsightsSection"]
