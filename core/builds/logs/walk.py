"""Goes through a whole log, stored or not yet, in stretches of whole lines.

A stretch is read, decompressed and worked on in a worker thread; most are one chunk. Lines
that go on in further chunks are put together; of a line of more than ``LONGEST_STRETCH``
chunks, the next stretch begins with the end of the one before.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.logs.chunks import decompress
from core.builds.logs.unstored import Unstored
from core.builds.tables import Build, BuildLogChunk
from core.completion import to_the_end
from core.database.tables import table_of

LONGEST_STRETCH = 16
SEEN_AGAIN_BYTES = 64 * 1024

_BATCH = 16
_THREADS = 2
_CHUNK = table_of(BuildLogChunk)
_COLUMNS = (
    _CHUNK.c.sequence, _CHUNK.c.first_line, _CHUNK.c.line_count, _CHUNK.c.continued,
    _CHUNK.c.raw_size, _CHUNK.c.data,
)  # fmt: skip

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """A chunk, or output that is in none yet.

    ``line`` is the number of the line of its first byte, ``following`` that of the line
    after its last; ``continued`` says that it begins within its first line. ``raw_size`` is
    None where ``data`` is not compressed.
    """

    line: int
    following: int
    continued: bool
    data: bytes
    raw_size: int | None = None

    def raw(self) -> bytes:
        """Return its bytes."""
        return self.data if self.raw_size is None else decompress(self.data, self.raw_size)

    def is_continued_by(self, other: "Part") -> bool:
        """Tell whether the last line here goes on there."""
        return other.continued and other.line == self.following - 1


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring parts; all but the last end within a line.

    ``before`` is the part whose last line goes on here, where a line is too long for one
    stretch.
    """

    parts: tuple[Part, ...]
    before: Part | None = None

    def read(self) -> tuple[int, bytes]:
        """Return the number of the first line, and the bytes of the lines.

        Bytes of a line whose beginning was dropped from the log are left out.
        """
        raw = b"".join(part.raw() for part in self.parts)
        first = self.parts[0]
        if self.before is not None:
            last_line = self.before.raw().rpartition(b"\n")[2]
            return first.line, last_line[-SEEN_AGAIN_BYTES:] + raw
        if first.continued:
            return first.line + 1, raw.partition(b"\n")[2]
        return first.line, raw


class _Stretching:
    """Puts parts together, in order."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._before: Part | None = None

    def add(self, part: Part) -> Iterator[Stretch]:
        """Take in the next part; give the stretch that ends before it."""
        goes_on = bool(self._parts) and self._parts[-1].is_continued_by(part)
        if self._parts and (not goes_on or len(self._parts) == LONGEST_STRETCH):
            before = self._parts[-1] if goes_on else None
            yield from self.end()
            self._before = before
        self._parts.append(part)

    def end(self) -> Iterator[Stretch]:
        """Give what is left."""
        if self._parts:
            yield Stretch(tuple(self._parts), self._before)
        self._parts, self._before = [], None


async def each_stretch(
    session: AsyncSession, build: Build, unstored: Unstored | None, work: Callable[[Stretch], T]
) -> AsyncGenerator[T, None]:
    """Work on all stretches of a log, two at a time; give what comes of each, in order.

    A cancellation stops within some chunks. The session must see one state, as chunks are
    regrouped at the end of a build.

    Args:
        unstored: What was not stored when it was looked at, before the session began.
        work: Called in worker threads.
    """
    batches = _batches(session, build, unstored)
    batch = await anext(batches, None)
    while batch is not None:
        following = asyncio.ensure_future(anext(batches, None))
        try:
            done = await asyncio.gather(
                *(
                    asyncio.to_thread(_work_on, work, batch[i::_THREADS])
                    for i in range(_THREADS)
                )
            )
        finally:
            # The session is of no use to others while it reads.
            batch = await to_the_end(following)
        for index in range(sum(map(len, done))):
            yield done[index % _THREADS][index // _THREADS]


def _work_on(work: Callable[[Stretch], T], stretches: Sequence[Stretch]) -> list[T]:
    return [work(stretch) for stretch in stretches]


async def _batches(
    session: AsyncSession, build: Build, unstored: Unstored | None
) -> AsyncIterator[list[Stretch]]:
    stretching = _Stretching()
    sequence = -1
    while rows := await _rows(session, build, sequence):
        yield [ready for row in rows for ready in stretching.add(_stored(row))]
        sequence = rows[-1].sequence
    rest = unstored_parts(unstored, build) if unstored else ()
    yield [*(ready for part in rest for ready in stretching.add(part)), *stretching.end()]


async def _rows(session: AsyncSession, build: Build, after: int) -> Sequence[Row[Any]]:
    query = (
        select(*_COLUMNS)
        .where(_CHUNK.c.build_id == build.id, _CHUNK.c.sequence > after)
        .order_by(_CHUNK.c.sequence)
        .limit(_BATCH)
    )
    return list(await session.execute(query))


def _stored(row: Row[Any]) -> Part:
    return Part(
        line=row.first_line - (1 if row.continued else 0),
        following=row.first_line + row.line_count,
        continued=bool(row.continued),
        data=row.data,
        raw_size=row.raw_size,
    )


def unstored_parts(unstored: Unstored, build: Build) -> Iterator[Part]:
    """Give what follows the log that is stored, as the row of its build tells."""
    line, open_line, chunk, offset = (
        build.log_lines, build.log_open, build.log_chunks, build.log_bytes
    )  # fmt: skip
    for one in unstored.chunks:
        if one.sequence == chunk:
            following = one.first_line + one.line_count
            yield Part(one.first_line - one.continued, following, one.continued, one.raw)
            chunk, offset = chunk + 1, offset + len(one.raw)
            line, open_line = following, not one.ends_line
    if rest := unstored.tail.after(offset):
        begun = rest.count(b"\n") + (not rest.endswith(b"\n")) - open_line
        yield Part(line - open_line, line + begun, open_line, rest)
