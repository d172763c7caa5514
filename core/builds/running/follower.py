"""Follows one running build: takes in its output, waits for its end, stores the truth.

Chunks and the position in the spool are committed together, so nothing is stored twice and
nothing is lost, wherever this process is killed. All writes are fenced by the lease of the
leader.
"""

import asyncio
import logging
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from core.builds.logs import store as log_store
from core.builds.logs.chunks import Chunk, ChunkCutter, Piece, SpoolPosition, Tail
from core.builds.logs.marks import MOST_MARKS, MarkKind, find_marks
from core.builds.logs.system_lines import system_line
from core.builds.repository import BuildRepository
from core.builds.running import supervision
from core.builds.running.ends import final_state
from core.builds.running.spool import SOURCE_SYSTEM, Frame, SpoolReader
from core.builds.schemas import BuildFinished, BuildState, LogGrown
from core.builds.tables import Build
from core.completion import to_the_end
from core.database.columns import utc_now
from core.database.database import Database
from core.database.leases import Fence
from core.errors import DatabaseError, DiskFullError
from core.events import EventBus, NoticeRaised
from core.translation import _

POLL_S = 0.05
BATCH_BYTES = 4 * 1024 * 1024
CHUNK_AGE_MS = 1_000
LATE_START_S = 10.0
RETRY_S = 0.5
TOPIC, LOG_TOPIC = "builds", "build_logs"

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Batch:
    """What one turn of reading gave: chunks to store, or nothing new.

    ``counts`` is how much the log holds with these chunks, and without what is read while
    they are being stored.
    """

    chunks: list[Chunk] = field(default_factory=list)
    marks: list[log_store.Mark] = field(default_factory=list)
    frames: int = 0
    counts: dict[str, int] = field(default_factory=dict)


