"""Takes in what a supervisor spools: frames become chunks, marks and the tail on screen."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.builds.logs.chunks import Chunk, ChunkCutter, Piece, SpoolPosition, Tail
from core.builds.logs.marks import COUNTED, MOST_MARKS, MarkKind, find_marks
from core.builds.logs.system_lines import system_line
from core.builds.logs.unstored import Unstored
from core.builds.logs.writer import LogBatch
from core.builds.running.spool import SOURCE_SYSTEM, Frame, SpoolReader
from core.builds.tables import Build
from core.completion import to_the_end

BATCH_BYTES = 8 * 1024 * 1024
CHUNK_AGE_S = 1.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Cut:
    """What one reading gave; ``own_lines`` are those of Buildbench within the chunks."""

    frames: int
    chunks: list[Chunk]
    own_lines: list[int]


class LogIntake:
    """Reads one spool from where the stored log ends.

    Args:
        folder: The folder of the build.
        build: The row that says how far its log was stored.
        worker: The one thread that reads, cuts, compresses and looks for marks, for all
            builds. With threads for each, four builds that print at once held up the window
            for 55 ms in place of 39, and none of them was faster.
    """

    def __init__(self, folder: Path, build: Build, worker: ThreadPoolExecutor) -> None:
        self._worker = worker
        position = SpoolPosition(build.spool_segment, build.spool_offset, build.spool_skip)
        self._spool = SpoolReader(folder, position)
        self._segment = position.segment
        self._cutter = ChunkCutter(
            sequence=build.log_chunks,
            line=build.log_lines,
            open_line=build.log_open,
            offset=build.log_bytes,
        )
        self._counts = {
            "errors": build.errors,
            "warnings": build.warnings,
            "log_bytes": build.log_bytes,
        }
        self._room = dict(MOST_MARKS)
        for kind, name in COUNTED.items():
            self._room[kind] -= self._counts[name]
        # A worker thread adds what it cut at the right; what is stored leaves at the left.
        self._chunks: deque[Chunk] = deque()
        self._own_lines: deque[int] = deque()
        self._reading: asyncio.Future[_Cut] | None = None
        self._tail = Tail(build.log_lines, b"", b"", build.log_bytes)
        self._waits_since: float | None = None

    @property
    def lines(self) -> int:
        """How many lines can be read: those stored, and those that are not yet."""
        tail = self._tail
        return tail.first_line + tail.line_count

    def unstored(self) -> Unstored:
        """Return what is not in the database yet."""
        # The tail first: what is cut from it meanwhile is then found in both, not in none.
        tail = self._tail
        return Unstored(tuple(self._chunks.copy()), tail, frozenset(self._own_lines.copy()))

    def has_more(self) -> bool:
        """Tell cheaply whether the next batch may hold something."""
        return self._reading is not None or self._spool.has_more() or self._tail_is_old()

    async def next(self) -> LogBatch | None:
        """Return the next batch, which may be without chunks; None when nothing new came."""
        reading = self._reading or self._work(self._read)
        self._reading = reading
        cut = await to_the_end(reading)
        self._reading = None
        # Half a frame counts as more for ever: nothing may still be read when ``last`` begins.
        if not cut.frames and not cut.chunks:
            return None
        if self._spool.has_more():
            self._reading = self._work(self._read)
        return await self._batch(cut)

    async def last(self, *, lost: bool, said: Sequence[str] = ()) -> LogBatch:
        """Return what is left at the end of the build.

        Args:
            lost: The supervisor is dead, and may have left a frame that is not whole.
            said: Lines of Buildbench itself, which end the log.
        """
        return await self._batch(await to_the_end(self._work(self._read_end, lost, said)))

    def _work(self, call: Callable[..., T], *arguments: object) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._worker, call, *arguments)

    async def forget(self, batch: LogBatch) -> None:
        """Let go of what is stored now, in memory and in the spool."""
        position = batch.chunks[-1].end
        for chunk in batch.chunks:
            self._chunks.popleft()
            while self._own_lines and self._own_lines[0] < chunk.first_line + chunk.line_count:
                self._own_lines.popleft()
        if position.segment > self._segment:
            self._segment = position.segment
            await self._work(self._spool.remove_before, position.segment)

    async def close(self) -> None:
        """Close the spool, once nobody reads it any more."""
        reading, self._reading = self._reading, None
        if reading is not None:
            await to_the_end(reading)
        self._spool.close()

    def _tail_is_old(self) -> bool:
        """Tell whether whole lines wait for long; a part of a line waits for its end."""
        if self._waits_since is None or time.monotonic() - self._waits_since <= CHUNK_AGE_S:
            return False
        return b"\n" in self._tail.raw

    def _read(self) -> _Cut:
        frames = self._spool.read(BATCH_BYTES)
        chunks = self._cut(frames)
        if not frames and self._tail_is_old():
            chunks += self._cutter.flush(end=False)
        return self._as_cut(len(frames), chunks)

    def _read_end(self, lost: bool, said: Sequence[str] = ()) -> _Cut:
        torn = self._spool.read_torn() if lost else None
        chunks = self._cut([torn]) if torn is not None else []
        now_ms = int(time.time() * 1000)
        for words in said:
            line = self._own_line(words)
            chunks += self._cutter.feed(Piece(now_ms, line, self._spool.position))
        chunks += self._cutter.flush(end=True)
        return self._as_cut(0, chunks)

    def _as_cut(self, frames: int, chunks: list[Chunk]) -> _Cut:
        own: list[int] = []
        if chunks:
            begin, end = chunks[0].first_line, self._cutter.line
            own = [line for line in self._own_lines.copy() if begin <= line < end]
        # Not by the times of frames: the clock may be put back, and the tail would wait.
        if self._cutter.oldest_ms is None:
            self._waits_since = None
        elif chunks or self._waits_since is None:
            self._waits_since = time.monotonic()
        self._chunks.extend(chunks)
        self._tail = self._cutter.tail()
        return _Cut(frames, chunks, own)

    def _cut(self, frames: Sequence[Frame]) -> list[Chunk]:
        chunks: list[Chunk] = []
        for frame in frames:
            data = self._system_line(frame) if frame.source == SOURCE_SYSTEM else frame.data
            chunks += self._cutter.feed(Piece(frame.time_ms, data, frame.position))
        return chunks

    def _system_line(self, frame: Frame) -> bytes:
        return self._own_line(_words(frame.data))

    def _own_line(self, words: str) -> bytes:
        tail = self._cutter.tail()
        open_line = self._cutter.open_line if not tail.raw else not tail.raw.endswith(b"\n")
        number = tail.first_line + tail.line_count if tail.raw else self._cutter.line
        self._own_lines.append(number)
        return (
            (b"\n" if open_line else b"")
            + words.replace("\n", " ").encode("utf-8", "replace")
            + b"\n"
        )

    async def _batch(self, cut: _Cut) -> LogBatch:
        batch = LogBatch(cut.chunks, [(line, MarkKind.SYSTEM) for line in cut.own_lines])
        if cut.chunks:
            await to_the_end(self._work(self._complete, batch))
        return batch

    def _complete(self, batch: LogBatch) -> None:
        """Compress the chunks and find their marks."""
        for chunk in batch.chunks:
            _ = chunk.data
            found = find_marks(
                chunk.raw,
                first_line=chunk.first_line,
                continued=chunk.continued,
                room=self._room,
            )
            for line, kind in found:
                batch.marks.append((line, kind))
                if kind in COUNTED:
                    self._counts[COUNTED[kind]] += 1
            self._counts["log_bytes"] += len(chunk.raw)
        batch.counts = dict(self._counts)


def _words(event: bytes) -> str:
    try:
        return system_line(event)
    except (RecursionError, OverflowError):
        return event.decode("utf-8", "replace").replace("\n", " ")
