"""Days and hours of the local clock, as points in time.

Days are not all as long: where the clock is put forward or back, they have an hour less or
more. So each begins where the local clock says, and none is counted as 24 hours.
"""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

_AS_STORED = "%Y-%m-%d %H:%M:%S.%f"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LocalDays:
    """Days that follow each other, the first one first; ``starts`` has one more at the end."""

    days: tuple[date, ...]
    starts: tuple[datetime, ...]

    @classmethod
    def until(cls, now: datetime, count: int, zone: tzinfo | None = None) -> "LocalDays":
        """Return so many days, the last being that of ``now``.

        Args:
            zone: Whose clock counts; that of this computer where None.
        """
        today = now.astimezone(zone).date()
        days = tuple(today - timedelta(back) for back in range(count - 1, -1, -1))
        starts = [_midnight(day, zone) for day in (*days, today + timedelta(1))]
        return cls(days, tuple(starts))

    @property
    def start(self) -> datetime:
        """The beginning of the first day."""
        return self.starts[0]

    @property
    def end(self) -> datetime:
        """The end of the last day."""
        return self.starts[-1]

    def as_json(self) -> str:
        """Return the number of each day, its beginning and its end, as rows for SQL."""
        return _rows(
            [(number, *ends) for number, ends in enumerate(itertools.pairwise(self.starts))]
        )

    def hours_as_json(self, zone: tzinfo | None = None) -> str:
        """Return each hour of the days, numbered in its week from 0, as rows for SQL."""
        hours = []
        for start, end in itertools.pairwise(self.starts):
            moment = start
            while moment < end:
                local = moment.astimezone(zone)
                after = min(moment + _HOUR, end)
                hours.append((local.weekday() * 24 + local.hour, moment, after))
                moment = after
        return _rows(hours)


def as_stored(moment: datetime) -> str:
    """Return a point in time as the database holds it."""
    return moment.astimezone(UTC).strftime(_AS_STORED)


def _midnight(day: date, zone: tzinfo | None) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _rows(rows: Sequence[tuple[int, datetime, datetime]]) -> str:
    return json.dumps(
        [[number, as_stored(start), as_stored(end)] for number, start, end in rows]
    )
