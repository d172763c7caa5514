"""Follows one running build: takes in its output, waits for its end, stores the truth.

Chunks and the position in the spool are committed together, so nothing is stored twice and
nothing is lost, wherever this process is killed. All writes are fenced by the lease of the
leader.
"""

import asyncio
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import Popen

from core.builds.artifacts.gathering import ArtifactGatherer, Gathered
from core.builds.logs.problems import keeping
from core.builds.logs.writer import TOPIC as LOG_TOPIC
from core.builds.logs.writer import LogBatch, LogWriter
from core.builds.repository import BuildRepository
from core.builds.running import results, supervision
from core.builds.running.border import DamagedBorderError
from core.builds.running.curve import TOPIC as CURVE_TOPIC
from core.builds.running.curve import CurveWriter
from core.builds.running.ends import Steps, final_state
from core.builds.running.intake import LogIntake
from core.builds.running.retries import queue_retry
from core.builds.running.samples import SampleBatch
from core.builds.running.source_writer import SourceWriter
from core.builds.schemas import (
    BuildFinished,
    BuildState,
    FailureReason,
    LogGrown,
    SamplesGrown,
)
from core.builds.tables import Build
from core.database.database import Database
from core.database.fields.times import utc_now
from core.database.leases import Fence
from core.events import EventBus

# A log that grows is looked at every 10 ms, a quiet one less and less often.
POLL_S, LONGEST_POLL_S, SLOWER = 0.01, 0.05, 1.25
LATE_START_S = 10.0
TOPIC = "builds"
_NUMBERS = (
    "spool_segment", "spool_offset", "spool_skip", "log_lines", "log_chunks", "log_bytes",
    "errors", "warnings", "dropped_first", "dropped_lines", "dropped_bytes",
    "samples_offset",
)  # fmt: skip

_log = logging.getLogger(__name__)


