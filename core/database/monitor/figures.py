"""What the monitor holds and hands out; nothing in it is a value of a statement."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import nlargest
from math import inf
from typing import NamedTuple

from core.database.monitor import histogram
from core.database.monitor.fingerprints import Fingerprint, Kind

SHARES = (0.5, 0.95, 0.99)
_SLOWEST = 2


class PlanLine(NamedTuple):
    """A line of EXPLAIN QUERY PLAN."""

    id: int
    parent: int
    detail: str


@dataclass(slots=True)
class Tally:
    """The running figures of one fingerprint.

    Attributes:
        recent: The durations of the last runs, in seconds, that are not counted elsewhere:
            sorting them into a histogram one by one would cost more than all else.
        counts: A histogram, see ``histogram``; as ``count``, ``total_s`` and ``longest_s``
            without the recent runs.
        last_at: Seconds since the epoch.
        plan: As SQLite told it for the values of one run; None as long as it was not asked.
        plan_due_s: When to ask next, by ``time.perf_counter``.
    """

    fingerprint: Fingerprint
    recent: list[float] = field(default_factory=list)
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

    @classmethod
    def of(cls, tally: Tally) -> "StatementFigures":
        """Return what was counted of a statement; nothing is recent."""
        p50, p95, p99 = histogram.percentiles(tally.counts, SHARES, longest_s=tally.longest_s)
        return cls(
            fingerprint=tally.fingerprint,
            count=tally.count,
            total_s=tally.total_s,
            p50_s=p50,
            p95_s=p95,
            p99_s=p99,
            longest_s=tally.longest_s,
            rows=tally.rows,
            errors=tally.errors,
            cancelled=tally.cancelled,
            last_at=datetime.fromtimestamp(tally.last_at, UTC),
            plan=tally.plan,
        )


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
        slowest_ms: How long the slowest read or write took, and the next one; fewer where
            fewer ran.
    """

    reads_per_s: float
    writes_per_s: float
    errors_per_s: float
    slowest_ms: tuple[float, ...]
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class Window:
    """What ran since a moment, of all statements."""

    def __init__(self) -> None:
        self.began_s = time.perf_counter()
        self.counts = histogram.empty()
        self.kinds = dict.fromkeys(Kind, 0)
        self.slowest_s: list[float] = []
        self.errors = 0

    def take(self, tally: Tally) -> None:
        """Count the recent runs of a statement, here and in its own figures."""
        recent = tally.recent
        if not recent:
            return
        kind = tally.fingerprint.kind
        self.kinds[kind] += len(recent)
        tally.count += len(recent)
        tally.total_s += sum(recent)
        longest = max(recent)
        tally.longest_s = max(tally.longest_s, longest)
        numbers = [histogram.bucket(seconds) for seconds in recent]
        for number in numbers:
            tally.counts[number] += 1
        if kind is not Kind.OTHER:
            self.slowest_s = nlargest(_SLOWEST, (*self.slowest_s, *recent))
            for number in numbers:
                self.counts[number] += 1
        recent.clear()

    def rates(self) -> Rates:
        """Return the figures up to now."""
        span = max(time.perf_counter() - self.began_s, 1e-9)
        longest = max(self.slowest_s, default=0.0)
        told = histogram.percentiles(self.counts, SHARES, longest_s=longest)
        ran = self.kinds[Kind.READ] + self.kinds[Kind.WRITE]
        p50, p95, p99 = (value * 1000 if ran else None for value in told)
        return Rates(
            reads_per_s=self.kinds[Kind.READ] / span,
            writes_per_s=self.kinds[Kind.WRITE] / span,
            errors_per_s=self.errors / span,
            slowest_ms=tuple(1000 * seconds for seconds in self.slowest_s),
            p50_ms=p50,
            p95_ms=p95,
            p99_ms=p99,
        )
