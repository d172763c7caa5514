"""What the cards above say, from the newest figures."""

from collections.abc import Mapping
from datetime import UTC, datetime

from core.performance.metrics.schemas import Metric, Series
from core.translation import _
from desktop.figures import number
from desktop.performance import words
from desktop.widgets.figure_card import FigureCard

Sample = Mapping[Metric, float]


def make_cards() -> dict[str, FigureCard]:
    """Return the four cards, in their order."""
    return {
        "database": FigureCard(_("Database")),
        "wal": FigureCard(_("Write-ahead log")),
        "p95": FigureCard(_("Statement p95")),
        "connections": FigureCard(_("Connections")),
    }


def make_business_cards() -> dict[str, FigureCard]:
    """Return the cards that only a workspace has."""
    return {
        "users": FigureCard(_("People")),
        "active": FigureCard(_("Active now")),
        "builds": FigureCard(_("Builds that run")),
        "queue": FigureCard(_("Builds that wait")),
        "rate": FigureCard(_("Success rate")),
    }


def show_cards(
    cards: Mapping[str, FigureCard],
    sample: Sample,
    *,
    change: float | None,
    largest_wal: float,
    pool_size: int,
) -> None:
    """Show the figures of one second.

    Args:
        sample: The newest value of each figure.
        change: By how many bytes the file grew today, None where that is not known.
        largest_wal: The largest write-ahead log of the last ten minutes, in bytes.
        pool_size: How many connections there can be, 0 where that is not known yet.
    """
    size, wal = sample.get(Metric.DATABASE_BYTES), sample.get(Metric.WAL_BYTES)
    cards["database"].show_figure(_size(size), _room(sample, change))
    cards["wal"].show_figure(_size(wal), "" if wal is None else _at_most(largest_wal))
    cards["p95"].show_figure(_time(sample.get(Metric.STATEMENT_P95)), _latencies(sample))
    cards["connections"].show_figure(_used(sample, pool_size), _longest(sample))


def show_business_cards(cards: Mapping[str, FigureCard], sample: Sample) -> None:
    """Show the figures of a workspace."""
    rate = sample.get(Metric.SUCCESS_RATE)
    for key, metric in (
        ("users", Metric.USERS),
        ("active", Metric.ACTIVE_USERS),
        ("builds", Metric.BUILDS),
        ("queue", Metric.QUEUE),
    ):
        value = sample.get(metric)
        cards[key].show_figure(words.NONE if value is None else number(round(value)))
    cards["active"].note.setText(_("within 15 minutes"))
    shown = words.NONE if rate is None else words.share(rate)
    cards["rate"].show_figure(shown, _("of the last 24 hours"))


def change_today(series: Series, newest: float | None, now: datetime) -> float | None:
    """Return by how much a figure changed since midnight, or since it was measured first.

    Args:
        series: The figure over the last day.
        newest: What it is now.
        now: Local time.
    """
    if newest is None:
        return None
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    today = (
        value
        for at, value in zip(series.times, series.mean, strict=True)
        if value is not None and at >= midnight
    )
    first = next(today, None)
    return None if first is None else newest - first


def local_now() -> datetime:
    """Return the time of day here."""
    return datetime.now(UTC).astimezone()


def _room(sample: Sample, change: float | None) -> str:
    """Return how the size changed and, before that is known, what is free on the disk."""
    if change is not None:
        return _("{change} today").format(change=words.change_words(change))
    free = sample.get(Metric.DISK_FREE)
    if free is None:
        return ""
    return _("{size} free on the disk").format(size=words.byte_words(free))


def _at_most(largest: float) -> str:
    if not largest:
        return _("none in 10 minutes")
    return _("at most {size} in 10 minutes").format(size=words.byte_words(largest))


def _size(value: float | None) -> str:
    return words.NONE if value is None else words.byte_words(value)


def _time(value: float | None) -> str:
    return words.NONE if value is None else words.milliseconds(value)


def _latencies(sample: Sample) -> str:
    if Metric.STATEMENT_P50 not in sample:
        return _("no statement within a minute")
    return _("p50 {half} · p99 {most}").format(
        half=_time(sample.get(Metric.STATEMENT_P50)),
        most=_time(sample.get(Metric.STATEMENT_P99)),
    )


def _used(sample: Sample, pool_size: int) -> str:
    used = sample.get(Metric.POOL_IN_USE)
    if used is None:
        return words.NONE
    if not pool_size:
        return number(round(used))
    return _("{count} of {limit}").format(count=number(round(used)), limit=number(pool_size))


def _longest(sample: Sample) -> str:
    if not sample.get(Metric.OPEN_TRANSACTIONS):
        return _("Buildbench has no transaction open")
    longest = sample.get(Metric.LONGEST_TRANSACTION, 0.0)
    return _("longest transaction {time}").format(time=words.seconds(longest))