class BuildFollower:
    """Takes one build from its spool to its end.

    Args:
        build: The stored build, in state running or cancelling.
        folder: Its folder, the border to the supervisor.
        process: The supervisor, where this process started it.
        cap_bytes: How much raw log is kept at the most; the middle is dropped.
        gatherer: Takes what the build made.
        worker: Takes in the output of all builds; see ``LogIntake``.
        tidying: Held while a finished log is packed and looked through, one at a time.

    Raises:
        ValueError: The row says what cannot be about its log.
    """

    def __init__(
        self,
        *,
        database: Database,
        bus: EventBus,
        fence: Fence,
        build: Build,
        folder: Path,
        process: "Popen[bytes] | None",
        cap_bytes: int,
        gatherer: ArtifactGatherer,
        worker: ThreadPoolExecutor,
        tidying: asyncio.Lock,
    ) -> None:
        assert build.id is not None
        check_numbers(build)
        self.build_id: int = build.id
        self.intake = LogIntake(folder, build, worker)
        self._writer = LogWriter(database, bus, fence, build, cap_bytes)
        self._curve = CurveWriter(database, fence, build, folder)
        self._source = SourceWriter(database, fence, build, folder)
        self._gatherer = gatherer
        self._tidying = tidying
        self._steps = Steps(tuple(build.before_steps), tuple(build.after_steps))
        self.uid = build.uid
        self._started = build.started_at
        self._database = database
        self._bus = bus
        self._fence = fence
        self._folder = folder
        self._watch = supervision.SupervisorWatch(folder, process)

    @property
    def lines(self) -> int:
        """How many lines of the log can be read by now."""
        return self.intake.lines

    async def follow(self) -> None:
        """Run until the end of the build is stored.

        Raises:
            LeaseLostError: Another process leads now and follows this build.
        """
        self._watch.start()
        self._began = time.monotonic()
        curve = asyncio.create_task(self._curve.keep_taking_in())
        try:
            await self._follow_log()
            # Not cancelled: what it stores meanwhile must be known to have been stored.
            self._curve.end()
            await curve
            await self._finish()
        finally:
            curve.cancel()
            await asyncio.gather(curve, return_exceptions=True)
            self._watch.stop()
            await self._close()

    async def _follow_log(self) -> None:
        pause = POLL_S
        while True:
            alive = self._watch.alive() or self._may_start_late()
            before = self.lines
            await self._take_in()
            await self._source.take_in()
            if not alive:
                return
            grown = self.lines > before
            pause = POLL_S if grown else min(pause * SLOWER, LONGEST_POLL_S)
            await self._watch.wait(pause)

    async def _close(self) -> None:
        """Let go of all files: Windows deletes none that is open."""
        await self.intake.close()
        await self._curve.close()

    def _may_start_late(self) -> bool:
        """Tell whether a supervisor was started a moment ago by a process that died."""
        if self._watch.own or self._started is None or not self._folder.is_dir():
            return False
        told = (supervision.IDENTITY, results.RESULT)
        if any(os.path.lexists(self._folder / name) for name in told):
            return False
        age = (utc_now() - self._started).total_seconds()
        # A clock that was put back says nothing; then it is waited for as long from here.
        return age < LATE_START_S and time.monotonic() - self._began < LATE_START_S

    async def _take_in(self) -> None:
        """Store all that is spooled; the next batch is prepared while one is being stored."""
        storing: asyncio.Task[None] | None = None
        try:
            while self.intake.has_more():
                batch = await self.intake.next()
                if storing is not None:
                    await storing
                    storing = None
                if batch is None:
                    break
                if batch.chunks:
                    storing = asyncio.create_task(self._store(batch))
                self._tell_growth()
            if storing is not None:
                await storing
        finally:
            if storing is not None and not storing.done():
                storing.cancel()
                await asyncio.gather(storing, return_exceptions=True)

    async def _store(self, batch: LogBatch) -> None:
        await self._writer.write(batch)
        await self.intake.forget(batch)

    def _tell_growth(self) -> None:
        self._bus.publish(LogGrown(self.build_id, self.lines))

    async def _finish(self) -> None:
        result, damaged = None, False
        try:
            result = await asyncio.to_thread(results.read_result, self._folder)
        except DamagedBorderError as error:
            damaged = True
            _log.warning("Build %s left a damaged result: %s", self.uid, error)
        if result is None:
            swept = await asyncio.to_thread(supervision.abandon, self._folder)
            _log.warning("Build %s was lost; %d processes were ended", self.uid, swept)
        await self._take_in()
        cancels = (supervision.CANCEL, supervision.CANCEL_AGAIN)
        made = await self._gatherer.gather(
            self.build_id,
            self._fence,
            result=result,
            stop_files=[self._folder / name for name in cancels],
        )
        batch = await self.intake.last(lost=result is None, said=made.lines)
        samples = await self._curve.last()
        await self._writer.when_there_is_room(
            lambda: self._store_end(result, damaged, batch, samples, made)
        )
        await self._close()
        await asyncio.to_thread(supervision.remove_folder, self._folder)
        async with self._tidying:
            await self._writer.regroup()
            await keeping.find(self._database, self.build_id, self._fence)

    async def _store_end(
        self,
        result: results.Result | None,
        damaged: bool,
        last: LogBatch,
        samples: SampleBatch | None,
        made: Gathered,
    ) -> None:
        """Store the last of the log, how the build ended and what follows, together."""
        async with self._database.unit_of_work(fence=self._fence, patient=True) as unit:
            repository = BuildRepository(unit.session)
            build = await repository.find(self.build_id)
            if build is None:
                return
            if last.chunks:
                await self._writer.add(unit.session, last)
                unit.changed(LOG_TOPIC)
            usage = result.usage if result else None
            used = await self._curve.add(unit.session, samples, usage)
            if samples is not None:
                unit.changed(CURVE_TOPIC)
                unit.publish(SamplesGrown(self.build_id))
            state, reason, message = final_state(
                build.state, result, self._steps, damaged=damaged
            )
            if reason is FailureReason.CHECKOUT:
                message = self._source.refusal
            # Never before it started: the clock may have been put back meanwhile.
            started = build.started_at or utc_now()
            finished = max(utc_now(), started)
            duration = int((finished - started).total_seconds() * 1000)
            moved = await repository.move(
                self.build_id,
                from_states=(BuildState.RUNNING, BuildState.CANCELLING),
                state=state.value,
                reason=reason.value if reason else None,
                message=message,
                exit_code=result.exit_code if result else None,
                signal=result.signal if result else None,
                finished_at=finished,
                duration_ms=result.duration_ms if result else duration,
                **used,
                **made.values,
            )
            if moved:
                await made.add(unit.session, self.build_id)
                if state is BuildState.FAILED:
                    await queue_retry(unit, self.build_id)
            stored = await repository.find(self.build_id)
            assert stored is not None
            unit.changed(TOPIC)
            unit.publish(BuildFinished(stored))
            await unit.commit()
        self._tell_growth()


def check_numbers(build: Build) -> None:
    """Make sure that the log can be taken up where the row says.

    Raises:
        ValueError: It holds what no count or position can be.
    """
    for name in _NUMBERS:
        value = getattr(build, name)
        if not isinstance(value, int) or value < 0:
            raise ValueError(f"{name} is {value!r}"[:200])
