"""How often a step of a plan runs: for each row of the steps that it stands within."""

import math
from collections.abc import Iterator, Sequence

from core.performance.statements.schemas import PlanStep

_ROWS = ("SCAN ", "SEARCH ")
_ONE_ROW = "INTEGER PRIMARY KEY (rowid=?)"


def visited(step: PlanStep, steps: Sequence[PlanStep]) -> float:
    """Return how many rows a step reads in all, at most; infinite where nobody knows."""
    return math.prod((_rows(step), *map(_rows, _outer(step, steps))))


def outer(step: PlanStep, steps: Sequence[PlanStep]) -> PlanStep | None:
    """Return the step for each of whose rows a step runs anew; None where it runs once."""
    return next((one for one in _outer(step, steps) if one.table and _rows(one) > 1), None)


def _outer(step: PlanStep, steps: Sequence[PlanStep]) -> Iterator[PlanStep]:
    """Yield the steps within whose loops one stands, the nearest first."""
    # An automatic index is built once, however often it is searched.
    if "AUTOMATIC" not in step.detail:
        yield from _before(step, steps)
    within = next((one for one in steps if one.id == step.parent), None)
    while within is not None:
        if within.detail.startswith("CORRELATED"):
            yield from _before(within, steps)
        elif within.detail.startswith("RECURSIVE"):
            yield within
        within = next((one for one in steps if one.id == within.parent), None)


def _before(step: PlanStep, steps: Sequence[PlanStep]) -> list[PlanStep]:
    """Return the rows that are found before, in the same place, the nearest first."""
    before = steps[: steps.index(step)]
    beside = [one for one in before if one.parent == step.parent]
    return [one for one in reversed(beside) if one.detail.startswith(_ROWS)]


def _rows(step: PlanStep) -> float:
    if step.detail.endswith(_ONE_ROW):
        return 1
    scans = step.detail.startswith("SCAN ") or "AUTOMATIC" in step.detail
    return step.rows if scans and step.rows is not None else math.inf
