"""What the service of the metrics takes, returns and tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.events import Event


class Metric(StrEnum):
    """What is measured; the values name the rows in the database and never change.

    Times are in the unit that the name ends with, sizes in bytes, shares from 0 to 1.
    """

    STATEMENT_P50 = "statement_p50_ms"
    """Half of the statements of the last second were quicker, in ms; a gap without any."""
    STATEMENT_P95 = "statement_p95_ms"
    STATEMENT_P99 = "statement_p99_ms"
    READS = "reads_per_s"
    WRITES = "writes_per_s"
    STATEMENT_ERRORS = "statement_errors_per_s"

    POOL_IN_USE = "pool_in_use"
    """Connections in use, of all pools of this file in this process."""
    POOL_WAITS = "pool_waits_per_s"
    OPEN_TRANSACTIONS = "open_transactions"
    LONGEST_TRANSACTION = "longest_transaction_s"
    """Age of the oldest open transaction, in s; 0 without any."""
    LOCK_WAITS = "lock_waits"
    """How much of this process waits for keyed locks, semaphores and limits."""

    DATABASE_BYTES = "database_bytes"
    """The file as it lies there: what still waits in the log is not in it."""
    WAL_BYTES = "wal_bytes"
    FREELIST_BYTES = "freelist_bytes"
    """Free inside the database and its log: until a checkpoint it can be more than the file."""
    DISK_FREE = "disk_free_bytes"
    """Free to this person on the file system of the file."""

    CPU = "cpu_share"
    """Processor time of this process; 1 is one core all the time, two cores are 2."""
    MEMORY = "memory_bytes"
    """Resident memory of this process."""
    CORE_LAG = "core_lag_ms"
    """The most that the loop of the core thread was late in the last second, in ms."""
    WINDOW_LAG = "window_lag_ms"
    """How late the loop of the window was on average, as the window reports it, in ms."""
    WINDOW_GAP = "window_gap_ms"
    """The longest time in which the window took no event, as it reports it, in ms."""

    USERS = "users"
    """People who are not deleted; this and what follows in a workspace only."""
    ACTIVE_USERS = "active_users"
    """People who did something within the last 15 minutes."""
    BUILDS = "builds"
    """Builds that run."""
    SUCCESS_RATE = "success_rate"
    """Successes among the builds that ended in the last 24 hours; a gap without any."""
    QUEUE = "queue"
    """Builds that wait."""


BUSINESS = frozenset(
    (Metric.USERS, Metric.ACTIVE_USERS, Metric.BUILDS, Metric.SUCCESS_RATE, Metric.QUEUE)
)
"""What only a workspace has."""


class Span(StrEnum):
    """How far a series goes back: by seconds, minutes, hours or days."""

    TEN_MINUTES = "ten_minutes"
    DAY = "day"
    WEEK = "week"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Series:
    """One figure over a span, at most 600 points.

    Attributes:
        times: Where each point begins, in seconds since 1970 (UTC); evenly spaced, rising.
        low: The least within each point; None where nothing was measured.
        mean: The mean, weighted by measurements.
        high: The most.
    """

    metric: Metric
    times: tuple[float, ...]
    low: tuple[float | None, ...]
    mean: tuple[float | None, ...]
    high: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class MetricsSampled(Event):
    """The figures of one second were taken.

    Attributes:
        path: The database.
        at: When, in seconds since 1970 (UTC).
        values: What could be measured; what could not is missing.
    """

    path: Path
    at: float
    values: Mapping[Metric, float]
