"""Driver connections that go to their thread once for each statement, not four times.

The cursor of ``aiosqlite`` asks its thread to open, to run, to fetch and to close; each
time two threads have to wake, which takes longer than most statements. SQLAlchemy fetches
all rows at once anyway, so here one visit does all of it.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Self

import aiosqlite

_ROWS_AT_ONCE = 64


class _Outcome(NamedTuple):
    """What a statement left behind, and how long it took in its thread."""

    rows: list[Any]
    description: Any
    rowcount: int
    lastrowid: int | None
    seconds: float = 0.0


class WholeCursor:
    """Runs one statement after the other, and holds all rows of the last one."""

    def __init__(self, connection: "WholeConnection") -> None:
        self._connection = connection
        self._outcome = _Outcome([], None, -1, None)
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        """Need no visit: the cursor of SQLite is opened with the statement."""
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> Self:
        """Run a statement and fetch its rows."""
        self._outcome = await self._connection.run(_execute, sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Any) -> Self:
        """Run a statement for each set of parameters."""
        self._outcome = await self._connection.run(_execute_many, sql, parameters)
        return self

    async def fetchone(self) -> Any:
        """Return the next row, or None."""
        return next(iter(self._take(1)), None)

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        """Return so many rows, by default ``arraysize``, or what is left."""
        return self._take(self.arraysize if size is None else size)

    async def fetchall(self) -> Sequence[Any]:
        """Return the rows that are left."""
        return self._take(len(self._outcome.rows))

    async def close(self) -> None:
        """Need no visit: the cursor of SQLite is closed already."""

    @property
    def description(self) -> Any:
        """The columns, as the database API of Python has them; None without rows."""
        return self._outcome.description

    @property
    def rowcount(self) -> int:
        """How many rows were written; -1 where that is not known."""
        return self._outcome.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The key of the row that was inserted last."""
        return self._outcome.lastrowid

    def _take(self, count: int) -> list[Any]:
        rows = self._outcome.rows
        taken = rows[:count]
        del rows[:count]
        return taken


class WholeConnection(aiosqlite.Connection):
    """A driver connection that runs a statement in one visit to its thread.

    Attributes:
        statement: The one that was asked for last.
        asked_s: When the last statement was asked for, by ``time.perf_counter``.
        ran_s: How long the last one that did not fail took in its thread, in seconds; its
            rows are fetched by then.
        ran_rows: How many rows that one read or wrote.
        on_commit: Called after each COMMIT with its seconds, and why it failed if it did:
            SQLAlchemy has no event for what comes after one.
    """

    def __init__(self, database: str, options: dict[str, Any]) -> None:
        super().__init__(lambda: sqlite3.connect(database, **options), _ROWS_AT_ONCE)
        # A statement must not keep the process from ending.
        self._thread.daemon = True
        self._asked = 0
        self._done = 0
        self.statement = ""
        self.asked_s = 0.0
        self.ran_s = 0.0
        self.ran_rows = 0
        self.on_commit: Callable[[float, sqlite3.Error | None], None] = lambda *_took: None

    @property
    def busy(self) -> bool:
        """Whether its thread has something to do."""
        return self._asked != self._done

    @property
    def at_rest(self) -> bool:
        """Whether it is open, does nothing, and is in no transaction."""
        connection = self._connection
        if connection is None or self.busy:
            return False
        with contextlib.suppress(sqlite3.ProgrammingError):  # its thread has just closed it
            return not connection.in_transaction
        return False

    @property
    def changes(self) -> int | None:
        """How many rows it changed so far; None where it is closed."""
        with contextlib.suppress(ValueError, sqlite3.ProgrammingError):
            return self.total_changes
        return None

    def cursor(self) -> WholeCursor:  # type: ignore[override]
        """Return a cursor, without a visit."""
        return WholeCursor(self)

    async def run(self, work: Callable[..., _Outcome], sql: str, parameters: Any) -> _Outcome:
        """Run a statement, and note what it took."""
        self.statement = sql
        self.asked_s = time.perf_counter()
        outcome: _Outcome = await self.visit(work, sql, parameters)
        self.ran_s = outcome.seconds
        self.ran_rows = len(outcome.rows) if outcome.description else max(outcome.rowcount, 0)
        return outcome

    async def visit(self, work: Callable[..., Any], *args: Any) -> Any:
        """Do something with the connection of SQLite in its thread."""
        return await self._execute(work, self._conn, *args)

    async def commit(self) -> None:
        """Commit, and tell who listens what it took."""
        self.statement = "COMMIT"
        self.asked_s = time.perf_counter()
        try:
            seconds = await self.visit(_commit)
        except sqlite3.Error as error:
            self.on_commit(time.perf_counter() - self.asked_s, error)
            raise
        self.on_commit(seconds, None)

    async def rollback(self) -> None:
        """Roll back; where surely no transaction is open that needs no visit."""
        if not self.at_rest:
            await super().rollback()

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # Whoever is cancelled leaves, but what was asked for is done all the same.
        self._asked += 1
        return await super()._execute(self._counted, fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    def _counted(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return fn(*args, **kwargs)
        finally:
            self._done += 1


def _commit(connection: sqlite3.Connection) -> float:
    started = time.perf_counter()
    connection.commit()
    return time.perf_counter() - started


def _execute(connection: sqlite3.Connection, sql: str, parameters: Any) -> _Outcome:
    started = time.perf_counter()
    cursor = connection.cursor()
    try:
        cursor.execute(sql, parameters)
        return _outcome(cursor, started)
    finally:
        cursor.close()


def _execute_many(connection: sqlite3.Connection, sql: str, parameters: Any) -> _Outcome:
    started = time.perf_counter()
    cursor = connection.cursor()
    try:
        cursor.executemany(sql, parameters)
        return _outcome(cursor, started)
    finally:
        cursor.close()


def _outcome(cursor: sqlite3.Cursor, started: float) -> _Outcome:
    description = cursor.description
    rows = cursor.fetchall() if description else []
    seconds = time.perf_counter() - started
    return _Outcome(rows, description, cursor.rowcount, cursor.lastrowid, seconds)
