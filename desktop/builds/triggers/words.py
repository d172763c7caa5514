"""What is said about triggers: when they start builds, what they did, what went wrong."""

from datetime import datetime

from core.translation import _, ngettext
from core.triggers.schemas import TriggerRow, TriggerType
from desktop.figures import ago, brief, locale, number

_MINUTE, _HOUR, _DAY = 60, 3600, 24 * 3600
_WORKING_DAYS = ("1-5", "mon-fri")
_DAYS = {"0": 7, "7": 7, "sun": 7, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_DAYS |= {str(day): day for day in range(1, 7)}


def kind_words(kind: TriggerType) -> str:
    """Return the name of a kind of trigger."""
    return {
        TriggerType.SCHEDULE: _("At set times"),
        TriggerType.COMMITS: _("New commits"),
        TriggerType.AFTER_PROJECT: _("After another project"),
    }[kind]


def kind_icon(kind: TriggerType) -> str:
    """Return the icon of a kind of trigger."""
    return {
        TriggerType.SCHEDULE: "calendar-blank",
        TriggerType.COMMITS: "git-commit",
        TriggerType.AFTER_PROJECT: "flow-arrow",
    }[kind]


def when(trigger: TriggerRow) -> str:
    """Return in a sentence's beginning what a trigger waits for."""
    match trigger.kind:
        case TriggerType.SCHEDULE:
            return schedule_words(trigger.expression)
        case TriggerType.COMMITS:
            every = interval_words(trigger.interval_s or 0)
            if trigger.branch:
                told = _("New commits on “{branch}”, looked for {every}")
                return told.format(branch=trigger.branch, every=every)
            return _("New commits, looked for {every}").format(every=every)
    return _("After each success of “{project}”").format(project=trigger.source_project)


def with_what(trigger: TriggerRow) -> str:
    """Return branch and build type of the builds that it starts, where they are its own."""
    parts = []
    if trigger.branch and trigger.kind is not TriggerType.COMMITS:
        parts.append(_("branch {branch}").format(branch=trigger.branch))
    if trigger.build_type:
        parts.append(_("build type {type}").format(type=trigger.build_type))
    return ", ".join(parts)


def what_next(trigger: TriggerRow) -> str:
    """Return when it starts a build next, or looks whether it should."""
    if not trigger.enabled:
        return _("Switched off")
    if trigger.kind is TriggerType.AFTER_PROJECT:
        return _("Waits for its next success")
    if trigger.next_at is None:
        return _("No time is known when it starts a build")
    if trigger.kind is TriggerType.COMMITS:
        return _("Looks again {time}").format(time=moment(trigger.next_at))
    return _("Next {time}").format(time=moment(trigger.next_at))


def what_was(trigger: TriggerRow) -> str:
    """Return when it started a build last."""
    if trigger.fired_at is None:
        return _("has started no build yet")
    return _("last started a build {time}").format(time=ago(trigger.fired_at))


def moment(time: datetime) -> str:
    """Return day of the week, date and time, local."""
    local = time.astimezone()
    day = locale().dayName(local.isoweekday(), locale().FormatType.ShortFormat)
    return _("{day} {time}").format(day=day, time=brief(time))


def interval_words(seconds: int) -> str:
    """Return how often something is done."""
    if seconds and seconds % _HOUR == 0:
        count = seconds // _HOUR
        return ngettext("every hour", "every {count} hours", count).format(count=number(count))
    if seconds and seconds % _MINUTE == 0:
        count = seconds // _MINUTE
        return ngettext("every minute", "every {count} minutes", count).format(
            count=number(count)
        )
    return ngettext("every second", "every {count} seconds", seconds).format(
        count=number(seconds)
    )


def schedule_words(expression: str) -> str:
    """Return a schedule in words where it is a common one, and as it is written elsewhere."""
    parts = expression.split()
    told = _common(*parts) if len(parts) == 5 else ""
    return told or _("By the schedule “{expression}”").format(expression=expression)


def _common(minute: str, hour: str, day: str, month: str, weekday: str) -> str:
    if month != "*":
        return ""
    if (hour, day, weekday) == ("*", "*", "*"):
        return _within_the_hour(minute)
    if not (minute.isdecimal() and hour.isdecimal()):
        return ""
    time = f"{int(hour):02}:{int(minute):02}"
    if day == weekday == "*":
        return _("Every day at {time}").format(time=time)
    if day == "*":
        return _on_weekdays(weekday.casefold(), time)
    if weekday == "*" and day.isdecimal():
        return _("On day {day} of each month at {time}").format(day=int(day), time=time)
    return ""


def _within_the_hour(minute: str) -> str:
    if minute == "*":
        return _("Every minute")
    if minute.startswith("*/") and minute[2:].isdecimal():
        count = int(minute[2:])
        return ngettext("Every minute", "Every {count} minutes", count).format(count=count)
    if minute.isdecimal():
        return _("Every hour at :{minute}").format(minute=f"{int(minute):02}")
    return ""


def _on_weekdays(weekday: str, time: str) -> str:
    if weekday in _WORKING_DAYS:
        return _("Monday to Friday at {time}").format(time=time)
    if weekday in _DAYS:
        day = locale().dayName(_DAYS[weekday])
        return _("Every {day} at {time}").format(day=day, time=time)
    return ""
