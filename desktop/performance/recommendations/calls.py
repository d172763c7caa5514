"""What the page asks of the core."""

from dataclasses import dataclass

from core.events import Event
from core.performance.advice.schemas import Advice, AdviceChanged, Recommendation
from core.performance.maintenance.schemas import MaintenanceChanged, MaintenanceRow, Task
from core.security.operations import Operation
from core.translation import _
from desktop.performance.jobs import JobCalls, Ticket
from desktop.tabs import TabContext


@dataclass(frozen=True, slots=True)
class Advised:
    """What was found last, None where nobody looked yet; and what was applied, newest first."""

    advice: Advice | None
    applied: tuple[MaintenanceRow, ...]


class AdviceCalls(JobCalls):
    """Recommendations."""

    async def advised(self) -> Advised:
        """Return what was found last, and what was applied."""
        advice = await self.last()
        ours = (Task.ADVICE, Task.UNDO)
        runs = await self.ask(lambda p, actor: p.maintenance.runs(actor, tasks=ours))
        return Advised(advice, runs)

    async def last(self) -> Advice | None:
        """Return what was found last; None where nobody looked yet."""
        return await self.ask(lambda p, actor: p.advice.last(actor))

    async def find(self, ticket: Ticket) -> Advice:
        """Look anew."""
        return await self.work(
            _("Looking for recommendations for {name}").format(name=self._workspace.info.name),
            ticket,
            lambda p, actor, progress: p.advice.find(actor, progress=progress),
        )

    async def apply(self, one: Recommendation, ticket: Ticket) -> MaintenanceRow:
        """Do what a recommendation says."""
        return await self.work(
            one.title,
            ticket,
            lambda p, actor, progress: p.advice.apply(actor, key=one.key, progress=progress),
        )

    async def undo(self, row: MaintenanceRow, ticket: Ticket) -> MaintenanceRow:
        """Take back what was applied."""
        return await self.work(
            _("Taking back: {what}").format(what=row.subject),
            ticket,
            lambda p, actor, progress: p.advice.undo(actor, run_id=row.id, progress=progress),
        )

    @property
    def apply_refusal(self) -> str:
        """Why nothing may be applied; empty where it may."""
        return self.refusal(Operation.ADVICE_APPLY) or self._workspace.info.unwritable


def is_about_advice(event: Event) -> bool:
    """Tell whether recommendations may be others after an event."""
    return isinstance(event, (AdviceChanged, MaintenanceChanged))


async def count_found(context: TabContext) -> int:
    """Return how many recommendations there are that hold as far as is known."""
    advice = await AdviceCalls(context).last()
    return 0 if advice is None or advice.outdated else len(advice.found)
