"""What the page asks of the core."""

from dataclasses import dataclass

from core.performance.storage.schemas import Growth, StorageReport, TableInfo, TablePreview
from core.security.operations import Operation
from core.translation import _
from desktop.performance.jobs import JobCalls, Ticket

ROWS = 100


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known without measuring anew."""

    report: StorageReport | None
    growth: Growth
    tables: tuple[TableInfo, ...]


class StorageCalls(JobCalls):
    """Sizes, growth, and rows."""

    async def stored(self) -> Stored:
        """Return the last report, the growth and the tables."""
        return Stored(
            await self.ask(lambda p, actor: p.storage.last(actor)),
            await self.ask(lambda p, actor: p.storage.growth(actor)),
            await self.ask(lambda p, actor: p.storage.tables(actor)),
        )

    async def analyse(self, ticket: Ticket) -> StorageReport:
        """Measure all tables and indexes, as a job that is seen and can be cancelled."""
        title = _("Measuring the storage of {name}").format(name=self._workspace.info.name)
        return await self.work(
            title,
            ticket,
            lambda p, actor, progress: p.storage.analyse(actor, progress=progress),
        )

    async def preview(self, table: str, first: int) -> TablePreview:
        """Return some rows of a table."""
        return await self.ask(
            lambda p, actor: p.storage.preview(actor, table=table, first=first, limit=ROWS)
        )

    @property
    def preview_refusal(self) -> str:
        """Why rows may not be seen; empty where they may."""
        return self.refusal(Operation.TABLES_PREVIEW)
