"""The last ten minutes, second by second, in memory."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from core.performance.metrics.schemas import Metric, Series

SECONDS = 600


@dataclass(frozen=True, slots=True)
class Sample:
    """The figures of one moment, in seconds since 1970 (UTC).

    ``disk_total`` is the size of the file system in bytes; None where it is not known.
    ``slowest_ms`` is how long the slowest statements of the last second took, up to two.
    """

    at: float
    values: Mapping[Metric, float]
    disk_total: int | None = None
    slowest_ms: tuple[float, ...] = ()


class Ring:
    """Keeps the samples of ten minutes and forgets older ones."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque(maxlen=SECONDS)

    @property
    def latest(self) -> Sample | None:
        """The newest sample."""
        return self._samples[-1] if self._samples else None

    def add(self, sample: Sample) -> None:
        """Keep a sample."""
        self._samples.append(sample)

    def series(self, metric: Metric, now: float) -> Series:
        """Return a point for each of the last seconds, up to ``now``.

        Where the clock was put back, what was measured later than now is left out.
        """
        end = math.floor(now) + 1
        points: list[float | None] = [None] * SECONDS
        for sample in self._samples:
            slot = math.floor(sample.at) - end + SECONDS
            if 0 <= slot < SECONDS:
                points[slot] = sample.values.get(metric)
        times = tuple(float(second) for second in range(end - SECONDS, end))
        values = tuple(points)
        return Series(metric, times, values, values, values)
