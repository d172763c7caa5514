"""Stores and reads the chunks and marks of logs."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.logs.chunks import (
    CHUNK_BYTES,
    CODEC,
    Chunk,
    ChunkCutter,
    ChunkLines,
    Piece,
    SpoolPosition,
    decompress,
    unpack_times,
)
from core.builds.logs.marks import MarkKind, level_of
from core.builds.logs.system_lines import dropped_line
from core.builds.schemas import LONGEST_MESSAGE, BuildLog, LogLevel, LogSource, LogSummary
from core.builds.tables import BuildLogChunk, BuildLogMark
from core.database.tables import table_of

_CHUNK = table_of(BuildLogChunk)
_MARK = table_of(BuildLogMark)
_NEWLINE = re.compile(rb"\n")
_CACHED_CHUNKS = 32
_MOST_JOINED = 500

Mark = tuple[int, MarkKind]


async def append(
    session: AsyncSession, build_id: int, chunks: Sequence[Chunk], marks: Sequence[Mark]
) -> None:
    """Store chunks and marks."""
    if chunks:
        await session.execute(insert(_CHUNK), [_values(build_id, chunk) for chunk in chunks])
    if marks:
        rows = [
            {"build_id": build_id, "line": line, "kind": kind.value} for line, kind in marks
        ]
        await session.execute(insert(_MARK).prefix_with("OR IGNORE"), rows)


def _values(build_id: int, chunk: Chunk) -> dict[str, object]:
    return {
        "build_id": build_id,
        "sequence": chunk.sequence,
        "first_line": chunk.first_line,
        "line_count": chunk.line_count,
        "continued": chunk.continued,
        "first_ms": chunk.first_ms,
        "last_ms": chunk.last_ms,
        "codec": CODEC,
        "raw_size": len(chunk.raw),
        "times": chunk.times,
        "data": chunk.data,
    }


class LogReader:
    """Reads lines out of chunks; keeps the last few decompressed."""

    def __init__(self) -> None:
        self._cache: OrderedDict[tuple[int, int, int], tuple[int, ChunkLines]] = OrderedDict()

    async def lines(
        self, session: AsyncSession, build_id: int, *, first: int, count: int
    ) -> list[BuildLog]:
        """Return up to ``count`` stored lines from number ``first`` on."""
        result: list[BuildLog] = []
        while len(result) < count:
            wanted = first + len(result)
            found = await self._chunk_with(session, build_id, wanted)
            if found is None:
                break
            start, lines = found
            more = chunk_lines(build_id, start, lines, first=wanted, count=count - len(result))
            if not more:
                break
            result += more
        return await _with_sources(session, build_id, result)

    async def _chunk_with(
        self, session: AsyncSession, build_id: int, line: int
    ) -> tuple[int, ChunkLines] | None:
        place = (
            select(_CHUNK.c.id, _CHUNK.c.sequence, _CHUNK.c.raw_size)
            .where(
                _CHUNK.c.build_id == build_id,
                _CHUNK.c.first_line <= line,
                _CHUNK.c.line_count > 0,
            )
            .order_by(_CHUNK.c.first_line.desc())
            .limit(1)
        )
        found = (await session.execute(place)).first()
        if found is None:
            return None
        # Not by id alone: regrouping may give an id again.
        key = (build_id, found.sequence, found.raw_size)
        if key not in self._cache:
            row = (await session.execute(select(_CHUNK).where(_CHUNK.c.id == found.id))).one()
            raw = decompress(row.data, row.raw_size)
            lines = ChunkLines(raw, row.times, continued=row.continued)
            self._cache[key] = (row.first_line, lines)
            while len(self._cache) > _CACHED_CHUNKS:
                self._cache.popitem(last=False)
        self._cache.move_to_end(key)
        return self._cache[key]


def chunk_lines(
    build_id: int, start: int, chunk: ChunkLines, *, first: int, count: int
) -> list[BuildLog]:
    """Return the lines from number ``first`` on that begin in a chunk."""
    begin = first - start
    rows = chunk.lines[begin : begin + count]
    last = len(chunk.lines) - 1
    return [
        BuildLog(
            build_id=build_id,
            sequence_number=first + index,
            level=level_of(raw),
            timestamp=datetime.fromtimestamp(chunk.time_ms(begin + index) / 1000, UTC),
            message=raw[:LONGEST_MESSAGE].decode("utf-8", "replace"),
            cut=len(raw) > LONGEST_MESSAGE or (begin + index == last and _goes_on(chunk, raw)),
        )
        for index, raw in enumerate(rows)
    ]


def _goes_on(chunk: ChunkLines, raw: bytes) -> bool:
    return chunk.last_is_open and len(raw) >= CHUNK_BYTES


async def _with_sources(
    session: AsyncSession, build_id: int, lines: list[BuildLog]
) -> list[BuildLog]:
    if not lines:
        return lines
    query = select(_MARK.c.line).where(
        _MARK.c.build_id == build_id,
        _MARK.c.kind == MarkKind.SYSTEM.value,
        _MARK.c.line.between(lines[0].sequence_number, lines[-1].sequence_number),
    )
    own = set((await session.scalars(query)).all())
    return [as_system(line) if line.sequence_number in own else line for line in lines]


def as_system(line: BuildLog) -> BuildLog:
    """Return the line as one that Buildbench itself wrote."""
    return BuildLog(
        line.build_id,
        line.sequence_number,
        LogLevel.PLAIN,
        line.timestamp,
        line.message,
        LogSource.SYSTEM,
        line.cut,
    )


async def raw_log(session: AsyncSession, summary: LogSummary) -> AsyncIterator[bytes]:
    """Give the raw bytes of a log chunk by chunk, and a line where its middle was dropped."""
    sequence = -1
    gap = summary.dropped_first + summary.dropped_lines if summary.dropped_lines else None
    while True:
        query = (
            select(_CHUNK.c.sequence, _CHUNK.c.first_line, _CHUNK.c.data, _CHUNK.c.raw_size)
            .where(_CHUNK.c.build_id == summary.build_id, _CHUNK.c.sequence > sequence)
            .order_by(_CHUNK.c.sequence)
            .limit(1)
        )
        row = (await session.execute(query)).first()
        if row is None:
            return
        if gap is not None and row.first_line >= gap:
            gap = None
            yield dropped_line(summary.dropped_lines).encode()
        sequence = row.sequence
        yield await asyncio.to_thread(decompress, row.data, row.raw_size)


async def drop_middle(
    session: AsyncSession, build_id: int, *, head_bytes: int, excess: int
) -> tuple[int, int, int]:
    """Delete chunks behind the head until ``excess`` bytes are gone.

    Returns:
        The first line deleted, how many lines, and how many bytes.
    """
    before = func.sum(_CHUNK.c.raw_size).over(order_by=_CHUNK.c.sequence)
    sizes = select(
        _CHUNK.c.id, _CHUNK.c.first_line, _CHUNK.c.line_count, _CHUNK.c.raw_size,
        before.label("until"),
    ).where(_CHUNK.c.build_id == build_id)  # fmt: skip
    inner = sizes.subquery()
    query = select(inner).where(inner.c.until > head_bytes).order_by(inner.c.until)
    ids, first, lines, size = [], -1, 0, 0
    for row in await session.execute(query):
        if size >= excess:
            break
        first = row.first_line if first < 0 else first
        ids.append(row.id)
        lines += row.line_count
        size += row.raw_size
    await session.execute(delete(_CHUNK).where(_CHUNK.c.id.in_(ids)))
    return max(first, 0), lines, size


async def small_run(
    session: AsyncSession, build_id: int, after: int
) -> tuple[list[Row[Any]], int | None]:
    """Look for neighbouring chunks that do not fill one, among the next few hundred.

    Returns:
        Two or more chunks, or none; and the sequence to go on after, None at the end.
    """
    sizes = (
        select(_CHUNK.c.id, _CHUNK.c.sequence, _CHUNK.c.raw_size)
        .where(_CHUNK.c.build_id == build_id, _CHUNK.c.sequence > after)
        .order_by(_CHUNK.c.sequence)
        .limit(_MOST_JOINED)
    )
    run: list[int] = []
    size, last, looked_at = 0, -1, 0
    for found in await session.execute(sizes):
        if size + found.raw_size >= CHUNK_BYTES or (run and last + 1 != found.sequence):
            if len(run) > 1:
                break
            run, size = [], 0
        run.append(found.id)
        size, last, looked_at = size + found.raw_size, found.sequence, looked_at + 1
    following = last if looked_at else None
    if len(run) < 2:
        return [], following if looked_at == _MOST_JOINED else None
    query = select(_CHUNK).where(_CHUNK.c.id.in_(run)).order_by(_CHUNK.c.sequence)
    return list(await session.execute(query)), following


async def replace(
    session: AsyncSession, build_id: int, run: Sequence[Row[Any]], whole: Chunk
) -> bool:
    """Put one chunk in the place of several; False when they are not there any more."""
    gone = delete(_CHUNK).where(
        _CHUNK.c.build_id == build_id,
        _CHUNK.c.sequence.between(run[0].sequence, run[-1].sequence),
    )
    deleted = await session.execute(gone.returning(_CHUNK.c.id))
    if len(deleted.all()) != len(run):
        return False
    await append(session, build_id, [whole], [])
    return True


def regrouped(run: Sequence[Row[Any] | BuildLogChunk]) -> Chunk:
    """Return one chunk with the lines and times of several neighbouring ones."""
    first = run[0]
    cutter = ChunkCutter(
        sequence=first.sequence, line=first.first_line, open_line=first.continued
    )
    for chunk in run:
        raw = decompress(chunk.data, chunk.raw_size)
        for piece in _pieces(raw, chunk):
            for _full in cutter.feed(piece):
                raise ValueError("A run of small chunks is larger than one chunk.")
    (whole,) = cutter.flush(end=True)
    return whole


def _pieces(raw: bytes, chunk: Row[Any] | BuildLogChunk) -> list[Piece]:
    """Take a chunk apart at the lines where its times change."""
    offsets = [0, *(match.end() for match in _NEWLINE.finditer(raw))]
    shift = 1 if chunk.continued else 0
    pairs = unpack_times(chunk.times)
    # The last pair may stand for a line that begins in the next chunk only.
    begins = [*offsets, len(raw)]
    cuts = [0 if i == 0 else begins[min(line + shift, len(begins) - 1)]
            for i, (line, _ms) in enumerate(pairs)]  # fmt: skip
    ends = [*cuts[1:], len(raw)]
    return [
        Piece(ms, raw[start:end], SpoolPosition())
        for (_line, ms), start, end in zip(pairs, cuts, ends, strict=True)
    ]
