"""The table that is measured, and the operations on it, as the services of a workspace do."""

import functools
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from sqlalchemy import text

from core.database.database import Database
from core.performance.benchmarks.schemas import BenchmarkKind

Operation = Callable[[], Awaitable[None]]

PAGE_ROWS = 100
ROWS_OF_A_BATCH = 1_000
READS_FOR_EACH_WRITE = 4

_SEED = 20_26
_TABLE = """
    CREATE TABLE measured (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL,
        amount INTEGER NOT NULL, at TEXT NOT NULL, note TEXT NOT NULL
    )
"""
_INSERT = text(
    "INSERT INTO measured (name, state, amount, at, note)"
    " VALUES (:name, :state, :amount, '2026-01-01', :note)"
)
_READ = text("SELECT id, name, state, amount, at, note FROM measured WHERE id = :id")
_PAGE = text(
    "SELECT id, name, state, amount, at, note FROM measured"
    " WHERE name >= :name AND (name > :name OR id > :id) ORDER BY name, id LIMIT :limit"
)
_STATES = ("queued", "running", "success", "failed")


class Workload:
    """Makes the table, and operations of one kind.

    Args:
        database: An empty file of its own.
        rows: How many rows the table gets.
    """

    def __init__(self, database: Database, rows: int) -> None:
        self._database = database
        self._rows = rows
        self._random = random.Random(_SEED)  # noqa: S311  # the same each time

    def prepared(self) -> Iterator[Callable[[], Awaitable[None]]]:
        """Yield the steps that make the table, of some ten thousand rows each."""
        yield self._make_table
        for first in range(0, self._rows, 10 * ROWS_OF_A_BATCH):
            count = min(10 * ROWS_OF_A_BATCH, self._rows - first)
            yield functools.partial(self._insert, count)
        yield self._index

    def operation(self, kind: BenchmarkKind) -> Operation:
        """Return an operation, to be called again and again, also at the same time."""
        return {
            BenchmarkKind.READS: self._read,
            BenchmarkKind.WRITES: lambda: self._insert(1),
            BenchmarkKind.MIXED: self._mixed,
            BenchmarkKind.BULK_INSERT: lambda: self._insert(ROWS_OF_A_BATCH),
            BenchmarkKind.PAGE_READS: self._page,
        }[kind]

    async def _make_table(self) -> None:
        async with self._database.unit_of_work() as unit:
            await unit.session.execute(text(_TABLE))
            await unit.commit()

    async def _index(self) -> None:
        async with self._database.unit_of_work() as unit:
            sql = "CREATE INDEX measured_by_name ON measured (name, id)"
            await unit.session.execute(text(sql))
            await unit.session.execute(text("ANALYZE"))
            await unit.commit()

    async def _insert(self, count: int) -> None:
        rows = [self._row() for _ in range(count)]
        async with self._database.unit_of_work() as unit:
            await unit.session.execute(_INSERT, rows)
            await unit.commit()

    async def _read(self) -> None:
        async with self._database.read() as session:
            found = await session.execute(_READ, {"id": self._random.randint(1, self._rows)})
            found.one()

    async def _page(self) -> None:
        after = {"name": self._name(), "id": 0, "limit": PAGE_ROWS}
        async with self._database.read() as session:
            (await session.execute(_PAGE, after)).all()

    async def _mixed(self) -> None:
        if self._random.randrange(READS_FOR_EACH_WRITE + 1):
            await self._read()
        else:
            await self._insert(1)

    def _row(self) -> dict[str, Any]:
        return {
            "name": self._name(),
            "state": self._random.choice(_STATES),
            "amount": self._random.randint(0, 10_000_000),
            "note": "x" * self._random.randint(20, 120),
        }

    def _name(self) -> str:
        return f"{self._random.getrandbits(48):012x}"
