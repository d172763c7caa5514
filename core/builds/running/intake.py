"""Takes in what a supervisor spools: frames become chunks, marks and the tail on screen."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from core.builds.logs.chunks import Chunk, ChunkCutter, Piece, SpoolPosition, Tail
from core.builds.logs.marks import MOST_MARKS, MarkKind, find_marks
from core.builds.logs.system_lines import system_line
from core.builds.logs.writer import LogBatch
from core.builds.running.spool import SOURCE_SYSTEM, Frame, SpoolReader
from core.builds.tables import Build
from core.completion import to_the_end

BATCH_BYTES = 8 * 1024 * 1024
CHUNK_AGE_MS = 1_000


class LogIntake:
    """Reads one spool from where the stored log ends.

    Reading, compressing and searching run in worker threads, the last two side by side;
    what is not in a chunk yet is the ``tail``.
    """

    def __init__(self, folder: Path, build: Build) -> None:
        position = SpoolPosition(build.spool_segment, build.spool_offset, build.spool_skip)
        self._spool = SpoolReader(folder, position)
        self._segment = position.segment
        self._cutter = ChunkCutter(
            sequence=build.log_chunks, line=build.log_lines, open_line=build.log_open
        )
        self._counts = {
            "errors": build.errors,
            "warnings": build.warnings,
            "log_bytes": build.log_bytes,
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

    def has_more(self) -> bool:
        """Tell cheaply whether the next batch may hold something."""
        return self._spool.has_more() or self._tail_is_old()

    async def next(self) -> LogBatch | None:
        """Return the next batch, which may be without chunks; None when nothing new came."""
        # To its end: whoever is cancelled closes the spool.
        frames, chunks = await to_the_end(asyncio.to_thread(self._read))
        if not frames and not chunks:
            return None
        return await self._batch(chunks)

    async def last(self, *, lost: bool) -> LogBatch:
        """Return what is left at the end of the build.

        Args:
            lost: The supervisor is dead, and may have left a frame that is not whole.
        """
        return await self._batch(await to_the_end(asyncio.to_thread(self._read_end, lost)))

    async def forget_before(self, position: SpoolPosition) -> None:
        """Delete the segments of the spool that are stored to their ends."""
        if position.segment > self._segment:
            self._segment = position.segment
            await asyncio.to_thread(self._spool.remove_before, position.segment)

    def close(self) -> None:
        """Close the spool."""
        self._spool.close()

    def _tail_is_old(self) -> bool:
        oldest = self._cutter.oldest_ms
        return oldest is not None and time.time() * 1000 - oldest > CHUNK_AGE_MS

    def _read(self) -> tuple[int, list[Chunk]]:
        frames = self._spool.read(BATCH_BYTES)
        chunks = self._cut(frames)
        if not frames and self._tail_is_old():
            chunks += self._cutter.flush(end=False)
        self.tail = self._cutter.tail()
        return len(frames), chunks

    def _read_end(self, lost: bool) -> list[Chunk]:
        torn = self._spool.read_torn() if lost else None
        chunks = self._cut([torn]) if torn is not None else []
        chunks += self._cutter.flush(end=True)
        self.tail = self._cutter.tail()
        return chunks

    def _cut(self, frames: Sequence[Frame]) -> list[Chunk]:
        chunks: list[Chunk] = []
        for frame in frames:
            data = self._system_line(frame) if frame.source == SOURCE_SYSTEM else frame.data
            chunks += self._cutter.feed(Piece(frame.time_ms, data, frame.position))
        return chunks

    def _system_line(self, frame: Frame) -> bytes:
        tail = self._cutter.tail()
        open_line = self._cutter.open_line if not tail.raw else not tail.raw.endswith(b"\n")
        number = tail.first_line + tail.line_count if tail.raw else self._cutter.line
        self._own_lines.append(number)
        return (b"\n" if open_line else b"") + system_line(frame.data).encode() + b"\n"

    async def _batch(self, chunks: list[Chunk]) -> LogBatch:
        batch = LogBatch(chunks)
        if chunks:
            await to_the_end(self._complete(batch))
        return batch

    async def _complete(self, batch: LogBatch) -> None:
        await asyncio.gather(
            asyncio.to_thread(_compress, batch.chunks), asyncio.to_thread(self._mark, batch)
        )

    def _mark(self, batch: LogBatch) -> None:
        for chunk in batch.chunks:
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
            end = chunk.first_line + chunk.line_count
            batch.marks += [(n, MarkKind.SYSTEM) for n in self._own_lines if n < end]
            self._own_lines = [n for n in self._own_lines if n >= end]
        batch.counts = dict(self._counts)


def _compress(chunks: Sequence[Chunk]) -> None:
    for chunk in chunks:
        _ = chunk.data
