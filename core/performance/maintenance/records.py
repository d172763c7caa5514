"""Records what is done to a file: before, after, how long, and who."""

import asyncio
import json
import logging
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from core.completion import although_cancelled, to_the_end
from core.database.audit_trail import Deed, Subject
from core.database.fields.times import utc_now
from core.errors import AppError, CancelledByUserError
from core.performance.changes import read_back
from core.performance.maintenance import figures
from core.performance.maintenance.holding import at_work
from core.performance.maintenance.liveness import is_alive
from core.performance.maintenance.looking import in_place
from core.performance.maintenance.patience import waits_told
from core.performance.maintenance.repository import RunsRepository, texts
from core.performance.maintenance.schemas import (
    FileFigures,
    MaintenanceChanged,
    MaintenanceRow,
    RunState,
    Task,
)
from core.performance.target import Target
from core.progress import Progress, nobody_asked
from core.security.actors import Actor
from core.security.operations import Operation
from core.translation import _

TOPIC = "maintenance"

_MOST_FINDINGS = 500
_LONGEST = 2_000
_END_WITHIN_S = 3.0
_ENTERED_WITHIN_S = 0.5
_MOST_KEPT = 1_000

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Run:
    """A deed under way; whoever does it says here what came out.

    Attributes:
        subject: What it is done to, if not the whole file.
        findings: Problems that it found, in words.
        message: How it ended, in words.
        undo: Statements that take it back.
        row: What is kept of it, once it has ended.
    """

    task: Task
    actor: Actor
    subject: str
    uid: str = field(default_factory=lambda: str(uuid.uuid4()))
    findings: Sequence[str] = ()
    message: str = ""
    undo: Sequence[str] = ()
    state: RunState = RunState.RUNNING
    started_at: datetime = field(default_factory=utc_now)
    duration_ms: int = 0
    before: FileFigures | None = None
    after: FileFigures | None = None
    id: int = 0

    @property
    def row(self) -> MaintenanceRow:
        """The run for showing."""
        return MaintenanceRow(
            id=self.id,
            task=self.task,
            state=self.state,
            subject=self.subject,
            started_at=self.started_at,
            duration_ms=self.duration_ms,
            actor=self.actor.user,
            origin=self.actor.origin.value,
            before=self.before,
            after=self.after,
            findings=tuple(self.findings),
            message=self.message,
            can_undo=bool(self.undo) and self.state is RunState.SUCCEEDED,
        )

    def values(self) -> dict[str, object]:
        """Return the columns to be stored."""
        return {
            "uid": self.uid,
            "task": self.task.value,
            "state": self.state.value,
            "subject": self.subject,
            "actor": self.actor.user,
            "origin": self.actor.origin.value,
            "started_at": self.started_at,
            "duration_ms": self.duration_ms,
            "before": figures.stored(self.before),
            "after": figures.stored(self.after),
            "findings": json.dumps([text[:_LONGEST] for text in self.findings]),
            "message": self.message[:_LONGEST],
            "undo": json.dumps(list(self.undo)),
        }


@asynccontextmanager
async def recorded(
    target: Target,
    actor: Actor,
    task: Task,
    subject: str = "",
    *,
    operation: Operation = Operation.MAINTENANCE_RUN,
    progress: Progress | None = None,
    undo: Sequence[str] = (),
) -> AsyncIterator[Run]:
    """Record what is done inside, however it ends; in the audit trail too of a workspace.

    What failed to begin is not recorded: who has locked the workspace is waited for once, and
    a cancellation or failure is not kept waiting for long.

    Args:
        operation: Under which it is entered into the audit trail.
        progress: Told for whom the beginning waits.
        undo: What takes it back once it is done: kept from the beginning, as the process
            may die once the file is changed.

    Raises:
        AppError: The record cannot be begun; nothing should be done then.
    """
    run = Run(task, actor, subject, undo=undo)
    async with at_work(target, run.uid):
        started = time.monotonic()
        try:
            await end_the_dead(target)
            run.before = await _figures(target)
            started = time.monotonic()
            with waits_told(target.bus, progress):
                await _keep(target, run)
            yield run
        except BaseException as error:
            run.state, run.message = _ended(run, error)
            run.undo = ()
            run.duration_ms = _since(started)
            if run.id or run.state is RunState.CANCELLED:
                wait_s = _END_WITHIN_S if run.id else _ENTERED_WITHIN_S
                await to_the_end(_finish(target, run, operation, wait_s))
            raise
        run.state = RunState.SUCCEEDED
        run.duration_ms = _since(started)
        await although_cancelled(_finish(target, run, operation))


