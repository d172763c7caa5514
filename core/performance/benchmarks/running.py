"""Runs one benchmark: in a process and a file of its own, and keeps what came out."""

import asyncio
import contextlib
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from core.completion import to_the_end
from core.database.audit_trail import Deed, Subject
from core.database.concurrency.limiter import Priority
from core.database.fields.times import utc_now
from core.errors import AppError, ConflictError, DatabaseError, ExternalError, why_refused
from core.paths import shown
from core.performance.benchmarks import repository
from core.performance.benchmarks.machine import machine
from core.performance.benchmarks.repository import BenchmarksRepository
from core.performance.benchmarks.schemas import (
    BenchmarkKind,
    BenchmarkMoved,
    BenchmarkResult,
    BenchmarkRow,
    BenchmarksChanged,
    BenchmarkSettings,
    BenchmarkState,
)
from core.performance.benchmarks.workload import ROWS_OF_A_BATCH
from core.performance.child.client import run_child
from core.performance.maintenance.holding import at_work
from core.performance.maintenance.liveness import is_alive
from core.performance.target import Target
from core.progress import Progress
from core.security.actors import Actor
from core.security.operations import Operation
from core.translation import _

TOPIC = "benchmarks"
ROLE = "benchmark"
FILE_NAME = "measured.db"

# With its indexes, log and the room that SQLite asks for beside it.
_BYTES_OF_A_ROW = 400
_LEAST_BYTES = 64 * 1024 * 1024
_MOST_WRITES_PER_S = 2_000


@dataclass(slots=True)
class Run:
    """A benchmark under way."""

    actor: Actor
    settings: BenchmarkSettings
    label: str
    uid: str = field(default_factory=lambda: str(uuid.uuid4()))
    started_at: datetime = field(default_factory=utc_now)
    began: float = field(default_factory=time.monotonic)
    result: BenchmarkResult | None = None
    sqlite_version: str = ""
    state: BenchmarkState = BenchmarkState.FAILED
    message: str = ""


class _Moved(BaseModel):
    """What the child tells meanwhile."""

    model_config = ConfigDict(strict=True, frozen=True)

    at_s: float
    done: int
    total: int
    throughput: float
    p95_ms: float


class Runner:
    """Runs the benchmarks of one open database."""

    def __init__(self, target: Target) -> None:
        self._target = target

    async def run(self, run: Run, progress: Progress) -> BenchmarkRow:
        """Measure, and keep how it ended.

        Raises:
            AppError: It failed; that is kept, too.
        """
        progress.report(0.0, _("Waiting for other heavy jobs"))
        async with self._target.limiter.place(Priority.PERSON):
            run.began = time.monotonic()
            try:
                async with self._file_of(run) as path:
                    await self._measure(run, path, progress)
            except asyncio.CancelledError:
                run.state, run.message = BenchmarkState.CANCELLED, _("It was cancelled.")
                await to_the_end(self._keep(run))
                raise
            except AppError as error:
                run.message = error.as_text()
                await to_the_end(self._keep(run))
                raise
            return await to_the_end(self._keep(run))

    async def _measure(self, run: Run, path: Path, progress: Progress) -> None:
        answer = await run_child(
            "benchmark",
            role=ROLE,
            path=path,
            progress=progress,
            hear=self._teller(run),
            settings=run.settings.model_dump(mode="json"),
        )
        try:
            run.result = repository.checked_result(answer.get("result"))
            run.sqlite_version = str(answer.get("sqlite_version", ""))[:40]
        except ValidationError as error:
            raise ExternalError(
                _("The process that measures answered what makes no sense."),
                detail=str(error)[:500],
                hint=_("Try again, and look into the log if it happens again."),
            ) from error
        run.state = BenchmarkState.SUCCEEDED

    def _teller(self, run: Run) -> Callable[[object], None]:
        def tell(figures: object) -> None:
            with contextlib.suppress(ValidationError):
                moved = _Moved.model_validate(figures)
                event = BenchmarkMoved(self._target.path, run.label, **moved.model_dump())
                self._target.bus.publish(event)

        return tell

    @asynccontextmanager
    async def _file_of(self, run: Run) -> AsyncIterator[Path]:
        """Give the place of the file that is measured; its folder goes afterwards."""
        root, locks = self._target.folders.benchmarks, self._target.folders.locks
        async with at_work(self._target, run.uid, root):
            folder = root / run.uid
            try:
                await asyncio.to_thread(_remove_the_dead, root, locks)
                await asyncio.to_thread(_check_room, root, run.settings)
                await asyncio.to_thread(folder.mkdir, 0o700)
            except OSError as error:
                raise DatabaseError(
                    _("Nothing was measured: no folder can be made for it."),
                    detail=why_refused(error),
                    hint=_(
                        "Make room on the disk, or check the permissions of {folder}."
                    ).format(folder=shown(root)),
                ) from error
            try:
                yield folder / FILE_NAME
            finally:
                await to_the_end(asyncio.to_thread(shutil.rmtree, folder, True))

    async def _keep(self, run: Run) -> BenchmarkRow:
        place = self._target.folders.root
        host = await asyncio.to_thread(machine, place)
        values: dict[str, Any] = {
            "uid": run.uid,
            "kind": run.settings.kind.value,
            "label": run.label,
            "state": run.state.value,
            "message": run.message,
            "sqlite_version": run.sqlite_version,
            "actor": run.actor.user,
            "started_at": run.started_at,
            "duration_ms": round((time.monotonic() - run.began) * 1000),
            **repository.stored(run.settings, run.result, host),
        }
        records = await self._target.records()
        async with records.unit_of_work() as unit:
            row = await BenchmarksRepository(unit.session).add(values)
            if self._target.keeper is None:
                subject = Subject("benchmark", run.uid, self._target.name)
                changes: dict[str, object] = {"kind": row.kind.value, "state": row.state.value}
                deed = Deed(run.actor, Operation.BENCHMARKS_RUN.key, subject, changes)
                unit.record(deed)
            unit.changed(TOPIC)
            unit.publish(BenchmarksChanged(self._target.path))
            await unit.commit()
        return row


def _remove_the_dead(root: Path, locks: Path) -> None:
    """Delete what was left behind by a process that died."""
    for folder in root.iterdir():
        if not is_alive(locks, folder.name):
            shutil.rmtree(folder, ignore_errors=True)


def _check_room(root: Path, settings: BenchmarkSettings) -> None:
    rows = settings.rows + _rows_added(settings)
    needed = rows * _BYTES_OF_A_ROW + _LEAST_BYTES
    free = shutil.disk_usage(root).free
    if free < needed:
        raise ConflictError(
            _("There is not enough room on the disk for this benchmark."),
            detail=_("It needs some {needed} MB; {free} MB are free.").format(
                needed=needed // 1_000_000, free=free // 1_000_000
            ),
            hint=_("Make room, or measure with fewer rows, fewer operations or less time."),
        )


def _rows_added(settings: BenchmarkSettings) -> int:
    """Return how many rows come while it is measured, at the most."""
    operations = settings.operations + settings.warm_up
    return {
        BenchmarkKind.WRITES: operations,
        BenchmarkKind.BULK_INSERT: operations * ROWS_OF_A_BATCH,
        BenchmarkKind.MIXED: settings.seconds * _MOST_WRITES_PER_S + settings.warm_up,
    }.get(settings.kind, 0)
