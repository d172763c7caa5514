"""What the system tells of a file, its disk and this process."""

import asyncio
import contextlib
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.performance.metrics.schemas import Metric


@dataclass(frozen=True, slots=True)
class Measured:
    """What the system told.

    Attributes:
        values: What could be measured.
        disk_total: The size of the file system in bytes; None where it is not known.
        there: Whether the file is.
    """

    values: dict[Metric, float]
    disk_total: int | None
    there: bool


class SystemWatch:
    """Measures in a thread: files can lie where a look at them takes long."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wal = path.with_name(path.name + "-wal")
        self._process = psutil.Process()
        self._cpu: tuple[float, float] | None = None

    async def measure(self) -> Measured:
        """Measure all of it."""
        return await asyncio.to_thread(self._measure)

    def _measure(self) -> Measured:
        values: dict[Metric, float] = {}
        total = None
        with contextlib.suppress(OSError):
            usage = shutil.disk_usage(self._path.parent)
            values[Metric.DISK_FREE], total = float(usage.free), usage.total
        with contextlib.suppress(psutil.Error, OSError):
            values |= self._of_process()
        size = _size(self._path)
        if size is not None:
            values[Metric.DATABASE_BYTES] = size
            values[Metric.WAL_BYTES] = _size(self._wal) or 0.0
        return Measured(values, total, there=size is not None)

    def _of_process(self) -> dict[Metric, float]:
        values = {Metric.MEMORY: float(self._process.memory_info().rss)}
        times = self._process.cpu_times()
        now = (time.monotonic(), times.user + times.system)
        before, self._cpu = self._cpu, now
        if before is not None and now[0] > before[0]:
            values[Metric.CPU] = max((now[1] - before[1]) / (now[0] - before[0]), 0.0)
        return values


def _size(path: Path) -> float | None:
    try:
        return float(path.stat().st_size)
    except OSError:
        return None
