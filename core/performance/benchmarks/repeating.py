"""How much repeats of one benchmark vary, and whether two runs differ by more than that.

That is the repeatability limit of ISO 5725-6: two single results that were come by in the same
way differ by less than ``t · √2 · s`` in 19 of 20 cases. It is taken of logarithms, as times
vary by a share of themselves. How a figure moved within a run tells nothing of that: by batches
of its timeline, half of short runs of the very same thing were different.
"""

import math
from collections.abc import Sequence
from statistics import variance

from core.performance.benchmarks.schemas import BenchmarkResult, BenchmarkRow, BenchmarkState

# Of fewer nobody knows how much they vary.
REPEATS = 3

# 97.5 % of Student's t, by degrees of freedom: up to the next one it is as large at the most.
_T = {2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 10: 2.228,
    12: 2.179, 15: 2.131, 20: 2.086, 30: 2.042, 60: 2.0}  # fmt: skip


def repeats_of(row: BenchmarkRow, kept: Sequence[BenchmarkRow]) -> tuple[BenchmarkResult, ...]:
    """Return the results of all runs of the same on the same machine, itself among them."""
    return tuple(
        one.result
        for one in kept
        if one.result is not None
        and one.state is BenchmarkState.SUCCEEDED
        and one.result.operations
        and not one.result.errors
        and alike(one, row)
    )


def alike(one: BenchmarkRow, other: BenchmarkRow) -> bool:
    """Tell whether two runs measured the same in the same way."""
    return (one.settings, one.machine, one.sqlite_version) == (
        other.settings,
        other.machine,
        other.sqlite_version,
    )


def limit(name: str, groups: Sequence[Sequence[BenchmarkResult]]) -> float | None:
    """Return by what factor, at least 1, repeats differ in a figure in 19 of 20 cases.

    Args:
        groups: Each of repeats of one thing; what they vary by is pooled.

    Returns:
        None where one of them has too few, or a figure makes no sense.
    """
    figures = [[float(getattr(one, name)) for one in group] for group in groups]
    if any(len(group) < REPEATS or min(group) <= 0 for group in figures):
        return None
    freedom = sum(len(group) - 1 for group in figures)
    squares = sum(
        variance([math.log(one) for one in group]) * (len(group) - 1) for group in figures
    )
    t = _T[max(count for count in _T if count <= freedom)]
    return math.exp(t * math.sqrt(2 * squares / freedom))
