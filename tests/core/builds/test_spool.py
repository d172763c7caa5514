"""Reading a spool that is torn, rolled, or growing."""

import os
from pathlib import Path

import pytest

from core.builds.logs.chunks import SpoolPosition
from core.builds.running.spool import HEADER, SOURCE_OUTPUT, SOURCE_SYSTEM, SpoolReader


def frame(data: bytes, time_ms: int = 7, source: int = SOURCE_OUTPUT) -> bytes:
    return HEADER.pack(time_ms, len(data), source) + data


def append(folder: Path, segment: int, data: bytes) -> None:
    with (folder / f"spool.{segment:06d}").open("ab") as file:
        file.write(data)


def test_nothing_yet(tmp_path: Path) -> None:
    reader = SpoolReader(tmp_path, SpoolPosition())
    assert not reader.has_more()
    assert reader.read(100) == []
    assert reader.read_torn() is None


def test_torn_frame_is_waited_for_at_every_length(tmp_path: Path) -> None:
    whole = frame(b"first") + frame(b"second")
    reader = SpoolReader(tmp_path, SpoolPosition())
    seen = b""
    for byte in whole:
        append(tmp_path, 0, bytes([byte]))
        seen += b"".join(f.data for f in reader.read(1_000))
        assert b"firstsecond".startswith(seen)
    assert seen == b"firstsecond"
    assert not reader.has_more()
    reader.close()


def test_torn_end_of_a_dead_writer_is_kept(tmp_path: Path) -> None:
    append(tmp_path, 0, frame(b"whole") + frame(b"cut off here")[:-5])
    reader = SpoolReader(tmp_path, SpoolPosition())
    assert [f.data for f in reader.read(1_000)] == [b"whole"]
    torn = reader.read_torn()
    assert torn is not None
    assert (torn.data, torn.time_ms) == (b"cut off", 7)
    reader.close()
    again = SpoolReader(tmp_path, SpoolPosition(0, torn.position.offset, 3))
    later = again.read_torn()
    assert later is not None
    assert later.data == b" off"
    again.close()


def test_torn_header_and_torn_event_tell_nothing(tmp_path: Path) -> None:
    append(tmp_path, 0, frame(b"x")[:9])
    reader = SpoolReader(tmp_path, SpoolPosition())
    assert reader.read(10) == []
    assert reader.read_torn() is None
    reader.close()
    append(tmp_path, 1, frame(b'{"event": "x"}', source=SOURCE_SYSTEM)[:-3])
    reader = SpoolReader(tmp_path, SpoolPosition(1))
    assert reader.read_torn() is None
    reader.close()


def test_rolled_segments_in_order_and_with_limits(tmp_path: Path) -> None:
    expected = b""
    for number in range(20):
        data = b"%d" % number * 50
        expected += data
        append(tmp_path, number // 3, frame(data))
    for limit in (1, 60, 10_000):
        reader = SpoolReader(tmp_path, SpoolPosition())
        parts = []
        while reader.has_more():
            parts += [f.data for f in reader.read(limit)]
        assert b"".join(parts) == expected
        reader.close()


def test_frame_longer_than_the_limit(tmp_path: Path) -> None:
    append(tmp_path, 0, frame(b"z" * 5_000) + frame(b"end"))
    reader = SpoolReader(tmp_path, SpoolPosition())
    found = [f.data for _turn in range(3) for f in reader.read(100)]
    assert found == [b"z" * 5_000, b"end"]
    reader.close()


def test_only_what_is_stored_is_removed(tmp_path: Path) -> None:
    for number in range(4):
        append(tmp_path, number, frame(b"x"))
    (tmp_path / "spool.note").touch()
    reader = SpoolReader(tmp_path, SpoolPosition())
    reader.remove_before(2)
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["spool.000002", "spool.000003", "spool.note"]


@pytest.mark.parametrize(
    "damage",
    [
        HEADER.pack(7, 2**31, SOURCE_OUTPUT), HEADER.pack(2**63, 1, SOURCE_OUTPUT) + b"x",
        HEADER.pack(7, 1, 9) + b"x", bytes(4_096),
    ],
)  # fmt: skip
def test_damaged_frame_ends_its_segment_only(tmp_path: Path, damage: bytes) -> None:
    """Failed by asking for gigabytes, and by giving frames that nobody wrote."""
    append(tmp_path, 0, frame(b"before") + damage + frame(b"lost"))
    reader = SpoolReader(tmp_path, SpoolPosition())
    assert [f.data for f in reader.read(1_000)] == [b"before"]
    assert not reader.has_more()
    assert reader.read_torn() is None
    append(tmp_path, 1, frame(b"after"))
    assert reader.has_more()
    assert [f.data for f in reader.read(1_000)] == [b"after"]
    reader.close()


@pytest.mark.parametrize("kind", ["fifo", "link", "folder"])
def test_segment_that_is_no_file(tmp_path: Path, kind: str) -> None:
    """Failed by waiting for ever at the FIFO, and by taking in what a link points to."""
    path, other = tmp_path / "spool.000000", tmp_path / "other"
    other.write_bytes(frame(b"private"))
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(other)
    else:
        path.mkdir()
    reader = SpoolReader(tmp_path, SpoolPosition())
    assert reader.read(100) == []
    assert not reader.has_more()
    assert reader.read_torn() is None
    reader.close()


def test_system_without_pread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Failed with AttributeError, as on Windows."""
    monkeypatch.delattr(os, "pread")
    append(tmp_path, 0, frame(b"one") + frame(b"two")[:-1])
    reader = SpoolReader(tmp_path, SpoolPosition())
    assert [f.data for f in reader.read(100)] == [b"one"]
    torn = reader.read_torn()
    assert torn is not None
    assert torn.data == b"tw"
    reader.close()
