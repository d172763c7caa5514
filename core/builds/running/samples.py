"""What a supervisor has sampled of its processes, read so that nothing in it can hurt.

The build may write there itself. What cannot be a sample, and all that comes after it, is left
out; a curve of any length is thinned to at most ``MOST_ROWS`` rows, by joining neighbours.
"""

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.builds.running.border import DamagedBorderError, open_regular
from core.builds.running.results import MOST_CPU, MOST_MEMORY
from core.builds.schemas import BuildSampleRow

SAMPLES = "samples"
RECORD = struct.Struct("<QQQII")
MOST_ROWS = 3_600
_AT_ONCE = 2_048
_MOST_SAMPLES = 2**22  # more than a month
_LATEST_MS = 2**53
_MOST_PROCESSES = 2**22


@dataclass(frozen=True, slots=True)
class Sample:
    """One record: milliseconds since the start, processor time so far in microseconds."""

    at_ms: int
    cpu_us: int
    memory: int
    processes: int


_BEGINNING = Sample(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class SampleBatch:
    """Rows that are stored together; before them all stored pairs are joined if ``halve``.

    ``taken`` counts the samples that are stored with it, ``last`` is the last of these;
    ``more`` tells that others could be read already.
    """

    rows: tuple[BuildSampleRow, ...]
    halve: bool
    taken: int
    last: Sample
    more: bool = False


def step_of(taken: int) -> int:
    """Return how many samples make a row once this many are stored."""
    step = 1
    while taken > MOST_ROWS * step:
        step *= 2
    return step


class SampleReader:
    """Reads the samples of one build from where the stored curve ends; blocks.

    Args:
        folder: The folder of the build.
        taken: How many samples are stored.
    """

    def __init__(self, folder: Path, taken: int) -> None:
        self._path = folder / SAMPLES
        self._taken = taken
        self._last = _BEGINNING
        self._known = taken == 0
        self._damaged = False
        self._file: int | None = None

    def next(self, *, last: bool = False) -> SampleBatch | None:
        """Return the next rows, None when there is none yet.

        Args:
            last: Nothing more comes, so that a row may be of fewer samples than others.
        """
        samples = self._samples()
        step = step_of(self._taken)
        halve = self._taken == MOST_ROWS * step
        step *= 2 if halve else 1
        found = len(samples)
        samples = samples[: MOST_ROWS * step - self._taken]
        more = len(samples) < found or found == _AT_ONCE
        whole = len(samples) if last and not more else len(samples) // step * step
        if not whole:
            return None
        rows, before = [], self._last
        for start in range(0, whole, step):
            group = samples[start : min(start + step, whole)]
            rows.append(_row(before, group))
            before = group[-1]
        return SampleBatch(tuple(rows), halve, self._taken + whole, before, more)

    def accept(self, batch: SampleBatch) -> None:
        """Go on behind a batch that was stored."""
        self._taken, self._last = batch.taken, batch.last

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _samples(self) -> list[Sample]:
        """Return the samples from here on, as far as they can be true."""
        if not self._known:
            before = self._records(self._taken - 1, 1)
            self._damaged = self._damaged or not before
            self._last, self._known = before[0] if before else _BEGINNING, True
        count = min(_AT_ONCE, _MOST_SAMPLES - self._taken)
        found: list[Sample] = []
        previous = self._last
        for sample in self._records(self._taken, count):
            if sample.at_ms <= previous.at_ms or sample.cpu_us < previous.cpu_us:
                self._damaged = True
                break
            found.append(sample)
            previous = sample
        return found

    def _records(self, first: int, count: int) -> list[Sample]:
        if self._damaged or count <= 0:
            return []
        try:
            if self._file is None:
                self._file = open_regular(self._path)
        except DamagedBorderError:
            self._damaged = True
        if self._file is None:
            return []
        os.lseek(self._file, first * RECORD.size, os.SEEK_SET)
        data = os.read(self._file, count * RECORD.size)
        found = []
        for fields in RECORD.iter_unpack(data[: len(data) // RECORD.size * RECORD.size]):
            if not _is_sound(*fields):
                self._damaged = True
                break
            found.append(Sample(*fields[:4]))
        return found


def joined(rows: Sequence[BuildSampleRow]) -> list[BuildSampleRow]:
    """Return each two neighbours as one; the peaks of memory stay."""
    found, before_ms = [], 0
    for start in range(0, len(rows), 2):
        pair = rows[start : start + 2]
        end_ms, total = before_ms, 0.0
        for row in pair:
            total += row.cpu * (row.offset_ms - end_ms)
            end_ms = row.offset_ms
        found.append(
            BuildSampleRow(
                offset_ms=end_ms,
                cpu=round(total / max(end_ms - before_ms, 1), 1),
                memory=max(row.memory for row in pair),
                processes=max(row.processes for row in pair),
            )
        )
        before_ms = end_ms
    return found


def _row(before: Sample, group: Sequence[Sample]) -> BuildSampleRow:
    last = group[-1]
    cpu = (last.cpu_us - before.cpu_us) / (last.at_ms - before.at_ms) / 10
    return BuildSampleRow(
        offset_ms=last.at_ms,
        cpu=min(round(cpu, 1), float(MOST_CPU)),
        memory=max(sample.memory for sample in group),
        processes=max(sample.processes for sample in group),
    )


def _is_sound(at_ms: int, cpu_us: int, memory: int, processes: int, zero: int) -> bool:
    """Tell whether a supervisor may have written this record."""
    return (
        0 < at_ms <= _LATEST_MS
        and cpu_us <= _LATEST_MS
        and memory <= MOST_MEMORY
        and processes <= _MOST_PROCESSES
        and zero == 0
    )
