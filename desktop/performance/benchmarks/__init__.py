"""What this machine does with SQLite: measured, kept, and compared."""

from desktop.performance.benchmarks.page import BenchmarksPage

__all__ = ["BenchmarksPage"]
