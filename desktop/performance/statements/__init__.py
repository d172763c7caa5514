"""What statements cost, and how SQLite goes about them."""

from desktop.performance.statements.page import StatementsPage

__all__ = ["StatementsPage"]
