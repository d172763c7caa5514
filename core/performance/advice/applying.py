"""Carries out what was recommended, and takes it back."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from core.database.concurrency.limiter import Priority
from core.errors import AppError, ConflictError, DatabaseBusyError, ExternalError
from core.performance.advice.finding import Finding
from core.performance.changes import AutoVacuum, JournalMode, PageSize, Undo, stored
from core.performance.child.client import run_child
from core.performance.maintenance.figures import figures_of
from core.performance.maintenance.forecast import check_fits, forecast
from core.performance.maintenance.holding import alone_on
from core.performance.maintenance.looking import in_place
from core.performance.maintenance.records import TOPIC, Run, recorded
from core.performance.maintenance.repository import RunsRepository
from core.performance.maintenance.schemas import MaintenanceChanged, MaintenanceRow, Task
from core.performance.maintenance.words import job_words, outcome
from core.performance.target import Target
from core.progress import Progress
from core.security.actors import Actor
from core.security.operations import Operation
from core.translation import _

_LET_GO_S = 0.1
# Who keeps a file open does so for long: waiting on is of no use.
_MODE_WAIT_S = 3.0

_log = logging.getLogger(__name__)


class _Changed(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    refused: str


async def carry_out(
    target: Target, actor: Actor, found: Finding, progress: Progress
) -> MaintenanceRow:
    """Do what a finding says; the caller has its turn at the file.

    Raises:
        AppError: It cannot be done; the file is as it was.
    """
    arguments: dict[str, Any] = {}
    if found.task is Task.CHECKPOINT:
        arguments = {"checkpoint": "truncate"}
    elif found.task is Task.VACUUM:
        arguments = await _room(target)
    undo = stored(found.undo)
    async with _at_work(target, actor, Task.ADVICE, found.told.title, undo) as run:
        if found.task is None:
            more = await _change(target, found.changes, progress)
            done = _("Done: {statements}").format(statements="; ".join(found.told.will_do))
            run.message = "\n".join(filter(None, (done, more)))
        else:
            answer = await run_child(
                found.task.value, path=target.path, progress=progress, **arguments
            )
            run.findings, run.message = outcome(found.task, answer)
    return run.row


async def take_back(
    target: Target, actor: Actor, title: str, undo: Sequence[Undo], progress: Progress
) -> MaintenanceRow:
    """Make the changes that take an earlier one back; the caller has its turn at the file.

    Raises:
        AppError: It cannot be done; the file is as it was.
    """
    async with _at_work(target, actor, Task.UNDO, title) as run:
        more = await _change(target, undo, progress)
        statements = "; ".join(sql for each in undo for sql in each.sql)
        done = _("Taken back by: {statements}").format(statements=statements)
        run.message = "\n".join(filter(None, (done, more)))
    return run.row


async def note_taken_back(target: Target, run_id: int) -> None:
    """Store that what a run did is taken back; a failure of that is only logged."""
    try:
        records = await target.records()
        async with records.unit_of_work() as unit:
            await RunsRepository(unit.session).taken_back(run_id)
            unit.changed(TOPIC)
            unit.publish(MaintenanceChanged(target.path))
            await unit.commit()
    except AppError as error:
        _log.warning("It was not recorded as taken back: %s", error.as_text())


@contextlib.asynccontextmanager
async def turn(target: Target, progress: Progress) -> AsyncIterator[None]:
    """Wait until nobody else maintains the file."""
    progress.report(text=_("Waiting for other jobs"))
    async with (
        target.turn(Priority.PERSON),
        alone_on(target, job_words(Task.ADVICE)),
    ):
        yield


@contextlib.asynccontextmanager
async def _at_work(
    target: Target, actor: Actor, task: Task, subject: str, undo: Sequence[str] = ()
) -> AsyncIterator[Run]:
    operation = Operation.ADVICE_APPLY
    async with recorded(target, actor, task, subject, operation=operation, undo=undo) as run:
        with target.database.jobs.running(job_words(task)):
            yield run


async def _change(target: Target, changes: Sequence[Undo], progress: Progress) -> str:
    """Make changes; return what there is to say of that, a sentence or nothing."""
    try:
        refused = await _refused(target, changes, progress)
    except ExternalError as error:
        if not await _is_made(target, changes):
            raise
        _log.info("A change was made all the same: %s", error.as_text())
        return _("The process that did it ended before it could say so; the file has it.")
    if refused == "gone":
        raise ConflictError(
            _("The indexes are not as they were."),
            detail=_("Somebody has changed them, or their table, meanwhile."),
            hint=_("Nothing was changed. Look for recommendations again."),
        )
    if refused:
        raise DatabaseBusyError(
            _("Another program has “{name}” open.").format(name=target.name),
            detail=_("The journal mode can only be changed when nobody else has it open."),
            hint=_("Close that program, and try again."),
        )
    return ""


async def _is_made(target: Target, changes: Sequence[Undo]) -> bool:
    """Tell whether changes are in the file; where it cannot be read, nobody knows."""
    try:
        return all(await in_place(target, changes))
    except AppError as error:
        _log.info("Nobody knows whether it was changed: %s", error.as_text())
        return False


async def _refused(target: Target, changes: Sequence[Undo], progress: Progress) -> str:
    """Ask the child to make changes; return why it did not, empty where it did.

    Raises:
        ExternalError: It ended without an answer, or with one that makes no sense.
        AppError: It failed.
    """
    texts = [each.as_json() for each in changes]
    alone = any(isinstance(each, JournalMode) for each in changes)
    packs = any(isinstance(each, AutoVacuum | PageSize) for each in changes)
    more: dict[str, Any] = await _room(target) if packs else {}
    if alone:
        more["busy_wait_s"] = _MODE_WAIT_S
    async with _letting_go(target) if alone else contextlib.nullcontext():
        answer = await run_child(
            "change", path=target.path, progress=progress, changes=texts, **more
        )
    try:
        return _Changed.model_validate(answer).refused
    except ValidationError as error:
        raise ExternalError(
            _("The maintenance process gave an answer that makes no sense."),
            detail=str(error),
            hint=_("The file may be damaged in an unusual way; check it, or restore a backup."),
        ) from error


async def _room(target: Target) -> dict[str, Any]:
    """Return where VACUUM has room.

    Raises:
        ConflictError: It has none.
    """
    figures = await figures_of(target)
    _told, room = await asyncio.to_thread(forecast, figures, target.path, ())
    check_fits(room, target.path)
    return {"temporary": str(room.temporary)}


@contextlib.asynccontextmanager
async def _letting_go(target: Target) -> AsyncIterator[None]:
    """Within, close our own connections again and again: each keeps the journal mode."""

    async def let_go() -> None:
        while True:
            await target.database.reader.dispose()
            await asyncio.sleep(_LET_GO_S)

    letting_go = asyncio.create_task(let_go())
    try:
        yield
    finally:
        letting_go.cancel()
        await asyncio.gather(letting_go, return_exceptions=True)
