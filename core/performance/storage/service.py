"""Shows what takes the room in a database file, how it grows, and the rows of its tables."""

import asyncio

from core.database.concurrency.limiter import Priority
from core.errors import AppError, ValidationError
from core.performance.child.client import run_child
from core.performance.maintenance.schemas import VacuumForecast
from core.performance.maintenance.service import MaintenanceService
from core.performance.storage.growing import growth_of
from core.performance.storage.previewing import preview_of
from core.performance.storage.reports import LastReport, report_of
from core.performance.storage.schemas import (
    Growth,
    StorageReport,
    TableInfo,
    TableKind,
    TablePreview,
)
from core.performance.target import Target
from core.progress import Progress
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import permitted
from core.translation import _

MOST_ROWS = 500
_FURTHEST_ROW = 2**62


class StorageService:
    """What takes the room in one file, and what is in it; the file is only read.

    Args:
        maintenance: Knows what VACUUM needs.
        last_report: Keeps the newest analysis.
    """

    def __init__(
        self, target: Target, maintenance: MaintenanceService, last_report: LastReport
    ) -> None:
        self.gate = target.gate
        self._target = target
        self._maintenance = maintenance
        self._last_report = last_report

    @permitted(Operation.PERFORMANCE_READ)
    async def analyse(self, actor: Actor, *, progress: Progress) -> StorageReport:
        """Measure all tables and indexes, page by page, as they are at one moment.

        A damaged file is measured as far as it can be read; the report says what is missing.

        Raises:
            CancelledError: It was cancelled.
            AppError: The file cannot be read; the words say why.
        """
        progress.report(text=_("Waiting for other jobs"))
        async with self._target.limiter.place(Priority.PERSON):
            answer = await run_child(
                "storage",
                path=self._target.path,
                progress=progress,
                mode=self._target.reading_mode,
            )
        vacuum = await self._forecast(actor)
        report = await asyncio.to_thread(report_of, answer, self._target.path, vacuum)
        await self._last_report.put(report)
        return report

    @permitted(Operation.PERFORMANCE_READ)
    async def last(self, actor: Actor) -> StorageReport | None:
        """Return the newest report of this window, or of an earlier one; None without any."""
        return await self._last_report.get()

    @permitted(Operation.PERFORMANCE_READ)
    async def growth(self, actor: Actor) -> Growth:
        """Return how the file grew as far as it was measured, and how it goes on.

        Raises:
            AppError: What was kept cannot be read.
        """
        return await growth_of(self._target)

    @permitted(Operation.PERFORMANCE_READ)
    async def tables(self, actor: Actor) -> tuple[TableInfo, ...]:
        """Return the tables and views by name, of very many the first 20,000.

        Raises:
            AppError: The file cannot be read.
        """
        answer = await run_child(
            "tables", path=self._target.path, mode=self._target.reading_mode
        )
        return tuple(
            TableInfo(one["name"], TableKind(one["kind"]), one["columns"])
            for one in answer["tables"]
        )

    @permitted(Operation.TABLES_PREVIEW)
    async def preview(
        self, actor: Actor, *, table: str, first: int = 0, limit: int = 100
    ) -> TablePreview:
        """Return some rows of a table or view, as they come; nothing is written.

        Args:
            table: The name as in the schema.
            first: The number of the first row, from 0.
            limit: How many rows at most, 1 to 500; where they are long there may be fewer.

        Raises:
            ValidationError: These are no numbers of rows.
            NotFoundError: There is no such table.
            DatabaseError: The rows cannot be shown, or not in time.
            AppError: The file cannot be read.
        """
        if not 0 <= first <= _FURTHEST_ROW or not 1 <= limit <= MOST_ROWS:
            raise ValidationError(
                _("These rows cannot be shown."),
                fields={"": _("Choose 1 to {count} rows at once.").format(count=MOST_ROWS)},
            )
        answer = await run_child(
            "preview",
            path=self._target.path,
            mode=self._target.reading_mode,
            table=table,
            first=first,
            limit=limit,
        )
        return preview_of(answer, table, first)

    async def _forecast(self, actor: Actor) -> VacuumForecast | None:
        """Return what VACUUM would need; None where a damaged file does not tell."""
        try:
            return await self._maintenance.forecast(actor)
        except AppError:
            return None
