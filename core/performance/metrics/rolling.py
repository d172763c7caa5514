"""How measurements become minutes, hours and days.

Each measurement is added once to its minute, its hour and its day: sums of sums, so that it
does not matter in how many parts, in what order or by how many processes they are stored.
Where time begins anew each minute, hour and day is told by UTC, which knows no summer time.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from core.performance.metrics.schemas import Metric


class Resolution(StrEnum):
    """How long a stored figure stands for; the values name the rows and never change."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"

    @property
    def seconds(self) -> int:
        """Its length."""
        return _SECONDS[self]


_SECONDS = {Resolution.MINUTE: 60, Resolution.HOUR: 3_600, Resolution.DAY: 86_400}


class Place(NamedTuple):
    """Which stored figure; ``start`` is in seconds since 1970 (UTC)."""

    resolution: Resolution
    metric: Metric
    start: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What some measurements of one figure amount to."""

    samples: int
    low: float
    mean: float
    high: float

    def with_(self, other: "Tally") -> "Tally":
        """Return what both amount to together."""
        samples = self.samples + other.samples
        return Tally(
            samples,
            min(self.low, other.low),
            self.mean + (other.mean - self.mean) * (other.samples / samples),
            max(self.high, other.high),
        )


class Tallies:
    """Measurements that wait to be stored.

    Args:
        most: How many places are kept; beyond that the minutes, hours and days that were
            begun first are given up.
    """

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._places: dict[Place, Tally] = {}

    def __len__(self) -> int:
        return len(self._places)

    def add(self, at: float, values: Mapping[Metric, float]) -> None:
        """Count the figures of one moment, in seconds since 1970 (UTC)."""
        for metric, value in values.items():
            tally = Tally(1, value, value, value)
            for resolution in Resolution:
                start = math.floor(at / resolution.seconds) * resolution.seconds
                self._add(Place(resolution, metric, start), tally)

    def take(self) -> dict[Place, Tally]:
        """Return all, and begin anew."""
        taken, self._places = self._places, {}
        return taken

    def put_back(self, taken: Iterable[tuple[Place, Tally]]) -> None:
        """Count again what could not be stored."""
        since, self._places = self._places, dict(taken)
        for place, tally in since.items():
            self._add(place, tally)

    def _add(self, place: Place, tally: Tally) -> None:
        known = self._places.get(place)
        self._places[place] = tally if known is None else known.with_(tally)
        while len(self._places) > self._most:
            del self._places[next(iter(self._places))]
