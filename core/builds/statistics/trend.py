"""The duration of the builds of a project, each beside what was usual then."""

from collections import deque
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from core.builds.schemas import BuildState, stored_state
from core.builds.statistics.estimates import SUCCESSES, estimate
from core.builds.statistics.schemas import TrendPoint


def points(builds: Sequence[Row[Any]], before: Sequence[int]) -> tuple[TrendPoint, ...]:
    """Return the points of a trend.

    Args:
        builds: The oldest first.
        before: The durations of the last successes before them, the newest first.
    """
    last = deque(reversed(before), maxlen=SUCCESSES)
    return tuple(_point(row, last) for row in builds)


def _point(row: Row[Any], last: "deque[int]") -> TrendPoint:
    state = stored_state(row.state)
    if state is BuildState.SUCCESS and row.duration_ms is not None:
        last.append(row.duration_ms)
    usual = estimate(last)
    return TrendPoint(
        build_id=row.id,
        number=row.number,
        state=state,
        finished_at=row.finished_at,
        duration_ms=row.duration_ms,
        median_ms=usual.median_ms,
        late_after_ms=usual.late_after_ms,
    )
