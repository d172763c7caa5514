"""The file of samples, read back: thinned to any length, and whatever else may stand there."""

import os
import struct
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.builds.running import samples
from core.builds.running.samples import RECORD, SampleReader, joined, step_of
from core.builds.schemas import BuildSampleRow

Records = list[tuple[int, int, int, int, int]]


def written(folder: Path, records: Records) -> Path:
    """Write records as a supervisor does, and return the folder."""
    data = b"".join(RECORD.pack(*record) for record in records)
    (folder / samples.SAMPLES).write_bytes(data)
    return folder


def steady(count: int) -> Records:
    """Return a sample a second of a process that uses half a core."""
    return [(i * 1_000, i * 500_000, 1_000 + i, 1, 0) for i in range(1, count + 1)]


def curve(folder: Path, most: int, *, restart: bool = False) -> list[BuildSampleRow]:
    """Take all in as the follower does; on request anew after each batch."""
    rows: list[BuildSampleRow] = []
    reader, taken, last = SampleReader(folder, 0), 0, False
    while True:
        batch = reader.next(last=last)
        if batch is None and last:
            reader.close()
            return rows
        if batch is None:
            last = True
            continue
        rows = [*(joined(rows) if batch.halve else rows), *batch.rows]
        assert len(rows) <= most
        reader.accept(batch)
        taken = batch.taken
        if restart:
            reader.close()
            reader = SampleReader(folder, taken)


@settings(max_examples=25)
@given(count=st.integers(0, 300), restart=st.booleans())
def test_a_curve_of_any_length_is_thinned(
    tmp_path_factory: pytest.TempPathFactory, count: int, restart: bool
) -> None:
    """Failed where a stored curve that is just full counted as halved already."""
    folder = written(tmp_path_factory.mktemp("build"), steady(count))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(samples, "MOST_ROWS", 8)
        rows = curve(folder, most=8, restart=restart)
    assert all(row.cpu == 50.0 for row in rows)
    offsets = [row.offset_ms for row in rows]
    assert offsets == sorted(set(offsets))
    if count:
        assert offsets[-1] == count * 1_000
        assert max(row.memory for row in rows) == 1_000 + count
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(samples, "MOST_ROWS", 8)
            step = step_of(count)
        assert all(b - a == step * 1_000 for a, b in pairwise(offsets[:-1]))


def test_a_day_has_as_many_rows_as_an_hour(tmp_path: Path) -> None:
    rows = curve(written(tmp_path, steady(86_400)), most=3_600)
    assert 1_800 <= len(rows) <= 3_600


def test_percent_is_of_the_time_between(tmp_path: Path) -> None:
    records = [
        (500, 500_000, 10, 1, 0),
        (1_500, 2_500_000, 30, 4, 0),
        (2_500, 2_500_000, 20, 1, 0),
    ]
    rows = curve(written(tmp_path, records), most=3_600)
    assert [(row.cpu, row.memory, row.processes) for row in rows] == [
        (100.0, 10, 1),
        (200.0, 30, 4),
        (0.0, 20, 1),
    ]
    assert joined(rows) == [
        BuildSampleRow(1_500, 166.7, 30, 4),
        BuildSampleRow(2_500, 0.0, 20, 1),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        (3_000, 1_500_000, 2**63, 1, 0),
        (3_000, 1_500_000, 1, 2**31, 0),
        (3_000, 2**64 - 1, 1, 1, 0),
        (2**64 - 1, 1_500_000, 1, 1, 0),
        (3_000, 1_500_000, 1, 1, 7),
        (2_000, 1_500_000, 1, 1, 0),
        (0, 1_500_000, 1, 1, 0),
        (3_000, 0, 1, 1, 0),
    ],
)
def test_what_cannot_be_ends_the_curve(
    tmp_path: Path, bad: tuple[int, int, int, int, int]
) -> None:
    """Failed with OverflowError in the database, and by dividing by no time at all."""
    records = [*steady(2), bad, (9_000, 9_000_000, 1, 1, 0)]
    rows = curve(written(tmp_path, records), most=3_600)
    assert [row.offset_ms for row in rows] == [1_000, 2_000]


@settings(max_examples=60)
@given(data=st.binary(max_size=400))
def test_any_bytes_give_a_curve(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("build")
    (folder / samples.SAMPLES).write_bytes(data)
    for row in curve(folder, most=3_600):
        struct.pack("<qdqq", row.offset_ms, row.cpu, row.memory, row.processes)


@pytest.mark.parametrize("kind", ["fifo", "folder", "link", "nothing", "half a record"])
def test_samples_that_are_no_file(tmp_path: Path, kind: str) -> None:
    """Failed by waiting for ever at the FIFO."""
    path = tmp_path / samples.SAMPLES
    match kind:
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to("/dev/zero")
        case "half a record":
            path.write_bytes(bytes(17))
    assert curve(tmp_path, most=3_600) == []


def test_a_file_that_was_cut_after_it_was_read(tmp_path: Path) -> None:
    """Failed with IndexError when the curve was taken up again behind its end."""
    reader = SampleReader(written(tmp_path, steady(2)), taken=5)
    assert reader.next(last=True) is None
