"""When there is something to take in, and when a worker thread is asked for nothing."""

import struct
from pathlib import Path
from typing import Any

import pytest

from core.builds.running.intake import LogIntake
from core.builds.tables import Build

FRAME = struct.Struct("<QIB3x")
NOTHING_YET: dict[str, Any] = dict.fromkeys(
    ("spool_segment", "spool_offset", "spool_skip", "log_chunks", "log_lines"), 0
)


@pytest.mark.parametrize(("data", "more"), [(b"part of a line", False), (b"line\npart", True)])
async def test_old_tail(tmp_path: Path, data: bytes, more: bool) -> None:
    """Failed by asking for the rest of an unfinished line again and again, in a thread."""
    intake = LogIntake(tmp_path, Build(**NOTHING_YET))
    (tmp_path / "spool.000000").write_bytes(FRAME.pack(1, len(data), 0) + data)
    assert intake.has_more()
    await intake.next()
    assert intake.tail.raw == data
    assert intake.has_more() is more
    await intake.close()


async def test_event_that_cannot_be_understood_is_shown(tmp_path: Path) -> None:
    """Failed with RecursionError and OverflowError: the build was followed for ever."""
    intake = LogIntake(tmp_path, Build(**NOTHING_YET))
    for event in (b"[" * 90_000, b'{"event": "timeout", "seconds": 1e999}'):
        with (tmp_path / "spool.000000").open("ab") as file:
            file.write(FRAME.pack(1, len(event), 1) + event)
    await intake.next()
    assert b'{"event": "timeout", "seconds": 1e999}\n' in intake.tail.raw
    await intake.close()
