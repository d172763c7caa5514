"""Logs cut into chunks and read back, against a reference too simple to be wrong."""

import struct
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.builds.logs import chunks as log_chunks
from core.builds.logs import store as log_store
from core.builds.logs.chunks import (
    Chunk,
    ChunkCutter,
    ChunkLines,
    Piece,
    SpoolPosition,
    decompress,
    unpack_times,
)
from core.builds.running.spool import HEADER, SpoolReader
from core.builds.tables import BuildLogChunk
from core.database.database import Database
from core.errors import DatabaseError
from tests.core.running import Bench

SMALL = 64

_BYTES = st.lists(
    st.one_of(
        st.sampled_from([b"\n", b"\n\n", b"a", b"line\n", b"\x00\xff", b"x" * 70, b"\r\n"]),
        st.binary(max_size=20),
    ),
    max_size=12,
).map(b"".join)
_PIECES = st.lists(st.tuples(st.integers(0, 5), _BYTES), max_size=12)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make chunks so small that borders are met in a few bytes."""
    monkeypatch.setattr(log_chunks, "CHUNK_BYTES", SMALL)
    monkeypatch.setattr(log_store, "CHUNK_BYTES", SMALL)


def timed(steps: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Turn steps of time into times."""
    now, result = 1_000, []
    for step, data in steps:
        now += step
        result.append((now, data))
    return result


def reference(pieces: list[tuple[int, bytes]]) -> list[tuple[bytes, int]]:
    """Return each line with the time of its first byte, a byte at a time."""
    lines: list[tuple[bytearray, int]] = []
    at_start = True
    for time_ms, data in pieces:
        for byte in data:
            if at_start:
                lines.append((bytearray(), time_ms))
            at_start = byte == 10
            if not at_start:
                lines[-1][0].append(byte)
    return [(bytes(line), time_ms) for line, time_ms in lines]


def cut(pieces: list[tuple[int, bytes]], flushes: set[int]) -> list[Chunk]:
    """Cut pieces, with a flush after some of them and at the end."""
    cutter = ChunkCutter(sequence=0, line=0, open_line=False)
    chunks: list[Chunk] = []
    for index, (time_ms, data) in enumerate(pieces):
        chunks += cutter.feed(Piece(time_ms, data, SpoolPosition(0, index, 0)))
        if index in flushes:
            chunks += cutter.flush(end=False)
    return [*chunks, *cutter.flush(end=True)]


def read_back(chunks: list[Chunk]) -> list[tuple[bytes, int]]:
    """Return the lines and times that chunks hold, joined over their borders."""
    lines: list[tuple[bytes, int]] = []
    for chunk in chunks:
        assert chunk.first_line == len(lines)
        raw = decompress(chunk.data, len(chunk.raw))
        assert raw == chunk.raw
        if chunk.continued:
            head = raw.split(b"\n", 1)[0]
            lines[-1] = (lines[-1][0] + head, lines[-1][1])
        found = ChunkLines(raw, chunk.times, continued=chunk.continued)
        assert len(found.lines) == chunk.line_count
        lines += [(line, found.time_ms(i)) for i, line in enumerate(found.lines)]
    return lines


