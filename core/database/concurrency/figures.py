"""What is counted of pools, transactions, locks, semaphores and limiters."""

from dataclasses import dataclass
from enum import StrEnum


class TransactionMode(StrEnum):
    """How a transaction sees the database."""

    WRITE = "write"
    """Holds SQLite's one write lock."""
    SNAPSHOT = "snapshot"
    """Reads one state with several statements."""
    READ = "read"
    """Reads; each statement sees the newest state."""


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """The connections of one engine; counts are since it was opened.

    Attributes:
        name: ``reader`` or ``writer``.
        size: How many connections are kept open at the most.
        in_use: How many are in somebody's hands now.
        idle: How many are open and wait to be taken.
        overflow: How many are open beyond ``size``.
        waits: How often somebody had to wait for a connection.
        waited_s: How long all of them waited together, in seconds.
        checkouts: How often a connection was taken.
        checkins: How often one was given back.
        invalidated: How many were thrown away, since they did not work any more.
        connects: How many were opened.
    """

    name: str
    size: int
    in_use: int
    idle: int
    overflow: int
    waits: int
    waited_s: float
    checkouts: int
    checkins: int
    invalidated: int
    connects: int


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """A transaction that is open now.

    Attributes:
        id: Its number in this process; never given twice.
        owner: What opened it, such as ``core.projects.service.ProjectService.create``.
        actor: The name of the user for whom; empty for a duty of the program.
        age_s: How long it is open, in seconds.
        statement: The SQL that runs now, or ran last; never its values. Empty before the first.
        statement_age_s: How long that runs, in seconds; None while none runs.
    """

    id: int
    owner: str
    actor: str
    mode: TransactionMode
    age_s: float
    statement: str
    statement_age_s: float | None


@dataclass(frozen=True, slots=True)
class TransactionFigures:
    """How transactions of a database ended since it was opened, and how long they took.

    Attributes:
        committed: Those that made writes last.
        rolled_back: Those that wrote and undid it; one that wrote nothing undid nothing.
        retried: How often work was done again, since the database was busy.
        timed_out: Those that were stopped by their time limit; rolled back, too.
        mean_ms: Of the writing ones, from the first statement to the end, in milliseconds.
        p95_ms: 95 % of the latest of them were at most this long.
        longest_ms: The longest of them all.
    """

    committed: int
    rolled_back: int
    retried: int
    timed_out: int
    mean_ms: float
    p95_ms: float
    longest_ms: float


@dataclass(frozen=True, slots=True)
class LockFigures:
    """A family of locks, one for each key.

    Attributes:
        held: The keys that are held now, as text.
        waiting: How many wait now.
        acquired: How often one was taken.
        waited_s: How long was waited in all, in seconds.
        timed_out: How many gave up waiting.
        longest_held_s: The longest time that one was held.
    """

    name: str
    held: tuple[str, ...]
    waiting: int
    acquired: int
    waited_s: float
    timed_out: int
    longest_held_s: float


@dataclass(frozen=True, slots=True)
class SemaphoreFigures:
    """Places of which only so many may be taken at once.

    Attributes:
        limit: How many there are.
        in_use: How many are taken now.
        waiting: How many wait now.
        acquired: How often one was taken.
        waited_s: How long was waited in all, in seconds.
        timed_out: How many gave up waiting.
    """

    name: str
    limit: int
    in_use: int
    waiting: int
    acquired: int
    waited_s: float
    timed_out: int


@dataclass(frozen=True, slots=True)
class LimiterFigures:
    """Work of which only so much runs at once, the more urgent first.

    Attributes:
        limit: How many may run at once.
        running: How many run now.
        waiting: How many wait now.
        queue_limit: How many may wait; more are refused.
        succeeded: How many came to their end.
        failed: How many ended in an error.
        cancelled: How many were cancelled, waiting or running.
        refused: How many found the queue full.
        timed_out: How many gave up waiting.
        waited_s: How long was waited in all, in seconds.
    """

    name: str
    limit: int
    running: int
    waiting: int
    queue_limit: int
    succeeded: int
    failed: int
    cancelled: int
    refused: int
    timed_out: int
    waited_s: float
