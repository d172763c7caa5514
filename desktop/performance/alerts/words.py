"""What is said of alerts, their figures and their rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from core.performance.alerts.schemas import AlertKind, AlertRow
from core.performance.maintenance.schemas import MOST_FINDINGS
from core.translation import _, ngettext
from desktop.figures import ago, number
from desktop.performance.words import byte_words, milliseconds, per_second, seconds, share
from desktop.widgets.state_badge import Badge, Tone

_GRAVE: Final = frozenset(
    {AlertKind.DISK_LOW, AlertKind.INTEGRITY_FAILED, AlertKind.CONNECTION_FAILURES}
)
WITHOUT_THRESHOLDS: Final = frozenset(
    {AlertKind.INTEGRITY_FAILED, AlertKind.KEYS_BROKEN, AlertKind.BACKUP_FAILED}
)
"""What is bad as soon as it happens."""
_LISTED: Final = frozenset({AlertKind.INTEGRITY_FAILED, AlertKind.KEYS_BROKEN})
_MEGABYTE: Final = 1e6


@dataclass(frozen=True, slots=True)
class Unit:
    """How a threshold is typed.

    Attributes:
        factor: What is typed, times this, is the threshold.
        words: Stands behind the figure.
        places: Digits after the point.
        most: The largest that can be typed.
    """

    factor: float
    words: str
    places: int
    most: float


def rule_title(kind: AlertKind) -> str:
    """Return the name of a rule."""
    return {
        AlertKind.DISK_LOW: _("Disk space"),
        AlertKind.SLOW_STATEMENTS: _("Slow statements"),
        AlertKind.ERROR_RATE: _("Failing statements"),
        AlertKind.WAL_LARGE: _("Write-ahead log"),
        AlertKind.INTEGRITY_FAILED: _("Damage"),
        AlertKind.KEYS_BROKEN: _("Foreign keys"),
        AlertKind.LONG_TRANSACTION: _("Long transactions"),
        AlertKind.CPU_HIGH: _("Processor"),
        AlertKind.MEMORY_HIGH: _("Memory"),
        AlertKind.CONNECTION_FAILURES: _("No answer"),
        AlertKind.BACKUP_FAILED: _("Scheduled backups"),
    }[kind]


def rule_words(kind: AlertKind) -> str:
    """Return what a rule watches, in a sentence."""
    return {
        AlertKind.DISK_LOW: _("Free space on the disk of the file."),
        AlertKind.SLOW_STATEMENTS: _(
            "How long the second slowest statement took: one alone says little."
        ),
        AlertKind.ERROR_RATE: _("Statements that fail in a second."),
        AlertKind.WAL_LARGE: _("Size of the write-ahead log."),
        AlertKind.INTEGRITY_FAILED: _("Problems that a check of the file found."),
        AlertKind.KEYS_BROKEN: _("Rows of which a check found that they refer to none."),
        AlertKind.LONG_TRANSACTION: _("Age of the oldest open transaction."),
        AlertKind.CPU_HIGH: _("Processor time of this program; 100 % is one core."),
        AlertKind.MEMORY_HIGH: _("Memory of this program."),
        AlertKind.CONNECTION_FAILURES: _("Failures to reach the file within a minute."),
        AlertKind.BACKUP_FAILED: _("Scheduled backups that failed, one after another."),
    }[kind]


def value_words(kind: AlertKind, value: float) -> str:
    """Return a figure that an alert is about, with its unit."""
    if kind in (AlertKind.DISK_LOW, AlertKind.WAL_LARGE, AlertKind.MEMORY_HIGH):
        return byte_words(value)
    if kind is AlertKind.SLOW_STATEMENTS:
        return milliseconds(value)
    if kind is AlertKind.ERROR_RATE:
        return per_second(value)
    if kind is AlertKind.LONG_TRANSACTION:
        return seconds(value)
    if kind is AlertKind.CPU_HIGH:
        return share(value)
    if kind in _LISTED and value >= MOST_FINDINGS:
        return _("{count}+").format(count=number(round(value)))
    return number(round(value))


def unit_of(kind: AlertKind) -> Unit:
    """Return how the thresholds of a rule are typed."""
    bytes_of = Unit(_MEGABYTE, _("MB"), 0, 1e9)
    units: Mapping[AlertKind, Unit] = {
        AlertKind.DISK_LOW: bytes_of,
        AlertKind.WAL_LARGE: bytes_of,
        AlertKind.MEMORY_HIGH: bytes_of,
        AlertKind.SLOW_STATEMENTS: Unit(1, _("ms"), 0, 1e7),
        AlertKind.ERROR_RATE: Unit(1, _("a second"), 2, 1e6),
        AlertKind.LONG_TRANSACTION: Unit(1, _("s"), 0, 1e6),
        AlertKind.CPU_HIGH: Unit(0.01, _("%"), 0, 100_000),
    }
    return units.get(kind, Unit(1, _("in a minute"), 0, 1e6))


def is_grave(alert: AlertRow) -> bool:
    """Tell whether data or work may be lost."""
    return alert.kind in _GRAVE


def worst(alerts: Iterable[AlertRow]) -> AlertRow | None:
    """Return the alert that matters most: what nobody noted first, then what is grave."""
    return min(
        alerts,
        key=lambda one: (
            one.acknowledged_at is not None,
            not is_grave(one),
            -one.raised_at.timestamp(),
        ),
        default=None,
    )


def state_badge(alert: AlertRow) -> Badge:
    """Return where an alert stands."""
    if not alert.open:
        return Badge(_("Over"), "check", Tone.QUIET)
    if alert.acknowledged_at is not None:
        return Badge(_("Noted"), "eye", Tone.ACCENT)
    tone = Tone.FAILURE if is_grave(alert) else Tone.WARNING
    return Badge(_("Open"), "warning", tone)


def lasted(alert: AlertRow, now: datetime | None = None) -> str:
    """Return how long an alert lasted, or lasts by now."""
    end = alert.cleared_at or now or datetime.now(UTC)
    return seconds(max((end - alert.raised_at).total_seconds(), 0.0))


def facts(alert: AlertRow) -> str:
    """Return the figures of an open alert in a line."""
    return _("since {when} · it was {value} then · limit {threshold}").format(
        when=ago(alert.raised_at),
        value=value_words(alert.kind, alert.value),
        threshold=value_words(alert.kind, alert.threshold),
    )


def value_tip(alert: AlertRow) -> str:
    """Return what the figure of an alert is that is not over; else nothing."""
    raised_it = _("This figure raised it; the worst is known once it is over.")
    return raised_it if alert.open else ""


def noted(alert: AlertRow) -> str:
    """Return who took note of an alert, empty where nobody did."""
    if alert.acknowledged_at is None:
        return ""
    return _("Noted by {name}, {when}").format(
        name=alert.acknowledged_by, when=ago(alert.acknowledged_at)
    )


def open_count(count: int) -> str:
    """Return a number of open alerts."""
    return ngettext("{count} open alert", "{count} open alerts", count).format(
        count=number(count)
    )
