"""Puts the services of performance together, for one open database."""

from collections.abc import Awaitable, Callable

from core.database.leases import Fence
from core.performance.advice.service import AdviceService
from core.performance.alerts.alerting import Alerting
from core.performance.alerts.service import AlertService
from core.performance.backups.folder import backups_of
from core.performance.backups.making import back_up_before_upgrade
from core.performance.backups.replacing import Replaced, note_replaced, replace_damaged
from core.performance.backups.schemas import Backup
from core.performance.backups.service import BackupService
from core.performance.backups.verifying import verify_file
from core.performance.benchmarks.service import BenchmarkService
from core.performance.concurrency.service import ConcurrencyService
from core.performance.maintenance.service import MaintenanceService
from core.performance.metrics.measuring import Measuring
from core.performance.metrics.sampler import Clocks
from core.performance.metrics.service import MetricsService
from core.performance.statements.service import StatementService
from core.performance.storage.reports import LastReport
from core.performance.storage.service import StorageService
from core.performance.target import Target

# Those that are called while there is nothing open are for the workspaces.
__all__ = [
    "Backup",
    "Performance",
    "Replaced",
    "back_up_before_upgrade",
    "backups_of",
    "note_replaced",
    "replace_damaged",
    "verify_file",
]


class Performance:
    """What can be seen of a database, and done for it; works for any SQLite file.

    Args:
        target: The database.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        clocks = Clocks()
        self._alerting = Alerting(target, clocks)
        self._measuring = Measuring(target, self._alerting.note, clocks)
        self.metrics = MetricsService(target, self._measuring)
        self.alerts = AlertService(target, self._alerting)
        last_report = LastReport(target)
        self.maintenance = MaintenanceService(target, last_report)
        self.backups = BackupService(target)
        self.benchmarks = BenchmarkService(target)
        self.storage = StorageService(target, self.maintenance, last_report)
        self.advice = AdviceService(target, self.maintenance, self.storage)
        self.concurrency = ConcurrencyService(target)
        self.statements = StatementService(target)

    async def start(self) -> None:
        """Begin what goes on as long as the database is open."""
        self._alerting.start()
        self._measuring.start()

    async def close(self) -> None:
        """End it."""
        await self._measuring.stop()
        await self._alerting.stop()

    def duties(self, fence: Fence) -> tuple[Callable[[], Awaitable[None]], ...]:
        """Return what the leader of a workspace does for it, until cancelled."""
        return (
            lambda: self._measuring.keep_stored(fence),
            lambda: self._alerting.keep_watching(fence),
            lambda: self.backups.schedule.keep_backed_up(fence),
        )
