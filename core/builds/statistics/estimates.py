"""How long a build will take, by those that succeeded before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

SUCCESSES = 10
"""How many of the last successes count."""

FEWEST_FOR_LATE = 3
"""Of fewer successes, what is late would be chance."""

_LATE = 9  # of the tenths of the durations


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is expected of a build, in milliseconds; see ``BuildRow``."""

    median_ms: int | None = None
    late_after_ms: int | None = None


def estimate(durations: Sequence[int | None]) -> Estimate:
    """Return what the durations of the last successes, in any order, let expect.

    A build is late beyond their 90th percentile, which lies between two of them: nine tenths
    of the way from the shortest to the longest in order. Durations that are not known do not
    count.
    """
    known = [ms for ms in durations if ms is not None]
    if not known:
        return Estimate()
    if len(known) < FEWEST_FOR_LATE:
        return Estimate(int(median(known)))
    tenths = quantiles(known, n=10, method="inclusive")
    return Estimate(int(median(known)), int(tenths[_LATE - 1]))
