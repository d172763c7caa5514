"""What the monitor holds and hands out; nothing in it is a value of a statement."""

from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import NamedTuple

from core.database.monitor import histogram
from core.database.monitor.fingerprints import Fingerprint, Kind


class PlanLine(NamedTuple):
    """A line of EXPLAIN QUERY PLAN."""

    id: int
    parent: int
    detail: str


@dataclass(slots=True)
class Tally:
    """The running figures of one fingerprint.

    Attributes:
        counts: A histogram, see ``histogram``.
        last_at: Seconds since the epoch.
        plan: As SQLite told it for the values of one run; None as long as it was not asked.
        plan_due_s: When to ask next, by ``time.perf_counter``.
    """

    fingerprint: Fingerprint
    count: int = 0
    total_s: float = 0.0
    longest_s: float = 0.0
    rows: int = 0
    errors: int = 0
    cancelled: int = 0
    last_at: float = 0.0
    counts: list[int] = field(default_factory=histogram.empty)
    plan: tuple[PlanLine, ...] | None = None
    plan_due_s: float = inf


@dataclass(frozen=True, slots=True)
class StatementFigures:
    """All runs of one statement; durations in seconds, percentiles off by at most 5 %.

    Attributes:
        rows: Read or written in all.
        errors: How often it failed; a BEGIN that only finds the lock taken did not.
        cancelled: How often whoever awaited it was cancelled.
        plan: As SQLite told it for the values of one run; None as long as it was not asked.
    """

    fingerprint: Fingerprint
    count: int
    total_s: float
    p50_s: float
    p95_s: float
    p99_s: float
    longest_s: float
    rows: int
    errors: int
    cancelled: int
    last_at: datetime
    plan: tuple[PlanLine, ...] | None


@dataclass(frozen=True, slots=True)
class SlowRun:
    """One run that took long.

    Attributes:
        id: Grows; never used twice.
        at: When it began.
        parameter_types: One for each value, with the length of what has one.
        caller: The innermost place in this program, outside the database layer, that asked.
    """

    id: int
    fingerprint: Fingerprint
    at: datetime
    duration_s: float
    rows: int
    parameter_types: tuple[str, ...]
    caller: str
    plan: tuple[PlanLine, ...] | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that was counted since ``since``.

    Attributes:
        total: Runs of all statements, those of ``dropped`` too.
        dropped: Runs of statements that had to make room for others.
        errors: Failed runs of all statements.
        statements: By total time, the longest first.
    """

    since: datetime
    total: int
    dropped: int
    errors: int
    statements: tuple[StatementFigures, ...]


@dataclass(frozen=True, slots=True)
class Rates:
    """What ran since the last time this was asked.

    The percentiles are those of reads and writes, in milliseconds; None where none ran.

    Attributes:
        span_s: How long that is.
        slow: How many runs were over the threshold.
    """

    span_s: float
    reads_per_s: float
    writes_per_s: float
    errors_per_s: float
    slow: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


def no_counts() -> dict[Kind, int]:
    """Return a count of zero for each kind."""
    return dict.fromkeys(Kind, 0)
