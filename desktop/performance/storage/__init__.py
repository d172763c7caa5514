"""What takes the room in a database, how it grows, and what is in its tables."""

from desktop.performance.storage.page import StoragePage

__all__ = ["StoragePage"]
