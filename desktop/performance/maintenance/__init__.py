"""What can be done for a database, what was done, and its backups."""

from desktop.performance.maintenance.page import MaintenancePage

__all__ = ["MaintenancePage"]
