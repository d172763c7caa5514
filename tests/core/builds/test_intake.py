"""When there is something to take in, and when a worker thread is asked for nothing."""

import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from core.builds.running.intake import LogIntake
from core.builds.running.spool import Frame, SpoolReader
from core.builds.tables import Build

FRAME = struct.Struct("<QIB3x")
NOTHING_YET: dict[str, Any] = dict.fromkeys(
    ("spool_segment", "spool_offset", "spool_skip", "log_chunks", "log_lines"), 0
)


@pytest.fixture
def worker() -> Iterator[ThreadPoolExecutor]:
    """Give the thread that takes in."""
    with ThreadPoolExecutor(1) as executor:
        yield executor


@pytest.mark.parametrize(("data", "more"), [(b"part of a line", False), (b"line\npart", True)])
@pytest.mark.parametrize("time_ms", [1, 2**42])
async def test_old_tail(
    tmp_path: Path,
    worker: ThreadPoolExecutor,
    data: bytes,
    more: bool,
    time_ms: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Failed by asking for the rest of an unfinished line again and again, in a thread.

    And, where the clock was put back since it was printed, by leaving it unstored for ever.
    """
    monkeypatch.setattr("core.builds.running.intake.CHUNK_AGE_S", -1.0)
    intake = LogIntake(tmp_path, Build(**NOTHING_YET), worker)
    (tmp_path / "spool.000000").write_bytes(FRAME.pack(time_ms, len(data), 0) + data)
    assert intake.has_more()
    await intake.next()
    assert intake.unstored().tail.raw == data
    assert intake.has_more() is more
    await intake.close()


async def test_event_that_cannot_be_understood_is_shown(
    tmp_path: Path, worker: ThreadPoolExecutor
) -> None:
    """Failed with RecursionError and OverflowError: the build was followed for ever."""
    intake = LogIntake(tmp_path, Build(**NOTHING_YET), worker)
    for event in (b"[" * 90_000, b'{"event": "timeout", "seconds": 1e999}'):
        with (tmp_path / "spool.000000").open("ab") as file:
            file.write(FRAME.pack(1, len(event), 1) + event)
    await intake.next()
    assert b'{"event": "timeout", "seconds": 1e999}\n' in intake.unstored().tail.raw
    await intake.close()


async def test_no_line_is_lost_from_sight_on_its_way_to_the_database(
    tmp_path: Path, worker: ThreadPoolExecutor
) -> None:
    """Failed by lines that were in sight and then in neither place until they were stored."""
    intake = LogIntake(tmp_path, Build(**NOTHING_YET), worker)
    printed = [b"line %d " % number + b"x" * 90 for number in range(9_000)]
    whole = b"\n".join(printed)
    for part in (whole[:300_000], whole[300_000:700_000], whole[700_000:]):
        with (tmp_path / "spool.000000").open("ab") as file:
            file.write(FRAME.pack(1, len(part), 0) + part)
    batches = [await intake.next(), await intake.last(lost=False)]
    stored, lines_stored, chunks_stored = b"", 0, 0
    for batch in [*batches, None]:
        unstored = intake.unstored()
        lines = unstored.lines(1, first=lines_stored, count=10_000)
        assert [line.message.encode() for line in lines] == printed[lines_stored:]
        rest = b"".join(unstored.raw(chunk=chunks_stored, offset=len(stored)))
        assert stored + rest == whole
        assert intake.lines == len(printed)
        if batch is not None:
            await intake.forget(batch)
            last = batch.chunks[-1]
            stored += b"".join(chunk.raw for chunk in batch.chunks)
            lines_stored, chunks_stored = last.first_line + last.line_count, last.sequence + 1
    await intake.close()


async def test_the_rest_of_a_line_that_is_partly_stored_is_not_lost(
    tmp_path: Path, worker: ThreadPoolExecutor
) -> None:
    """Failed by leaving out what follows the chunks of a line without an end."""
    intake = LogIntake(tmp_path, Build(**NOTHING_YET), worker)
    giant = b"first\n" + b"x" * 300_000
    (tmp_path / "spool.000000").write_bytes(FRAME.pack(1, len(giant), 0) + giant)
    batch = await intake.next()
    assert batch is not None
    stored = b"".join(chunk.raw for chunk in batch.chunks)
    assert 0 < len(stored) < len(giant)
    unstored = intake.unstored()
    assert b"".join(unstored.raw(chunk=0, offset=0)) == giant
    await intake.forget(batch)
    rest = unstored.raw(chunk=len(batch.chunks), offset=len(stored))
    assert stored + b"".join(rest) == giant
    await intake.close()


async def test_nothing_is_read_beside_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed where half a frame was left by a supervisor that was killed.

    It was read on while the end was: what both cut was torn, or lost.
    """
    reading = threading.Lock()
    inner = SpoolReader.read

    def read(spool: SpoolReader, limit: int) -> list[Frame]:
        with reading:
            overlap.wait(0.05)
            return inner(spool, limit)

    def read_torn(_spool: SpoolReader) -> None:
        assert not reading.locked(), "two threads cut one log"

    overlap = threading.Event()
    monkeypatch.setattr(SpoolReader, "read", read)
    monkeypatch.setattr(SpoolReader, "read_torn", read_torn)
    whole = FRAME.pack(1, 5, 0) + b"whole"
    (tmp_path / "spool.000000").write_bytes(whole + FRAME.pack(1, 5, 0) + b"to")
    with ThreadPoolExecutor(4) as workers:
        intake = LogIntake(tmp_path, Build(**NOTHING_YET), workers)
        while intake.has_more() and await intake.next() is not None:
            pass
        await intake.last(lost=True)
        await intake.close()
