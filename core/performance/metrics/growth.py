"""How a database grows, by the sizes that were kept of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from statistics import median

FEWEST_POINTS = 5
"""Of fewer points, a forecast would be chance."""

SHORTEST = timedelta(days=3)
"""What happened within less time says nothing of the next months."""

_MOST_POINTS = 100
_DAY_S = 86_400.0
_FURTHEST = timedelta(days=10 * 365)


@dataclass(frozen=True, slots=True)
class Point:
    """The size of a database at a time, in bytes."""

    at: datetime
    size: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """How it goes on.

    Attributes:
        bytes_per_day: How much larger it becomes each day; None where it is not known, or
            where the database does not grow.
        full_at: When the disk is full, if nothing else fills it; None where that is not
            known, or more than ten years away.
    """

    bytes_per_day: float | None
    full_at: datetime | None


def forecast(
    points: Sequence[Point], *, now: datetime, disk_free: float | None = None
) -> Forecast:
    """Return how the size goes on, by the median of the slopes between all pairs of points.

    As long as less than 29 % of the points are odd they change it little (Theil and Sen),
    where a line of least squares would follow them. One step that is larger than all other
    changes together, such as a VACUUM or an import, is taken out before: it says nothing of
    how it goes on.

    Args:
        points: In any order; no more than 100 of them, evenly taken, are looked at.
        now: From where it goes on.
        disk_free: What is free on the disk, in bytes.
    """
    ordered = sorted(points, key=lambda point: point.at)
    thinned = _without_step(_thinned(ordered))
    if len(thinned) < FEWEST_POINTS or thinned[-1].at - thinned[0].at < SHORTEST:
        return Forecast(None, None)
    placed = [(point.at.timestamp() / _DAY_S, point.size) for point in thinned]
    slopes = [
        (last - first) / (later - at)
        for (at, first), (later, last) in combinations(placed, 2)
        if later > at
    ]
    per_day = median(slopes) if slopes else 0.0
    if per_day <= 0:
        return Forecast(None, None)
    return Forecast(per_day, _full_at(per_day, now, disk_free))


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    """Return the first, the last, and points at even distances between them."""
    if len(points) <= _MOST_POINTS:
        return points
    step = (len(points) - 1) / (_MOST_POINTS - 1)
    return [points[round(number * step)] for number in range(_MOST_POINTS)]


def _without_step(points: Sequence[Point]) -> Sequence[Point]:
    """Return the points without the one change that is larger than all others together."""
    changes = [last.size - first.size for first, last in pairwise(points)]
    largest = max(range(len(changes)), key=lambda number: abs(changes[number]), default=0)
    if 2 * abs(changes[largest] if changes else 0.0) <= sum(map(abs, changes)):
        return points
    step = changes[largest]
    return [
        point if number <= largest else Point(point.at, point.size - step)
        for number, point in enumerate(points)
    ]


def _full_at(per_day: float, now: datetime, disk_free: float | None) -> datetime | None:
    if disk_free is None:
        return None
    days = max(disk_free, 0.0) / per_day
    return now + timedelta(days=days) if days <= _FURTHEST.days else None
