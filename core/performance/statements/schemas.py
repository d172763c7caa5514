"""What is told of statements: their figures, the slow ones, and plans in words.

No value that was given to a statement is in any of it: literals in the text are ``?``.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PlanVerdict(StrEnum):
    """How SQLite finds the rows in one step, or in the worst step of a plan."""

    FULL_SCAN = "full_scan"
    SORT = "sort"
    INDEX = "index"
    COVERING_INDEX = "covering_index"
    PRIMARY_KEY = "primary_key"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of a plan, as SQLite tells it and in words.

    Attributes:
        id: Names the step within its plan.
        parent: The step that it belongs to; 0 for none.
        detail: The line of EXPLAIN QUERY PLAN, not translated.
        words: What it means, a whole sentence or more.
        table: The table that is read; empty where none is.
        rows: How many rows that table has, by the last ANALYZE or else by its largest rowid;
            None where neither tells, or where no table is read.
    """

    id: int
    parent: int
    detail: str
    words: str
    verdict: PlanVerdict
    table: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An index that a statement would be quicker by.

    Attributes:
        name: One that nothing in the file has yet.
        columns: For a sentence.
        sql: Makes it.
        terms: The columns, each with whether it is descending.
        spares_reading: Whether no whole table is read any more; else only sorting is spared.
    """

    table: str
    name: str
    columns: str
    sql: str
    terms: tuple[tuple[str, bool], ...]
    spares_reading: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """How SQLite would run a statement.

    Attributes:
        verdict: That of the step that costs most.
        words: What matters of it, in whole sentences.
        steps: In SQLite's order, which is a tree by their parents, walked from the top.
        suggestion: The index that would avoid the scan or the sorting; None where nothing is
            to be suggested.
    """

    verdict: PlanVerdict
    words: str
    steps: tuple[PlanStep, ...]
    suggestion: Suggestion | None = None


class StatementKind(StrEnum):
    """Whether a statement reads rows or writes them; ``OTHER`` is BEGIN, PRAGMA and such."""

    READ = "read"
    WRITE = "write"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class StatementRow:
    """All runs of one statement, whatever its values were.

    Percentiles are read from a histogram and off by at most 5 %.

    Attributes:
        fingerprint: Names the statement; the same in every session.
        text: The statement on one line, each literal as ``?``.
        count: How often it ran, also where it failed.
        rows: How many rows it read or wrote in all.
        errors: How often it failed; a BEGIN that only finds the lock taken did not.
        last_at: When it ran last.
        verdict: That of its plan; None until that is known.
        plan_words: The plan in words; empty until that is known.
        cancelled: How often whoever awaited it was cancelled.
    """

    fingerprint: str
    text: str
    kind: StatementKind
    count: int
    total_ms: float
    mean_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    rows: int
    errors: int
    last_at: datetime
    verdict: PlanVerdict | None
    plan_words: str
    cancelled: int = 0


@dataclass(frozen=True, slots=True)
class Statements:
    """All statements that were run since this database was opened, or since the last reset.

    Attributes:
        rows: By total time, the longest first.
        since: When counting began.
        dropped: Runs of statements that had no room in the list; they count in ``total``.
        total: Runs of all statements.
    """

    rows: tuple[StatementRow, ...]
    since: datetime
    dropped: int
    total: int


@dataclass(frozen=True, slots=True)
class SlowStatement:
    """One run that took longer than the threshold in the settings.

    Attributes:
        id: Grows with time; never used twice while the database is open.
        at: When it began.
        duration_ms: Its time in SQLite, without the wait for a connection.
        rows: How many rows it read or wrote.
        parameter_types: For each value its type, as ``int`` or ``str(36)`` with its length.
        caller: Where in this program it was asked for, as
            ``core.builds.service.BuildService.queue:117``.
        plan: Its plan; None where SQLite can tell none, as of BEGIN, or does not answer.
    """

    id: int
    fingerprint: str
    text: str
    at: datetime
    duration_ms: float
    rows: int
    parameter_types: tuple[str, ...]
    caller: str
    plan: Plan | None


@dataclass(frozen=True, slots=True)
class Explained:
    """One pasted statement: either its plan or what is wrong with it, in words.

    Attributes:
        sql: The statement as it was pasted, shortened where it is long.
        plan: None where ``error`` is not empty.
    """

    sql: str
    plan: Plan | None
    error: str
