"""Looks after a database file: packs, analyses and checks it, in a process of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from core.database.concurrency.limiter import Priority
from core.database.database import GIVEN_UP_AFTER_S
from core.errors import ConflictError, ValidationError
from core.performance.child.client import child_ahead, run_child
from core.performance.maintenance.figures import figures_of
from core.performance.maintenance.forecast import Room, check_fits, forecast
from core.performance.maintenance.holding import alone_on
from core.performance.maintenance.liveness import is_alive
from core.performance.maintenance.patience import once_readable
from core.performance.maintenance.records import end_of_dead, preparing, recorded
from core.performance.maintenance.repository import RunsRepository, as_row
from core.performance.maintenance.schemas import (
    CheckpointMode,
    FileFigures,
    MaintenanceRow,
    RunState,
    Task,
    VacuumForecast,
)
from core.performance.maintenance.words import job_words, outcome
from core.performance.storage.reports import LastReport
from core.performance.target import Target
from core.progress import Progress
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import permitted
from core.translation import _

_WRITING = frozenset(
    {
        Task.VACUUM,
        Task.INCREMENTAL_VACUUM,
        Task.ANALYZE,
        Task.REINDEX,
        Task.OPTIMIZE,
        Task.CHECKPOINT,
    }
)
_CHECKING = frozenset({Task.INTEGRITY_CHECK, Task.QUICK_CHECK, Task.FOREIGN_KEY_CHECK})
_EARLIER_RUNS = 5


class MaintenanceService:
    """What can be done for one file, what it would need, and what was done.

    Args:
        last_report: The newest analysis of the storage.
    """

    def __init__(self, target: Target, last_report: LastReport) -> None:
        self.gate = target.gate
        self._target = target
        self._last_report = last_report

    @permitted(Operation.PERFORMANCE_READ)
    async def figures(self, actor: Actor) -> FileFigures:
        """Return what the file is like now.

        Raises:
            DatabaseError: It cannot be read.
        """
        return await figures_of(self._target)

    @permitted(Operation.PERFORMANCE_READ)
    async def forecast(self, actor: Actor) -> VacuumForecast:
        """Return what VACUUM would gain and need.

        Raises:
            DatabaseError: The file cannot be read.
        """
        told, _room = await self._forecast()
        return told

    @permitted(Operation.PERFORMANCE_READ)
    async def runs(
        self, actor: Actor, *, tasks: Collection[Task] = (), limit: int = 100
    ) -> tuple[MaintenanceRow, ...]:
        """Return what was done to this file, the newest first.

        One whose process died was done where the file has it, else it failed.

        Args:
            tasks: Of which to return runs; of all where none are named.
        """
        return await self._read(lambda runs: runs.newest(limit, tasks))

    @permitted(Operation.PERFORMANCE_READ)
    async def last_runs(self, actor: Actor) -> tuple[MaintenanceRow, ...]:
        """Return the newest run of each task and state, however long ago, the newest first."""
        return await self._read(lambda runs: runs.newest_of_each())

    @permitted(Operation.MAINTENANCE_RUN)
    async def run(
        self,
        actor: Actor,
        *,
        task: Task,
        mode: CheckpointMode | None = None,
        progress: Progress,
    ) -> MaintenanceRow:
        """Do one deed of maintenance, and record it.

        A check that finds problems has succeeded: they are its ``findings``.

        Args:
            mode: Of a checkpoint; one that empties the log where none is named.

        Raises:
            CancelledError: It was cancelled in time; the file is as it was.
            AppError: It could not be done; the words say why and what to do.
        """
        if task not in _WRITING | _CHECKING:
            raise ValidationError(
                _("This is not a deed of maintenance by itself."), fields={"task": task.value}
            )
        if task in _WRITING:
            self._target.check_writable()
        progress.report(text=_("Waiting for other jobs"))
        async with (
            self._target.turn(Priority.PERSON),
            child_ahead(task.value) as child,
            self._alone(task),
        ):
            async with preparing(self._target, actor, task):
                arguments = await once_readable(
                    self._target.path,
                    progress,
                    lambda: self._arguments(task, mode or CheckpointMode.TRUNCATE),
                )
            subject = arguments.get("checkpoint", "")
            async with recorded(self._target, actor, task, subject, progress=progress) as run:
                with self._writers_waiting(task):
                    answer = await run_child(
                        task.value,
                        path=self._target.path,
                        progress=progress,
                        busy_wait_s=GIVEN_UP_AFTER_S,
                        started=child,
                        **arguments,
                    )
                run.findings, run.message = outcome(task, answer)
        return run.row

    async def _arguments(self, task: Task, mode: CheckpointMode) -> dict[str, Any]:
        """Return those of the child's operation.

        Raises:
            ConflictError: It cannot be done as the file or the disk is.
        """
        if task in _CHECKING:
            return {"mode": self._target.reading_mode}
        if task is Task.CHECKPOINT:
            return {"checkpoint": mode.value}
        if task is Task.VACUUM:
            _told, room = await self._forecast()
            check_fits(room, self._target.path)
            return {"temporary": str(room.temporary)}
        if task is Task.INCREMENTAL_VACUUM:
            await self._check_incremental()
        return {}

    async def _check_incremental(self) -> None:
        figures = await figures_of(self._target)
        if figures.auto_vacuum != "incremental":
            raise ConflictError(
                _("“{name}” cannot give pages back little by little.").format(
                    name=self._target.name
                ),
                detail=_("Its auto_vacuum is “{mode}”, not “incremental”.").format(
                    mode=figures.auto_vacuum
                ),
                hint=_("Pack it by VACUUM instead."),
            )

    async def _forecast(self) -> tuple[VacuumForecast, Room]:
        figures = await figures_of(self._target)
        runs = []
        if await self._target.has_records():
            records = await self._target.records()
            async with records.read() as session:
                runs = await RunsRepository(session).succeeded(Task.VACUUM, _EARLIER_RUNS)
        report = await self._last_report.get()
        return await asyncio.to_thread(forecast, figures, self._target.path, runs, report)

    async def _read(
        self, asked: Callable[[RunsRepository], Awaitable[list[Row[Any]]]]
    ) -> tuple[MaintenanceRow, ...]:
        if not await self._target.has_records():
            return ()
        records = await self._target.records()
        async with records.read() as session:
            stored = await asked(RunsRepository(session))
        rows = [(as_row(row), row) for row in stored]
        return tuple([await self._as_it_is(row, kept) for row, kept in rows if row is not None])

    async def _as_it_is(self, row: MaintenanceRow, kept: Row[Any]) -> MaintenanceRow:
        if row.state is not RunState.RUNNING:
            return row
        if await asyncio.to_thread(is_alive, self._target.folders.locks, kept.uid):
            return row
        state, message = await end_of_dead(self._target, kept.undo)
        done = state is RunState.SUCCEEDED
        return replace(row, state=state, message=message, can_undo=done)

    @contextlib.asynccontextmanager
    async def _alone(self, task: Task) -> AsyncIterator[None]:
        if task not in _WRITING:
            yield
            return
        async with alone_on(self._target, job_words(task)):
            yield

    def _writers_waiting(self, task: Task) -> contextlib.AbstractContextManager[None]:
        if task not in _WRITING:
            return contextlib.nullcontext()
        return self._target.database.jobs.running(job_words(task))