@given(_PIECES, st.sets(st.integers(0, 12)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_chunks_hold_every_byte_line_and_time(
    steps: list[tuple[int, bytes]], flushes: set[int]
) -> None:
    pieces = timed(steps)
    chunks = cut(pieces, flushes)
    assert b"".join(chunk.raw for chunk in chunks) == b"".join(data for _ms, data in pieces)
    assert [chunk.sequence for chunk in chunks] == list(range(len(chunks)))
    assert all(0 < len(chunk.raw) <= SMALL for chunk in chunks)
    assert read_back(chunks) == reference(pieces)


@given(_PIECES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tail_holds_what_waits(steps: list[tuple[int, bytes]]) -> None:
    pieces = timed(steps)
    cutter = ChunkCutter(sequence=0, line=0, open_line=False)
    stored: list[Chunk] = []
    for index, (time_ms, data) in enumerate(pieces):
        stored += cutter.feed(Piece(time_ms, data, SpoolPosition(0, index, 0)))
        expected = reference(pieces[: index + 1])
        tail = cutter.tail()
        assert b"".join(c.raw for c in stored) + tail.raw == b"".join(
            data for _ms, data in pieces[: index + 1]
        )
        if tail.raw:
            assert tail.first_line + tail.line_count == len(expected)
            waiting = ChunkLines(tail.raw, tail.times, continued=False)
            texts = [line for line, _ms in expected[tail.first_line :]]
            begin = 1 if cutter.open_line else 0
            assert waiting.lines[begin:] == texts[begin:]
            times = [waiting.time_ms(i) for i in range(len(waiting.lines))]
            assert times[begin:] == [ms for _line, ms in expected[tail.first_line :]][begin:]


def spool(folder: Path, pieces: list[tuple[int, bytes]], per_segment: int) -> None:
    """Write frames as a supervisor does, some to a segment."""
    for file in folder.glob("spool.*"):
        file.unlink()
    for index, (time_ms, data) in enumerate(pieces):
        with (folder / f"spool.{index // per_segment:06d}").open("ab") as segment:
            segment.write(HEADER.pack(time_ms, len(data), 0) + data)


def follow(
    folder: Path, cutter: ChunkCutter, position: SpoolPosition, limit: int
) -> list[Chunk]:
    """Take in a spool to its end."""
    reader = SpoolReader(folder, position)
    chunks: list[Chunk] = []
    while frames := reader.read(limit):
        for frame in frames:
            chunks += cutter.feed(Piece(frame.time_ms, frame.data, frame.position))
    reader.close()
    return [*chunks, *cutter.flush(end=True)]


@given(_PIECES, st.integers(1, 4), st.integers(1, 200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_any_chunk_is_a_place_to_go_on_from(
    tmp_path: Path, steps: list[tuple[int, bytes]], per_segment: int, limit: int
) -> None:
    pieces = [(ms, data) for ms, data in timed(steps) if data]
    spool(tmp_path, pieces, per_segment)
    fresh = ChunkCutter(sequence=0, line=0, open_line=False)
    chunks = follow(tmp_path, fresh, SpoolPosition(), limit)
    assert read_back(chunks) == reference(pieces)
    for index, chunk in enumerate(chunks):
        again = ChunkCutter(
            sequence=chunk.sequence + 1,
            line=chunk.first_line + chunk.line_count,
            open_line=not chunk.ends_line,
        )
        assert follow(tmp_path, again, chunk.end, limit) == chunks[index + 1 :]


def stored(chunk: Chunk) -> BuildLogChunk:
    """Return the row of a chunk."""
    return BuildLogChunk.model_validate(log_store._values(1, chunk))


@given(_PIECES, st.sets(st.integers(0, 12)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_regrouping_keeps_bytes_lines_and_times(
    steps: list[tuple[int, bytes]], flushes: set[int]
) -> None:
    pieces = timed(steps)
    chunks = cut(pieces, flushes)
    joined: list[Chunk] = []
    run: list[Chunk] = []
    for chunk in [*chunks, None]:
        if chunk is None or sum(len(c.raw) for c in run) + len(chunk.raw) >= SMALL:
            whole = [log_store.regrouped([stored(c) for c in run])] if len(run) > 1 else run
            joined += whole
            run = []
        if chunk is not None:
            run.append(chunk)
    assert b"".join(c.raw for c in joined) == b"".join(c.raw for c in chunks)
    assert read_back(joined) == reference(pieces)


def test_giant_line_without_newline() -> None:
    pieces = [(1_000 + i, b"x" * 50) for i in range(20)]
    chunks = cut(pieces, set(range(20)))
    assert [chunk.line_count for chunk in chunks] == [1, *[0] * (len(chunks) - 1)]
    assert [chunk.continued for chunk in chunks] == [False, *[True] * (len(chunks) - 1)]
    assert read_back(chunks) == [(b"x" * 1_000, 1_000)]


@given(_BYTES, st.integers(0, 30), st.integers(0, 40))
def test_pages_are_slices(raw: bytes, first: int, count: int) -> None:
    lines = ChunkLines(raw, struct.pack("<IQ", 0, 5_000), continued=False)
    expected = [line for line, _ms in reference([(0, raw)])]
    page = log_store.chunk_lines(7, 0, lines, first=first, count=count)
    assert [line.sequence_number for line in page] == list(
        range(first, min(first + count, len(expected)))
    )
    wanted = expected[first : first + count]
    assert [line.message for line in page] == [w.decode("utf-8", "replace") for w in wanted]
    assert all(line.timestamp.timestamp() == 5 for line in page)


async def _store(database: Database, build_id: int, chunks: list[Chunk]) -> None:
    async with database.unit_of_work() as unit:
        await unit.session.execute(text("DELETE FROM build_log_chunks"))
        await log_store.append(unit.session, build_id, chunks, [])
        await unit.commit()


async def test_reader_and_dropping_on_real_rows(bench: Bench) -> None:
    build = await bench.run("true")
    database = bench.workspace.database
    pieces = [(1_000 * i, b"%d\n" % i * (i % 3) + b"y" * (i * 7 % 90)) for i in range(60)]
    expected = reference(pieces)
    chunks = cut(pieces, set(range(0, 60, 4)))
    await _store(database, build.id, chunks)
    for first in range(0, len(expected), 7):
        async with database.read(snapshot=True) as session:
            lines = await log_store.LogReader().lines(session, build.id, first=first, count=11)
        assert len(lines) == len(expected[first : first + 11])
        for line, (raw, time_ms) in zip(lines, expected[first:], strict=False):
            whole = raw.decode()
            assert whole == line.message or (line.cut and whole.startswith(line.message))
            assert line.timestamp.timestamp() * 1000 == time_ms
    async with database.unit_of_work() as unit:
        first, lines_gone, size = await log_store.drop_middle(
            unit.session, build.id, head_bytes=500, excess=1_000
        )
        await unit.commit()
    raw = b"".join(data for _ms, data in pieces)
    async with database.read() as session:
        rows = (await session.execute(text(
            "SELECT sequence, raw_size, first_line FROM build_log_chunks ORDER BY sequence"
        ))).all()  # fmt: skip
    kept = {row.sequence for row in rows}
    gone = [chunk for chunk in chunks if chunk.sequence not in kept]
    assert size == sum(len(chunk.raw) for chunk in gone) >= 1_000
    assert size - len(gone[-1].raw) < 1_000
    assert [c.sequence for c in gone] == list(range(gone[0].sequence, gone[-1].sequence + 1))
    assert (first, lines_gone) == (gone[0].first_line, sum(c.line_count for c in gone))
    head = b"".join(chunk.raw for chunk in chunks[: gone[0].sequence])
    assert raw.startswith(head)
    assert 500 - SMALL < len(head) <= 500


async def test_small_runs_are_those_that_fit(bench: Bench) -> None:
    build = await bench.run("true")
    chunks = cut([(i, b"%03d\n" % i) for i in range(30)], set(range(30)))
    missing = [chunk for chunk in chunks if chunk.sequence != 5]
    await _store(bench.workspace.database, build.id, missing)
    async with bench.workspace.database.read() as session:
        run, after = await log_store.small_run(session, build.id, -1)
        assert ([chunk.sequence for chunk in run], after) == ([0, 1, 2, 3, 4], 4)
        run, after = await log_store.small_run(session, build.id, 4)
        assert ([chunk.sequence for chunk in run], after) == (list(range(6, 21)), 20)
        assert await log_store.small_run(session, build.id, 28) == ([], None)


async def test_damaged_chunks_are_refused() -> None:
    """Fails when a frame is unpacked to the size that it declares itself: a bomb."""
    bomb = zstandard.ZstdCompressor().compress(b"x" * 64 * 1024 * 1024)
    for data, raw_size in ((bomb, 100), (bomb, 64 * 1024 * 1024), (b"no frame", 8), (b"", 0)):
        with pytest.raises(DatabaseError):
            decompress(data, raw_size)
    for packed in (b"odd", struct.pack("<IQ", 0, 2**63)):
        with pytest.raises(DatabaseError):
            unpack_times(packed)
