"""What is known of the tables that a plan speaks of."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, column, func, literal_column, select, table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.monitor.fingerprints import ABOUT_STATEMENTS

_WITHOUT_ROWID = re.compile(r"\)[^)]*\bWITHOUT\s+ROWID\b[^)]*$", re.IGNORECASE)
_SOME_ROWS = re.compile(r"\)\s*WHERE\b", re.IGNORECASE)

# A row takes at least so much of a file: a rowid beyond that says nothing about how many.
_LEAST_ROW_BYTES = 8
_MOST_OBJECTS = 20_000

_OWN_TABLES = frozenset({"sqlite_schema", "sqlite_master"})
_SCHEMA = table(
    "sqlite_schema", column("type"), column("name"), column("tbl_name"), column("sql")
)
_STATISTICS = table("sqlite_stat1", column("tbl"), column("idx"), column("stat"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A table, view or index of the schema; ``sql`` is empty for what SQLite made itself."""

    kind: str
    name: str
    table: str
    sql: str

    @property
    def virtual(self) -> bool:
        """Whether a module answers for it, not SQLite's own pages."""
        return self.kind == "table" and self.sql[:14].upper() == "CREATE VIRTUAL"

    @property
    def has_rowid(self) -> bool:
        """Whether it is a table whose rows SQLite numbers."""
        ordinary = self.kind == "table" and not self.virtual
        return ordinary and _WITHOUT_ROWID.search(self.sql) is None


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows a table has; ``analysed`` by the last ANALYZE, else no more than that."""

    count: int
    analysed: bool


@dataclass(slots=True)
class Facts:
    """The schema and sizes of a database.

    Attributes:
        entries: Tables and views by their names in lower case.
        indexes: Of all tables, as they were made.
        rows: By the names of tables in lower case, as far as they are known.
        statistics: What ANALYZE found: table, index or None, and its figures.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    indexes: tuple[Entry, ...] = ()
    rows: dict[str, Rows] = field(default_factory=dict)
    statistics: list[tuple[str, str | None, str]] = field(default_factory=list)

    def is_partial(self, index: str) -> bool:
        """Tell whether an index holds some rows of its table alone."""
        return any(
            entry.name.lower() == index.lower() and _SOME_ROWS.search(entry.sql) is not None
            for entry in self.indexes
        )

    def table(self, name: str) -> Entry | None:
        """Return a table by its name, None where there is none, or where it is a view."""
        if name.lower() in _OWN_TABLES:
            return Entry("table", name, name, "")
        entry = self.entries.get(name.lower())
        return entry if entry is not None and entry.kind == "table" else None


async def facts_of(session: AsyncSession) -> Facts:
    """Return the schema, and the sizes of the tables that were analysed.

    Raises:
        DBAPIError: The schema cannot be read.
    """
    query = _asking(_SCHEMA.c.type, _SCHEMA.c.name, _SCHEMA.c.tbl_name, _SCHEMA.c.sql)
    objects = (await session.execute(query.limit(_MOST_OBJECTS))).all()
    entries = [
        Entry(str(kind), str(name), str(of), str(sql or "")) for kind, name, of, sql in objects
    ]
    facts = Facts(
        entries={e.name.lower(): e for e in entries if e.kind in ("table", "view")},
        indexes=tuple(e for e in entries if e.kind == "index"),
    )
    if "sqlite_stat1" in facts.entries:
        for name, index, stat in (await session.execute(_asking(*_STATISTICS.c))).all():
            if isinstance(name, str) and isinstance(stat, str):
                facts.statistics.append((name, index, stat))
                _note_analysed(facts, name.lower(), stat)
    return facts


async def count_rows(session: AsyncSession, facts: Facts, names: Iterable[str]) -> None:
    """Find out how many rows these tables can have at most, where no ANALYZE told.

    That is the span of their rowids, which is found at once however large they are.
    """
    wanted = {name.lower() for name in names} - facts.rows.keys()
    tables = [found for name in sorted(wanted) if (found := facts.table(name)) is not None]
    if not tables:
        return
    file_bytes = await _file_bytes(session)
    for found in tables:
        span = await _span(session, found.name) if found.has_rowid else None
        if span is not None and 0 <= span <= file_bytes // _LEAST_ROW_BYTES:
            facts.rows[found.name.lower()] = Rows(span, analysed=False)


async def _span(session: AsyncSession, name: str) -> int | None:
    rowid: ColumnElement[object] = literal_column("rowid")
    of = table(name)
    ends = (
        select(end(rowid)).select_from(of).scalar_subquery() for end in (func.min, func.max)
    )
    try:
        low, high = (await session.execute(_asking(*ends))).one()
    except DBAPIError:
        return None  # it has no rowid, or is damaged
    if low is None or high is None:
        return 0
    return high - low + 1 if isinstance(low, int) and isinstance(high, int) else None


async def _file_bytes(session: AsyncSession) -> int:
    pages: ColumnElement[int] = literal_column("(SELECT page_count FROM pragma_page_count)")
    size: ColumnElement[int] = literal_column("(SELECT page_size FROM pragma_page_size)")
    return int((await session.execute(_asking(pages * size))).scalar_one())


def _asking(*columns: Any) -> Select[Any]:
    query: Select[Any] = select(*columns)
    return query.prefix_with(ABOUT_STATEMENTS)


def _note_analysed(facts: Facts, name: str, stat: str) -> None:
    """Take the largest count of a table: that of a partial index is smaller."""
    first = stat.split(" ", 1)[0]
    if first.isascii() and first.isdigit() and len(first) < 19:
        known = facts.rows.get(name)
        count = max(int(first), known.count if known else 0)
        facts.rows[name] = Rows(count, analysed=True)
