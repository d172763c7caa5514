"""What this section says: months, growth and shares in words."""

from datetime import date

from PySide6.QtCore import QDate, QLocale

from core.translation import _, ngettext
from core.users.insights.schemas import Month, TopPerson
from desktop.figures import duration, locale, number, percent

NONE = "–"


def month_short(day: date) -> str:
    """Return a month in few signs; where a year begins, the year with it."""
    words = locale().standaloneMonthName(day.month, QLocale.FormatType.ShortFormat)
    if day.month != 1:
        return words
    return _("{month} {year}").format(month=words, year=day.year)


def month_long(day: date) -> str:
    """Return a month and its year."""
    return locale().toString(QDate(day.year, day.month, 1), "MMMM yyyy")


def growth(share: float) -> str:
    """Return a change with its sign, such as ``+12 %``."""
    sign = "+" if share > 0 else "−" if share < 0 else "±"
    return f"{sign}{percent(abs(share))}"


def month_tip(month: Month) -> str:
    """Return what was done in a month, exactly."""
    parts = [
        ngettext("{count} action", "{count} actions", month.actions).format(
            count=number(month.actions)
        ),
        ngettext("{count} person", "{count} people", month.people).format(
            count=number(month.people)
        ),
        ngettext("{count} build", "{count} builds", month.builds).format(
            count=number(month.builds)
        ),
    ]
    if month.growth is not None:
        parts.append(_("{growth} against the month before").format(growth=growth(month.growth)))
    return " · ".join(parts)


def share_of(count: int, total: int) -> str:
    """Return how large a part is, in words; empty where there is no whole."""
    if not total:
        return ""
    return _("{share} of all").format(share=part(count / total))


def part(share: float) -> str:
    """Return a share of 0 to 1 in percent; not as nothing where it is something."""
    return _("< 1 %") if 0 < share < 0.01 else percent(share)


def days(count: int) -> str:
    """Return a number of days."""
    return ngettext("{count} day", "{count} days", count).format(count=number(count))


def active_caption(count: int) -> str:
    """Return what counts those who did something in the last days."""
    words = ngettext("Active in the last day", "Active in the last {count} days", count)
    return words.format(count=number(count))


def build_time(person: TopPerson) -> str:
    """Return how long somebody's builds ran in all."""
    return duration(person.duration_ms / 1000)


def people(count: int) -> str:
    """Return a number of people in words."""
    return ngettext("{count} person", "{count} people", count).format(count=number(count))
