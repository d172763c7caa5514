"""Where lines over time are named below: at whole minutes, hours, days or months."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from PySide6.QtCore import QDateTime

from core.translation import _
from desktop.figures import locale, number

_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 24 * _HOUR_S
_MOST_AGO_S: Final = 2 * _HOUR_S
_MOST_HOURS_S: Final = 2 * _DAY_S
_MOST_DAYS_S: Final = 40 * _DAY_S
_STEP_OF_HOURS: Final = 3
_AGO_STEPS_S: Final = (20, 60, 120, 300, 600, 900, 1800)
_MOST_AGO: Final = 6

Mark = tuple[int, str]
"""The place of a point, counted from 0, and the words below it."""

Unit = Callable[[datetime], datetime]
"""Returns where the hour, day or month of a moment begins."""


def time_marks(times: Sequence[float]) -> list[Mark]:
    """Return where points are named, from their seconds since 1970.

    Up to two hours they are told from the last one; after that by the clock or the calendar.
    """
    if not times:
        return []
    span = times[-1] - times[0]
    if span <= _MOST_AGO_S:
        return _ago_marks(times)
    if span <= _MOST_HOURS_S:
        return _local_marks(times, _hour, "HH:mm")
    if span <= _MOST_DAYS_S:
        return _local_marks(times, _day, "ddd d")
    return _local_marks(times, _month, "MMM")


def moment_words(at: float, span_s: float) -> str:
    """Return a point in local time, as exactly as points so far apart tell it."""
    if span_s <= _MOST_AGO_S:
        return _local(at, "HH:mm:ss")
    return _local(at, "d MMM HH:mm" if span_s <= _MOST_DAYS_S else "d MMM yyyy")


def _ago_marks(times: Sequence[float]) -> list[Mark]:
    last, span = times[-1], times[-1] - times[0]
    step = next((s for s in _AGO_STEPS_S if span / s <= _MOST_AGO), _HOUR_S)
    marks = [(len(times) - 1, _("now"))]
    passed, place = step, len(times) - 1
    while passed <= span + 1:
        place = _nearest(times, last - passed, place)
        words = _("{count} s") if step < _MINUTE_S else _("{count} min")
        unit = 1 if step < _MINUTE_S else _MINUTE_S
        marks.append((place, words.format(count=number(-passed // unit))))
        passed += step
    return marks[::-1]


def _nearest(times: Sequence[float], wanted: float, below: int) -> int:
    place = below
    while place > 0 and times[place] > wanted:
        place -= 1
    return place


def _local_marks(times: Sequence[float], unit: Unit, pattern: str) -> list[Mark]:
    marks: list[Mark] = []
    before = unit(_moment(times[0]))
    for place, at in enumerate(times):
        begins = unit(_moment(at))
        if begins != before:
            marks.append((place, _local(begins.timestamp(), pattern)))
            before = begins
    return marks


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone()


def _hour(moment: datetime) -> datetime:
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole - timedelta(hours=whole.hour % _STEP_OF_HOURS)


def _day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _month(moment: datetime) -> datetime:
    return _day(moment).replace(day=1)


def _local(at: float, pattern: str) -> str:
    return locale().toString(QDateTime.fromSecsSinceEpoch(round(at)), pattern)
