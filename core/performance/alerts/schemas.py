"""What the service of the alerts takes, returns and tells."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from core.events import Event


class AlertKind(StrEnum):
    """What there are alerts about; the values name the rows and never change."""

    DISK_LOW = "disk_low"
    SLOW_STATEMENTS = "slow_statements"
    ERROR_RATE = "error_rate"
    WAL_LARGE = "wal_large"
    INTEGRITY_FAILED = "integrity_failed"
    KEYS_BROKEN = "keys_broken"
    LONG_TRANSACTION = "long_transaction"
    CPU_HIGH = "cpu_high"
    MEMORY_HIGH = "memory_high"
    CONNECTION_FAILURES = "connection_failures"
    BACKUP_FAILED = "backup_failed"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """When an alert is raised, and when it is over.

    Between the two thresholds nothing changes. For ``DISK_LOW`` less is worse, so there
    ``clear_at`` is the larger one; for all others ``raise_at`` is.

    Attributes:
        kind: What it is about; says what the thresholds count: bytes for ``DISK_LOW``,
            ``WAL_LARGE`` and ``MEMORY_HIGH``, ms that the second slowest took for
            ``SLOW_STATEMENTS``, a second for ``ERROR_RATE``, failures within a minute for
            ``CONNECTION_FAILURES``, s for ``LONG_TRANSACTION``, cores for ``CPU_HIGH``,
            problems for ``INTEGRITY_FAILED`` and ``KEYS_BROKEN`` (500 are that many or more),
            failures one after another for ``BACKUP_FAILED``.
        enabled: Whether it is raised at all.
        raise_at: From here on it is bad.
        clear_at: From here on it is good again.
        for_s: How long a time is judged: by the mean of the figure, or by all statements that
            ran in it. It is not raised before so much is known.
    """

    kind: AlertKind
    enabled: bool
    raise_at: float
    clear_at: float
    for_s: float


@dataclass(frozen=True, slots=True)
class AlertRow:
    """A figure that went over its threshold, until it came back.

    Attributes:
        id: 0 for one that is told before it can be stored, as on a full disk.
        title: What happened, in a few words.
        words: What happened, why it matters, and what to do.
        value: The figure that raised it, in the unit of its rule and on the whole within its
            time; the worst once it is over.
        threshold: What it had to reach.
        raised_at: When; UTC.
        cleared_at: When it was over; None while it is open.
        acknowledged_at: When somebody took note; None as long as nobody did.
        acknowledged_by: Who did.
    """

    id: int
    kind: AlertKind
    title: str
    words: str
    value: float
    threshold: float
    raised_at: datetime
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str

    @property
    def open(self) -> bool:
        """Whether it is not over."""
        return self.cleared_at is None


@dataclass(frozen=True, slots=True)
class AlertRaised(Event):
    """An alert was raised; ``path`` is the database."""

    alert: AlertRow
    path: Path


@dataclass(frozen=True, slots=True)
class AlertCleared(Event):
    """An alert is over; ``path`` is the database."""

    alert: AlertRow
    path: Path