@asynccontextmanager
async def preparing(target: Target, actor: Actor, task: Task) -> AsyncIterator[None]:
    """Record that something is cancelled inside, before it is even begun."""
    try:
        yield
    except asyncio.CancelledError as error:
        run = Run(task, actor, "")
        run.state, run.message = _ended(run, error)
        ended = _finish(target, run, Operation.MAINTENANCE_RUN, _ENTERED_WITHIN_S)
        await to_the_end(ended)
        raise


async def note_done(target: Target, run: Run, operation: Operation) -> None:
    """Record what was done before the file could be opened; a failure is only logged."""
    run.state = RunState.SUCCEEDED
    await although_cancelled(_finish(target, run, operation))


def _ended(run: Run, error: BaseException) -> tuple[RunState, str]:
    if isinstance(error, asyncio.CancelledError | CancelledByUserError):
        return RunState.CANCELLED, run.message or _cancelled()
    if isinstance(error, AppError):
        return RunState.FAILED, " ".join(filter(None, (error.title, error.detail)))
    return RunState.FAILED, _("A fault in Buildbench; see the log.")


def _cancelled() -> str:
    if nobody_asked():
        return _("It was broken off: the window or the workspace was closed meanwhile.")
    return _("It was cancelled.")


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


async def _finish(
    target: Target, run: Run, operation: Operation, wait_s: float | None = None
) -> None:
    """Store the end; what was done is done, so that a failure here is only logged."""
    run.findings = tuple(run.findings)[:_MOST_FINDINGS]
    run.after = await _figures(target)
    try:
        await _keep(target, run, operation, wait_s)
    except AppError as error:
        _log.warning("A run of maintenance was not recorded: %s", error.as_text())
        target.bus.publish(MaintenanceChanged(target.path))


async def _keep(
    target: Target,
    run: Run,
    operation: Operation | None = None,
    wait_s: float | None = None,
) -> None:
    records = await target.records()
    async with records.unit_of_work(wait_s=wait_s) as unit:
        runs = RunsRepository(unit.session)
        run.id = await runs.put(run.values())
        await runs.remove_old(_MOST_KEPT)
        if operation is not None and target.keeper is None:
            unit.record(_deed(target, run, operation))
        unit.changed(TOPIC)
        unit.publish(MaintenanceChanged(target.path))
        await unit.commit()


def _deed(target: Target, run: Run, operation: Operation) -> Deed:
    changes: dict[str, object] = {"task": run.task.value, "state": run.state.value}
    if run.subject:
        changes["subject"] = run.subject
    if run.findings:
        changes["findings"] = len(run.findings)
    if run.before is not None and run.after is not None:
        changes["file_bytes"] = [run.before.file_bytes, run.after.file_bytes]
    subject = Subject("maintenance", run.uid, target.name)
    return Deed(run.actor, operation.key, subject, changes)


async def _figures(target: Target) -> FileFigures | None:
    try:
        return await figures.figures_of(target)
    except AppError as error:
        _log.info("No figures of %s: %s", target.name, error)
        return None


async def end_the_dead(target: Target) -> None:
    """Store how runs ended whose processes died."""
    records = await target.records()
    async with records.read() as session:
        running = await RunsRepository(session).running()
    dead = [
        (row.uid, *await end_of_dead(target, row.undo))
        for row in running
        if not await asyncio.to_thread(is_alive, target.folders.locks, row.uid)
    ]
    if not dead:
        return
    async with records.unit_of_work() as unit:
        for uid, state, message in dead:
            await RunsRepository(unit.session).end(uid, state, message)
        unit.changed(TOPIC)
        await unit.commit()


async def end_of_dead(target: Target, undo: str) -> tuple[RunState, str]:
    """Return how a run ended whose process died, also in words.

    Args:
        undo: What takes it back, as it is stored: it is done where that is still to do.
    """
    try:
        changes = read_back(texts(undo))
        done = bool(changes) and not any(await in_place(target, changes))
    except AppError as error:
        _log.info("Nobody knows how a run ended: %s", error.as_text())
        done = False
    if done:
        return RunState.SUCCEEDED, _(
            "It was done: the file has it. Buildbench ended before that could be recorded."
        )
    return RunState.FAILED, _(
        "It was interrupted, or its end could not be recorded. SQLite takes back what is half"
        " done."
    )
