"""What the page asks of the core."""

from core.performance.maintenance.schemas import MaintenanceRow
from core.performance.statements.schemas import (
    Explained,
    Plan,
    SlowStatement,
    Statements,
    Suggestion,
)
from core.performance.storage.schemas import StorageKind
from core.security.operations import Operation
from core.translation import _
from desktop.performance.jobs import JobCalls, Ticket


class StatementCalls(JobCalls):
    """Statements, their plans and the indexes that these suggest, and the slow ones."""

    async def statements(self) -> Statements:
        """Return all statements with their figures."""
        return await self.ask(lambda p, actor: p.statements.list_of(actor))

    async def details(self, fingerprint: str) -> tuple[Plan | None, tuple[SlowStatement, ...]]:
        """Return the plan of a statement, and its runs that were slow."""
        plan = await self.ask(
            lambda p, actor: p.statements.plan_of(actor, fingerprint=fingerprint)
        )
        slow = await self.ask(
            lambda p, actor: p.statements.slow(actor, fingerprint=fingerprint)
        )
        return plan, slow

    async def explain(self, script: str) -> tuple[Explained, ...]:
        """Explain the statements of a text; none of them is run."""
        return await self.ask(lambda p, actor: p.statements.explain(actor, script=script))

    async def make_index(self, index: Suggestion, ticket: Ticket) -> MaintenanceRow:
        """Make an index that a plan suggests, as a job that is seen and can be cancelled."""
        title = _("Make an index on {table} ({columns})")
        return await self.work(
            title.format(table=index.table, columns=index.columns),
            ticket,
            lambda p, actor, progress: p.advice.make_index(
                actor, index=index, progress=progress
            ),
        )

    async def table_bytes(self, name: str) -> int | None:
        """Return what a table took when sizes were measured last; None where it was not."""
        report = await self.ask(lambda p, actor: p.storage.last(actor))
        for one in report.objects if report is not None else ():
            if one.kind is StorageKind.TABLE and one.name.lower() == name.lower():
                return one.bytes
        return None

    async def reset(self) -> None:
        """Forget all figures."""
        await self.ask(lambda p, actor: p.statements.reset(actor))

    @property
    def index_refusal(self) -> str:
        """Why no index may be made; empty where one may."""
        return self.refusal(Operation.ADVICE_APPLY) or self._workspace.info.unwritable

    @property
    def reset_refusal(self) -> str:
        """Why figures may not be forgotten; empty where they may."""
        return self.refusal(Operation.STATEMENTS_RESET)
