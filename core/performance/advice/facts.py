"""What is known of a database when recommendations are looked for; rules see nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.database.monitor import StatementFigures
from core.performance.benchmarks.schemas import BenchmarkRow
from core.performance.maintenance.schemas import FileFigures, MaintenanceRow, VacuumForecast
from core.performance.statements.facts import Facts as Schema
from core.performance.storage.schemas import StorageReport

# Others belong to a program, and only that can make such an index.
_COLLATIONS = ("binary", "nocase", "rtrim")


@dataclass(frozen=True, slots=True)
class Term:
    """A column of an index; ``column`` is None for an expression, ``collation`` lower case."""

    column: str | None
    down: bool
    collation: str


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """An index.

    Attributes:
        origin: ``c`` made by CREATE INDEX, ``u`` by UNIQUE, ``pk`` by PRIMARY KEY.
        partial: Whether only some rows are in it.
    """

    name: str
    table: str
    unique: bool
    origin: str
    partial: bool
    terms: tuple[Term, ...]

    @property
    def plain(self) -> bool:
        """Whether it only makes things faster, and can be made again by its columns alone."""
        known = all(term.column and term.collation in _COLLATIONS for term in self.terms)
        return self.origin == "c" and not self.unique and not self.partial and known


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A foreign key: ``columns`` of ``table`` name a row of ``parent``."""

    table: str
    parent: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table of rows in SQLite's own pages.

    Attributes:
        has_key: Whether it has a primary key.
        rowid_column: The column that is the rowid itself; empty where none is.
    """

    name: str
    has_key: bool
    without_rowid: bool
    rowid_column: str = ""
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a table has; ``more`` that there are more than were counted."""

    rows: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A check of the file or its foreign keys, in words.

    Attributes:
        findings: Some hundreds of them at most.
        told: How many there are in all, in a sentence.
    """

    at: datetime
    findings: tuple[str, ...]
    told: str


@dataclass(frozen=True, slots=True)
class Facts:
    """A database, as it was found.

    Attributes:
        read_only: Why nothing can be written; empty where it can.
        wal_is_safe: Whether this SQLite writes logs without the fault of earlier ones.
        schema: With the statistics of ANALYZE.
        rows: By the names of tables in lower case, as they were counted.
        statements: That this process ran, since ``since``.
        whole: All statements since then are among them.
        own_indexes: Names, in lower case, of what belongs to the schema of Buildbench.
        violations: What the last check of foreign keys found; None where there was none.
        vacuums: Earlier runs of VACUUM, the newest first.
        unread: What could not be read, and why, both in words.
        check: The last check of the whole file; None where there was none.
        benchmarks: The last ones, the newest first.
    """

    name: str
    managed: bool
    read_only: str
    figures: FileFigures
    now: datetime
    wal_is_safe: bool = True
    schema: Schema = field(default_factory=Schema)
    tables: tuple[TableFacts, ...] = ()
    indexes: tuple[IndexFacts, ...] = ()
    keys: tuple[KeyFacts, ...] = ()
    rows: Mapping[str, Count] = field(default_factory=dict)
    statements: tuple[StatementFigures, ...] = ()
    since: datetime | None = None
    whole: bool = True
    own_indexes: frozenset[str] = frozenset()
    storage: StorageReport | None = None
    forecast: VacuumForecast | None = None
    violations: Check | None = None
    vacuums: tuple[MaintenanceRow, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    check: Check | None = None
    benchmarks: tuple[BenchmarkRow, ...] = ()

    def count(self, table: str) -> Count:
        """Return how many rows a table has; 0 where they were not counted."""
        return self.rows.get(table.lower(), Count(0))

    def indexes_of(self, table: str) -> Iterable[IndexFacts]:
        """Return the indexes of a table."""
        return (one for one in self.indexes if one.table.lower() == table.lower())

    def table(self, name: str) -> TableFacts | None:
        """Return a table by its name."""
        return next((one for one in self.tables if one.name.lower() == name.lower()), None)

    def bytes_of(self, name: str) -> int | None:
        """Return what a table or index took when sizes were measured last."""
        objects = self.storage.objects if self.storage is not None else ()
        return next((one.bytes for one in objects if one.name.lower() == name.lower()), None)
