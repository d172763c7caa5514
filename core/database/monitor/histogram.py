"""Histograms of durations with buckets that grow by a tenth.

A value is told by the geometric middle of its bucket, so it is off by at most √1.1 - 1, which
is 4.9 %, from one microsecond to a thousand seconds.
"""

import math
from collections.abc import Sequence

_SHORTEST_S = 1e-6
_LONGEST_S = 1e3
_GROWTH = 1.1
_PER_NEPER = 1 / math.log(_GROWTH)
_LAST = int(math.log(_LONGEST_S / _SHORTEST_S) * _PER_NEPER)

ERROR = math.sqrt(_GROWTH) - 1


def empty() -> list[int]:
    """Return the counts of a histogram without any value."""
    return [0] * (_LAST + 1)


def bucket(seconds: float) -> int:
    """Return the number of the bucket of a duration: the outermost for what is out of range."""
    if seconds <= _SHORTEST_S:
        return 0
    return min(int(math.log(seconds / _SHORTEST_S) * _PER_NEPER), _LAST)


def percentiles(
    counts: Sequence[int], shares: Sequence[float], *, longest_s: float
) -> tuple[float, ...]:
    """Return for each share the shortest duration that so many of the values do not exceed.

    Args:
        shares: From 0 to 1, in ascending order.
        longest_s: The largest value, which is known exactly.

    Returns:
        Seconds; zeros where there are no values.
    """
    total = sum(counts)
    if not total:
        return (0.0,) * len(shares)
    ranks = [max(math.ceil(share * total), 1) for share in shares]
    found: list[float] = []
    passed = 0
    for number, count in enumerate(counts):
        passed += count
        while len(found) < len(ranks) and passed >= ranks[len(found)]:
            found.append(min(_middle(number), longest_s))
        if len(found) == len(ranks):
            break
    return tuple(found)


def _middle(number: int) -> float:
    return _SHORTEST_S * math.pow(_GROWTH, number + 0.5)
