"""What several pages say of times, sizes and counts."""

import math
from typing import Final

from core.performance.advice.schemas import AdviceKind, Recommendation, Weight
from core.performance.maintenance.schemas import VacuumForecast
from core.performance.statements.schemas import PlanVerdict
from core.translation import _, ngettext
from desktop.figures import decimal, duration, number, percent, size
from desktop.widgets.state_badge import Badge, Tone

NONE: Final = "—"
# The share of the free room that nobody has to think of.
_LITTLE = 0.05


def milliseconds(value: float) -> str:
    """Return a time of milliseconds: ``0.42 ms``, ``12 ms``, ``1.3 s``, ``2:05``."""
    if value < 1000:
        places = 0 if value >= 20 else 1 if value >= 1 else 2
        return _("{time} ms").format(time=_trimmed(value, places))
    return seconds(value / 1000)


def seconds(value: float) -> str:
    """Return a time of seconds: ``420 ms``, ``3.2 s``, ``42 s``, ``2:05``."""
    if value < 1:
        return milliseconds(value * 1000)
    if value < 10:
        return _("{time} s").format(time=decimal(float(value), 1))
    if value < 60:
        return _("{time} s").format(time=number(int(value)))
    return duration(value)


def per_second(value: float) -> str:
    """Return how often something happens in a second."""
    return _("{count}/s").format(
        count=decimal(float(value), 0 if value >= 10 or value == 0 else 1)
    )


def plain(value: float) -> str:
    """Return a figure without a unit."""
    whole = math.isclose(value, round(value), abs_tol=0.005)
    return number(round(value)) if whole else decimal(float(value), 1)


def byte_words(value: float) -> str:
    """Return a size."""
    return size(round(value))


def room_words(forecast: VacuumForecast) -> str:
    """Return what VACUUM needs meanwhile; figures only where they matter."""
    needed, free = forecast.needed_bytes, forecast.free_bytes
    if needed < _LITTLE * free:
        return _("there is room enough for it")
    return _("needs {needed} meanwhile, of {free} free").format(
        needed=size(needed), free=size(free)
    )


def change_words(value: float) -> str:
    """Return how much a size grew or shrank."""
    sign = "+" if value >= 0 else "−"
    return f"{sign}{size(abs(round(value)))}"


def share(value: float) -> str:
    """Return a share of 0 to 1, also above, as percents."""
    return percent(value)


def verdict_badge(verdict: PlanVerdict | None, rows: int | None = None) -> Badge | None:
    """Return how rows are found, as icon and words; None where there is nothing to tell.

    Args:
        rows: How many are read where all of a table are.
    """
    if verdict is None or verdict is PlanVerdict.OTHER:
        return None
    if verdict is PlanVerdict.FULL_SCAN and rows:
        words = ngettext("Reads {count} row", "Reads {count} rows", rows)
        return Badge(words.format(count=number(rows)), "warning", Tone.WARNING)
    return {
        PlanVerdict.FULL_SCAN: Badge(_("Reads all rows"), "warning", Tone.WARNING),
        PlanVerdict.SORT: Badge(_("Sorts"), "sort-ascending", Tone.WARNING),
        PlanVerdict.INDEX: Badge(_("Index"), "check", Tone.SUCCESS),
        PlanVerdict.COVERING_INDEX: Badge(_("Covering index"), "check", Tone.SUCCESS),
        PlanVerdict.PRIMARY_KEY: Badge(_("Primary key"), "check", Tone.SUCCESS),
    }[verdict]


def _trimmed(value: float, places: int) -> str:
    if value == 0:
        return number(0)
    return decimal(float(value), places)


def advice_badge(one: Recommendation) -> Badge:
    """Return what a recommendation is about, as icon and word; what matters most stands out."""
    words, icon = {
        AdviceKind.JOURNAL_MODE: (_("Journal"), "notebook"),
        AdviceKind.CACHE_SIZE: (_("Cache"), "lightning"),
        AdviceKind.ANALYZE: (_("Statistics"), "chart-bar"),
        AdviceKind.MISSING_INDEX: (_("Index"), "magnifying-glass"),
        AdviceKind.UNUSED_INDEX: (_("Unused index"), "trash"),
        AdviceKind.REDUNDANT_INDEX: (_("Double index"), "copy"),
        AdviceKind.FREELIST: (_("Space"), "arrows-in"),
        AdviceKind.PAGE_SIZE: (_("Page size"), "file"),
        AdviceKind.FOREIGN_KEY_INDEX: (_("Foreign key"), "key"),
        AdviceKind.NO_PRIMARY_KEY: (_("Primary key"), "key"),
        AdviceKind.WAL_GROWING: (_("Write-ahead log"), "stack"),
        AdviceKind.FOREIGN_KEY_VIOLATIONS: (_("Broken reference"), "warning"),
        AdviceKind.AUTO_VACUUM: (_("Space"), "arrows-in"),
        AdviceKind.DAMAGE: (_("Damage"), "warning"),
    }[one.kind]
    tones = {Weight.HIGH: Tone.WARNING, Weight.MEDIUM: Tone.ACCENT, Weight.LOW: Tone.QUIET}
    return Badge(words, icon, tones[one.weight])
