"""What the page asks of the core."""

from dataclasses import dataclass

from core.performance.maintenance.schemas import (
    CheckpointMode,
    FileFigures,
    MaintenanceRow,
    Task,
    VacuumForecast,
)
from core.security.operations import Operation
from core.translation import _
from desktop.performance.jobs import JobCalls, Ticket
from desktop.performance.maintenance.words import task_words


@dataclass(frozen=True, slots=True)
class Care:
    """How a file stands, and what was done for it.

    ``runs`` are the newest of all; ``last`` are the newest of each task and state, however
    many others followed. Both have the newest first.
    """

    figures: FileFigures
    forecast: VacuumForecast
    runs: tuple[MaintenanceRow, ...]
    last: tuple[MaintenanceRow, ...]


class MaintenanceCalls(JobCalls):
    """Maintenance and its history."""

    async def care(self) -> Care:
        """Return how the file stands and what was done for it."""
        return Care(
            await self.ask(lambda p, actor: p.maintenance.figures(actor)),
            await self.ask(lambda p, actor: p.maintenance.forecast(actor)),
            await self.ask(lambda p, actor: p.maintenance.runs(actor)),
            await self.ask(lambda p, actor: p.maintenance.last_runs(actor)),
        )

    async def run(
        self, task: Task, mode: CheckpointMode | None, ticket: Ticket
    ) -> MaintenanceRow:
        """Do one deed of maintenance, as a job that is seen and can be cancelled."""
        title = _("{task} · {name}").format(
            task=task_words(task), name=self._workspace.info.name
        )
        return await self.work(
            title,
            ticket,
            lambda p, actor, progress: p.maintenance.run(
                actor, task=task, mode=mode, progress=progress
            ),
        )

    @property
    def run_refusal(self) -> str:
        """Why nothing may be run; empty where it may."""
        return self.refusal(Operation.MAINTENANCE_RUN)

    @property
    def unwritable(self) -> str:
        """Why the file cannot be changed; empty where it can."""
        return self._workspace.info.unwritable
