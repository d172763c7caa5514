"""The backups of a database: made, tried, restored, removed, and made by themselves."""

from desktop.performance.backups.part import BackupsPart

__all__ = ["BackupsPart"]