class BuildFollower:
    """Takes one build from its spool to its end.

    Args:
        build: The stored build, in state running or cancelling.
        folder: Its folder, the border to the supervisor.
        process: The supervisor, where this process started it.
        cap_bytes: How much raw log is kept at the most; the middle is dropped.
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
    ) -> None:
        assert build.id is not None
        self.build_id: int = build.id
        self._uid = build.uid
        self._started = build.started_at
        self._database = database
        self._bus = bus
        self._fence = fence
        self._folder = folder
        self._cap_bytes = cap_bytes
        self._watch = supervision.SupervisorWatch(folder, process)
        self._position = SpoolPosition(
            build.spool_segment, build.spool_offset, build.spool_skip
        )
        self._spool = SpoolReader(folder, self._position)
        self._cutter = ChunkCutter(
            sequence=build.log_chunks, line=build.log_lines, open_line=build.log_open
        )
        self._stored_bytes = build.log_bytes - build.dropped_bytes
        self._counts = {
            "errors": build.errors,
            "warnings": build.warnings,
            "log_bytes": build.log_bytes,
        }
        self._dropped = {
            "dropped_first": build.dropped_first,
            "dropped_lines": build.dropped_lines,
            "dropped_bytes": build.dropped_bytes,
        }
        # The lines of Buildbench itself that are not in a chunk yet.
        self._own_lines: list[int] = []
        self.tail = Tail(build.log_lines, b"", b"")

    @property
    def own_lines(self) -> tuple[int, ...]:
        """The lines of ``tail`` that Buildbench itself wrote."""
        return tuple(self._own_lines)

    @property
    def lines(self) -> int:
        """How many lines the log has so far, stored or not."""
        return self.tail.first_line + self.tail.line_count

    async def follow(self) -> None:
        """Run until the end of the build is stored.

        Raises:
            LeaseLostError: Another process leads now and follows this build.
        """
        self._watch.start()
        try:
            while True:
                alive = self._watch.alive() or self._may_start_late()
                await self._take_in()
                if not alive:
                    break
                await self._watch.wait(POLL_S)
            await self._finish()
        finally:
            self._watch.stop()
            self._spool.close()

    def _may_start_late(self) -> bool:
        """Tell whether a supervisor was started a moment ago by a process that died."""
        if (self._folder / supervision.IDENTITY).exists() or self._started is None:
            return False
        if supervision.read_result(self._folder) is not None:
            return False
        age = (utc_now() - self._started).total_seconds()
        return 0 <= age < LATE_START_S

    async def _take_in(self) -> None:
        """Store all that is spooled; the next batch is prepared while one is being stored."""
        storing: asyncio.Task[None] | None = None
        try:
            while self._spool.has_more() or self._tail_is_old():
                # To its end: the spool is closed when this task is cancelled.
                batch = await to_the_end(asyncio.to_thread(self._prepare))
                if storing is not None:
                    await storing
                    storing = None
                if batch.chunks:
                    storing = asyncio.create_task(self._store(batch))
                elif not batch.frames:
                    break
                self._tell_growth()
            if storing is not None:
                await storing
        finally:
            if storing is not None and not storing.done():
                storing.cancel()
                await asyncio.gather(storing, return_exceptions=True)

    def _tail_is_old(self) -> bool:
        oldest = self._cutter.oldest_ms
        return oldest is not None and time.time() * 1000 - oldest > CHUNK_AGE_MS

    def _prepare(self) -> _Batch:
        frames = self._spool.read(BATCH_BYTES)
        batch = _Batch(frames=len(frames))
        self._cut(frames, batch)
        if not frames and self._tail_is_old():
            self._add(batch, list(self._cutter.flush(end=False)))
        self.tail = self._cutter.tail()
        return batch

    def _cut(self, frames: Sequence[Frame], batch: _Batch) -> None:
        for frame in frames:
            data = frame.data
            if frame.source == SOURCE_SYSTEM:
                data = self._system_line(frame)
            chunks = list(self._cutter.feed(Piece(frame.time_ms, data, frame.position)))
            self._add(batch, chunks)

    def _system_line(self, frame: Frame) -> bytes:
        tail = self._cutter.tail()
        open_line = self._cutter.open_line if not tail.raw else not tail.raw.endswith(b"\n")
        number = tail.first_line + tail.line_count if tail.raw else self._cutter.line
        self._own_lines.append(number)
        return (b"\n" if open_line else b"") + system_line(frame.data).encode() + b"\n"

    def _add(self, batch: _Batch, chunks: list[Chunk]) -> None:
        for chunk in chunks:
            found = find_marks(
                chunk.raw,
                first_line=chunk.first_line,
                continued=chunk.continued,
                most=max(0, MOST_MARKS - self._counts["errors"] - self._counts["warnings"]),
            )
            for line, kind in found:
                batch.marks.append((line, kind))
                self._counts["errors" if kind is MarkKind.ERROR else "warnings"] += 1
            self._counts["log_bytes"] += len(chunk.raw)
            stored = chunk.first_line + chunk.line_count
            batch.marks += [(n, MarkKind.SYSTEM) for n in self._own_lines if n < stored]
            self._own_lines = [n for n in self._own_lines if n >= stored]
        batch.chunks += chunks
        batch.counts = dict(self._counts)

    async def _store(self, batch: _Batch) -> None:
        """Commit a batch; a full disk is waited for, the spool keeps what comes."""
        told = False
        while True:
            try:
                await self._commit(batch)
                break
            except DiskFullError as error:
                if not told:
                    told = True
                    detail = _("Running builds wait for room; nothing of their logs is lost.")
                    self._bus.publish(NoticeRaised(error.title, detail, error.hint))
                await asyncio.sleep(RETRY_S)
        last = batch.chunks[-1].end
        if last.segment > self._position.segment:
            await asyncio.to_thread(self._spool.remove_before, last.segment)
        self._position = last

    async def _commit(self, batch: _Batch) -> None:
        dropped = dict(self._dropped)
        stored = self._stored_bytes + sum(len(chunk.raw) for chunk in batch.chunks)
        async with self._database.unit_of_work(fence=self._fence, patient=True) as unit:
            await log_store.append(unit.session, self.build_id, batch.chunks, batch.marks)
            if stored > self._cap_bytes:
                first, lines, size = await log_store.drop_middle(
                    unit.session,
                    self.build_id,
                    head_bytes=self._cap_bytes // 2,
                    excess=stored - self._cap_bytes,
                )
                stored -= size
                if not dropped["dropped_bytes"]:
                    dropped["dropped_first"] = first
                dropped["dropped_lines"] += lines
                dropped["dropped_bytes"] += size
            last = batch.chunks[-1]
            progress = {
                **batch.counts,
                **dropped,
                "log_lines": last.first_line + last.line_count,
                "log_chunks": last.sequence + 1,
                "log_open": not last.ends_line,
                "spool_segment": last.end.segment,
                "spool_offset": last.end.offset,
                "spool_skip": last.end.skip,
            }
            await BuildRepository(unit.session).set_progress(self.build_id, progress)
            unit.changed(LOG_TOPIC)
            await unit.commit()
        self._stored_bytes, self._dropped = stored, dropped

    def _tell_growth(self) -> None:
        self._bus.publish(LogGrown(self.build_id, self.lines))

    async def _finish(self) -> None:
        result = await asyncio.to_thread(supervision.read_result, self._folder)
        if result is None:
            swept = await asyncio.to_thread(self._abandon)
            _log.warning("Build %s was lost; %d processes were ended", self._uid, swept)
        await self._take_in()
        batch = await to_the_end(asyncio.to_thread(self._last_batch, result is None))
        if batch.chunks:
            await self._store(batch)
        self._tell_growth()
        await self._store_end(result)
        await asyncio.to_thread(shutil.rmtree, self._folder, True)
        await self._regroup()

    def _abandon(self) -> int:
        """End what a dead supervisor left; return how many processes there were.

        Without a folder nothing was started from here: in the copy of a workspace the
        processes with this cookie are those of the original.
        """
        if not self._folder.exists():
            return 0
        supervision.mark_abandoned(self._folder)
        return supervision.sweep(self._uid)

    def _last_batch(self, lost: bool) -> _Batch:
        batch = _Batch()
        torn = self._spool.read_torn() if lost else None
        if torn is not None:
            self._cut([torn], batch)
        self._add(batch, list(self._cutter.flush(end=True)))
        self.tail = self._cutter.tail()
        return batch

    async def _store_end(self, result: supervision.Result | None) -> None:
        async with self._database.unit_of_work(fence=self._fence, patient=True) as unit:
            repository = BuildRepository(unit.session)
            build = await repository.find(self.build_id)
            if build is None:
                return
            state, reason, message = final_state(build.state, result)
            finished = utc_now()
            started = build.started_at or finished
            duration = int((finished - started).total_seconds() * 1000)
            await repository.move(
                self.build_id,
                from_states=(BuildState.RUNNING, BuildState.CANCELLING),
                state=state.value,
                reason=reason.value if reason else None,
                message=message,
                exit_code=result.exit_code if result else None,
                signal=result.signal if result else None,
                finished_at=finished,
                duration_ms=result.duration_ms if result else max(duration, 0),
            )
            stored = await repository.find(self.build_id)
            assert stored is not None
            unit.changed(TOPIC)
            unit.publish(BuildFinished(stored))
            await unit.commit()

    async def _regroup(self) -> None:
        """Join the small chunks that a slow build left."""
        after = -1
        try:
            while True:
                async with self._database.unit_of_work(fence=self._fence, patient=True) as unit:
                    run = await log_store.small_run(unit.session, self.build_id, after)
                    if not run:
                        return
                    whole = log_store.regrouped(run)
                    for chunk in run:
                        await unit.session.delete(chunk)
                    await unit.session.flush()
                    await log_store.append(unit.session, self.build_id, [whole], [])
                    await unit.commit()
                after = whole.sequence
        except DatabaseError as error:
            _log.warning("Log of build %s was not regrouped: %s", self._uid, error.title)
