"""When schedules fire: cron expressions in local time, also where the clock is changed.

Where an hour comes twice, a schedule that names hours and minutes fires in it once, and one
that goes by intervals, as */30, in both; where one is skipped it fires right after (``cronsim``
does as Debian's cron). Jumps of the clock are met in ``next_time``.
"""

import itertools
from datetime import UTC, datetime, timedelta, tzinfo

from cronsim import CronSim, CronSimError

from core.translation import _

# A clock that is put back by less has not left the times that were met already.
SHORT_STEP_BACK = timedelta(hours=1)
_FIELDS = 5


class LocalZone(tzinfo):
    """The zone of this computer as the system knows it now, also after it was changed."""

    def utcoffset(self, moment: datetime | None) -> timedelta:
        """Return by how much local time is ahead of UTC."""
        if moment is None:
            return timedelta(0)
        naive = moment.replace(tzinfo=None)
        return naive - datetime.fromtimestamp(naive.timestamp(), UTC).replace(tzinfo=None)

    def dst(self, _moment: datetime | None) -> timedelta | None:
        """Return None: which part of the offset is summer time is not known."""
        return None

    def tzname(self, moment: datetime | None) -> str:
        """Return the name that the system has for it."""
        return "" if moment is None else moment.replace(tzinfo=None).astimezone().tzname() or ""

    def fromutc(self, moment: datetime) -> datetime:
        """Return a moment, given in UTC, in local time."""
        seconds = moment.replace(tzinfo=UTC).timestamp()
        return datetime.fromtimestamp(seconds).replace(tzinfo=self)  # noqa: DTZ006


def problem_with(expression: str) -> str:
    """Return what is wrong with a cron expression, empty where nothing is."""
    if len(expression.split()) != _FIELDS:
        return _("Five fields are needed: minute, hour, day, month, day of the week.")
    try:
        next(CronSim(expression, datetime(2000, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        return _("This is no schedule: {error}.").format(error=str(error).lower())
    except StopIteration:
        return _("No day is ever like that.")
    return ""


def times_after(
    expression: str, moment: datetime, zone: tzinfo, count: int
) -> tuple[datetime, ...]:
    """Return the next times of a schedule in UTC; fewer where there are no more.

    Raises:
        CronSimError: The expression cannot be read.
    """
    moments = CronSim(expression, moment.astimezone(zone))
    return tuple(one.astimezone(UTC) for one in itertools.islice(moments, count))


def next_time(
    expression: str, now: datetime, fired: datetime | None, zone: tzinfo
) -> datetime | None:
    """Return when a schedule fires next, None where never.

    A time that was met already is not met again because the clock was put back a little; after
    a long way back times are new.
    """
    after = now
    if fired is not None and now < fired <= now + SHORT_STEP_BACK:
        after = fired
    return next(iter(times_after(expression, after, zone, 1)), None)
