"""What goes on at once: connections, transactions, locks, heavy jobs and leases."""

from desktop.performance.concurrency.page import ConcurrencyPage

__all__ = ["ConcurrencyPage"]
