"""Tries indexes on an empty copy of a schema in memory, and looks whether plans get better."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from core.database.monitor.tokens import asking_for_plan
from core.database.quoting import quoted
from core.performance.statements.facts import Entry, Facts
from core.performance.statements.lines import Line, parse

_MOST_OBJECTS = 500
_MOST_STEPS = 100_000
_CANDIDATE = "buildbench_candidate"
_ORDER = ("table", "view", "index")


class Trial:
    """An empty copy of a schema.

    It has the statistics of the original, so SQLite plans as there. What cannot be copied,
    such as tables of an extension, is not in it.

    Attributes:
        whole: Whether there was not too much of it to be copied.
        taken: The names of all that the original has, in lower case.
    """

    def __init__(self, connection: sqlite3.Connection, facts: Facts) -> None:
        self._connection = connection
        objects = sorted([*facts.entries.values(), *facts.indexes], key=_place)
        self.whole = len(objects) <= _MOST_OBJECTS
        self.taken = frozenset(entry.name.lower() for entry in objects)
        for entry in objects if self.whole else ():
            self._make(entry)
        if facts.statistics and self._run("ANALYZE"):
            for row in facts.statistics:
                self._rows("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", row)
            self._run("ANALYZE sqlite_schema")

    def columns(self, table: str) -> Mapping[str, str]:
        """Return the names of the columns of a table, by themselves in lower case."""
        rows = self._rows("SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1", (table,))
        return {str(name).lower(): str(name) for (name,) in rows}

    def lines(self, sql: str, parameters: int) -> tuple[Line, ...]:
        """Return the plan of a statement; nothing where it cannot be made."""
        return tuple(map(parse, self.details(sql, parameters)))

    def details(self, sql: str, parameters: int) -> tuple[str, ...]:
        """Return the plan of a statement as SQLite tells it; nothing where it has none."""
        rows = self._rows(asking_for_plan(sql), (None,) * parameters)
        return tuple(str(row[3]) for row in rows)

    def lines_with(
        self, table: str, columns: tuple[tuple[str, bool], ...], sql: str, parameters: int
    ) -> tuple[Line, ...]:
        """Return the plan if there were an index; nothing where that is not taken.

        Args:
            columns: Of the index, each with whether it is descending.
        """
        found = self.details_with(table, columns, sql, parameters, _CANDIDATE)
        lines = tuple(map(parse, found))
        return lines if any(line.index == _CANDIDATE for line in lines) else ()

    def details_with(
        self,
        table: str,
        columns: tuple[tuple[str, bool], ...],
        sql: str,
        parameters: int,
        name: str,
    ) -> tuple[str, ...]:
        """Return what SQLite would tell if there were an index of that name, taken or not."""
        if not self._run(f"CREATE INDEX {quoted(name)} ON {index_columns(table, columns)}"):
            return ()
        try:
            return self.details(sql, parameters)
        finally:
            self._run(f"DROP INDEX {quoted(name)}")

    def _make(self, entry: Entry) -> None:
        # What SQLite makes itself has no text, or comes with what it belongs to.
        if entry.sql and not entry.name.lower().startswith("sqlite_"):
            self._run(entry.sql)

    def _run(self, sql: str) -> bool:
        try:
            self._connection.execute(sql)
        except (sqlite3.Error, sqlite3.Warning, ValueError):
            return False
        return True

    def _rows(self, sql: str, parameters: tuple[object, ...]) -> list[tuple[object, ...]]:
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError):
            return []


@contextmanager
def trial_of(facts: Facts) -> Iterator[Trial]:
    """Give an empty copy of a schema in memory; blocks, so on a thread."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        steps = iter(range(_MOST_STEPS))
        # The texts come from a file that anybody may have written.
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.set_authorizer(_authorize)
        connection.set_progress_handler(lambda: next(steps, None) is None, 1_000)
        yield Trial(connection, facts)


def index_columns(table: str, columns: tuple[tuple[str, bool], ...]) -> str:
    """Return the part of CREATE INDEX behind ON."""
    terms = ", ".join(f"{quoted(name)}{' DESC' if down else ''}" for name, down in columns)
    return f"{quoted(table)} ({terms})"


def _place(entry: Entry) -> tuple[int, bool]:
    """Sort what others stand on first; virtual tables make their own tables."""
    return _ORDER.index(entry.kind), not entry.virtual


def _authorize(
    action: int, _first: str | None, _second: str | None, _where: str | None, _by: str | None
) -> int:
    forbidden = action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH)
    return sqlite3.SQLITE_DENY if forbidden else sqlite3.SQLITE_OK
