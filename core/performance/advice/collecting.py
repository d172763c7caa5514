"""Collects what the rules look at; the file is only read."""

import itertools
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from core.database.fields.times import utc_now
from core.database.library import version, wal_is_safe
from core.database.monitor.fingerprints import ABOUT_STATEMENTS
from core.errors import AppError, DatabaseError
from core.performance.advice.facts import (
    Check,
    Count,
    Facts,
    IndexFacts,
    KeyFacts,
    TableFacts,
    Term,
)
from core.performance.benchmarks.repository import BenchmarksRepository
from core.performance.benchmarks.schemas import BenchmarkRow
from core.performance.child.client import run_child
from core.performance.maintenance.figures import figures_of
from core.performance.maintenance.schemas import (
    FileFigures,
    MaintenanceRow,
    RunState,
    Task,
    VacuumForecast,
)
from core.performance.maintenance.service import MaintenanceService
from core.performance.maintenance.words import outcome
from core.performance.statements.facts import Facts as Schema
from core.performance.statements.facts import facts_of
from core.performance.storage.service import StorageService
from core.performance.target import Target
from core.progress import Progress
from core.security.actors import Actor
from core.translation import _

T = TypeVar("T")

# Enough to know that an index is worth it; a growth since ANALYZE is counted on to its end.
_MOST_ROWS = 100_000
_MOST_COUNTED = 10_000_000
# Each is looked up in its parent, which takes some tenths of a second for so many.
_MOST_CHECKED = 200_000
_MOST_TABLES = 1_000
_LAST_RUNS = 200
_TOLD_OF = (
    Task.VACUUM,
    Task.INTEGRITY_CHECK,
    Task.QUICK_CHECK,
    Task.FOREIGN_KEY_CHECK,
    Task.RESTORE,
)
_NO_FIGURES = FileFigures(0, 0, 0, 0, 0, "", "")


def _asking(query: str) -> TextClause:
    """Return a query that the monitor takes for one of ours."""
    return text(query.replace("SELECT", f"SELECT {ABOUT_STATEMENTS}", 1))


_TABLES = _asking(
    "SELECT l.name, l.type, l.wr, c.name AS key, upper(c.type) AS kind, c.pk"
    " FROM pragma_table_list AS l LEFT JOIN pragma_table_info(l.name, 'main') AS c ON c.pk > 0"
    " WHERE l.schema = 'main' AND l.type IN ('table', 'shadow')"
    " AND substr(l.name, 1, 7) <> 'sqlite_' ORDER BY l.name, c.pk"
)
_INDEXES = _asking(
    'SELECT l.name AS of, i.name, i."unique" AS one, i.origin, i.partial,'
    ' x.name AS key, x."desc" AS down, x.coll'
    " FROM pragma_table_list AS l, pragma_index_list(l.name, 'main') AS i,"
    " pragma_index_xinfo(i.name, 'main') AS x"
    " WHERE l.schema = 'main' AND l.type = 'table' AND x.key ORDER BY l.name, i.name, x.seqno"
)
_KEYS = _asking(
    'SELECT l.name AS of, f.id, f."table" AS parent, f."from" AS key'
    " FROM pragma_table_list AS l, pragma_foreign_key_list(l.name, 'main') AS f"
    " WHERE l.schema = 'main' AND l.type = 'table' ORDER BY l.name, f.id, f.seq"
)


@dataclass(frozen=True, slots=True)
class _Schema:
    facts: Schema = field(default_factory=Schema)
    tables: tuple[TableFacts, ...] = ()
    indexes: tuple[IndexFacts, ...] = ()
    keys: tuple[KeyFacts, ...] = ()


class _Spared:
    """Goes on where a part of a file cannot be read, and notes it."""

    def __init__(self) -> None:
        self.unread: list[tuple[str, str]] = []

    async def read(self, what: str, reading: Awaitable[T], instead: T) -> T:
        try:
            return await reading
        except DatabaseError as error:
            # One that is locked, gone or without room may be whole.
            if type(error) is not DatabaseError:
                raise
            self.unread.append((what, " ".join(filter(None, (error.title, error.detail)))))
            return instead


class Collector:
    """Finds out what there is to know of one file.

    Args:
        maintenance: Knows what was done, and what VACUUM needs.
        storage: Knows sizes, where they were measured.
    """

    def __init__(
        self, target: Target, maintenance: MaintenanceService, storage: StorageService
    ) -> None:
        self._target = target
        self._maintenance = maintenance
        self._storage = storage

    async def facts(self, actor: Actor, progress: Progress) -> Facts:
        """Return all facts; rows are counted in the maintenance child.

        Raises:
            AppError: The file cannot be read at all; where only parts of it cannot, that is
                among the facts.
        """
        target, spared = self._target, _Spared()
        schema = await spared.read(_("Tables and indexes"), self._schema(), _Schema())
        figures = await spared.read(_("Size"), figures_of(target), _NO_FIGURES)
        runs = await spared.read(_("Earlier runs"), self._runs(actor), ())
        counting = self._count(schema, progress, spared)
        rows = await spared.read(_("Rows"), counting, {})
        checking = self._checked(schema.keys, rows, runs, progress)
        violations = await spared.read(_("Foreign keys"), checking, None)
        snapshot = target.database.monitor.snapshot()
        return Facts(
            name=target.name,
            managed=target.managed,
            read_only=target.read_only,
            figures=figures,
            now=utc_now(),
            wal_is_safe=wal_is_safe(version()),
            schema=schema.facts,
            tables=schema.tables,
            indexes=schema.indexes,
            keys=schema.keys,
            rows=rows,
            statements=snapshot.statements,
            since=snapshot.since,
            whole=not snapshot.dropped,
            own_indexes=own_indexes() if target.managed else frozenset(),
            storage=await self._storage.last(actor),
            forecast=await self._forecast(actor),
            violations=violations,
            vacuums=tuple(_succeeded(runs, Task.VACUUM)),
            unread=tuple(spared.unread),
            check=_last_check(runs, Task.INTEGRITY_CHECK, Task.QUICK_CHECK),
            benchmarks=await spared.read(_("Benchmarks"), self._benchmarks(), ()),
        )

    async def _schema(self) -> _Schema:
        async with self._target.database.read(snapshot=True) as session:
            return _Schema(
                await facts_of(session),
                _tables(await _all(session, _TABLES))[:_MOST_TABLES],
                await indexes_of(session),
                _keys(await _all(session, _KEYS)),
            )

    async def _runs(self, actor: Actor) -> Sequence[MaintenanceRow]:
        return await self._maintenance.runs(actor, tasks=_TOLD_OF, limit=_LAST_RUNS)

    async def _benchmarks(self) -> tuple[BenchmarkRow, ...]:
        if not await self._target.has_records():
            return ()
        records = await self._target.records()
        async with records.read() as session:
            return tuple(await BenchmarksRepository(session).newest(_LAST_RUNS))

    async def _count(
        self, schema: _Schema, progress: Progress, spared: "_Spared"
    ) -> dict[str, Count]:
        limits = [(table.name, _limit(schema.facts, table.name)) for table in schema.tables]
        answer = await run_child(
            "census",
            path=self._target.path,
            progress=progress,
            mode=self._target.reading_mode,
            tables=limits,
        )
        for name, why in answer["unread"]:
            spared.unread.append((_("Rows of “{table}”").format(table=name), str(why)))
        return {
            name.lower(): Count(count, more=count >= limit)
            for (name, limit), count in zip(limits, answer["counts"], strict=False)
            if count is not None
        }

    async def _checked(
        self,
        keys: Sequence[KeyFacts],
        rows: Mapping[str, Count],
        runs: Sequence[MaintenanceRow],
        progress: Progress,
    ) -> Check | None:
        """Check foreign keys where that is quick, else return the last check."""
        counts = [rows.get(key.table.lower(), Count(_MOST_CHECKED + 1)) for key in keys]
        if any(one.more for one in counts) or sum(one.rows for one in counts) > _MOST_CHECKED:
            return _last_check(runs, Task.FOREIGN_KEY_CHECK)
        if not keys:
            return None
        answer = await run_child(
            Task.FOREIGN_KEY_CHECK.value,
            path=self._target.path,
            progress=progress,
            mode=self._target.reading_mode,
        )
        findings, told = outcome(Task.FOREIGN_KEY_CHECK, answer)
        return Check(utc_now(), tuple(findings), told)

    async def _forecast(self, actor: Actor) -> VacuumForecast | None:
        try:
            return await self._maintenance.forecast(actor)
        except (AppError, OSError):
            return None


async def indexes_of(session: AsyncSession) -> tuple[IndexFacts, ...]:
    """Return all indexes of all tables.

    Raises:
        DBAPIError: The schema cannot be read.
    """
    return _indexes(await _all(session, _INDEXES))


def own_indexes() -> frozenset[str]:
    """Return the names, in lower case, of the indexes that Buildbench itself makes."""
    indexes = itertools.chain.from_iterable(
        table.indexes for table in SQLModel.metadata.tables.values()
    )
    return frozenset(str(index.name).lower() for index in indexes)


def _limit(schema: Schema, table: str) -> int:
    known = schema.rows.get(table.lower())
    tenfold = known.count * 10 + 1 if known is not None and known.analysed else 0
    return min(max(_MOST_ROWS, tenfold), _MOST_COUNTED)


async def _all(session: AsyncSession, query: Any) -> Sequence[Row[Any]]:
    return (await session.execute(query)).all()


def _tables(rows: Sequence[Row[Any]]) -> tuple[TableFacts, ...]:
    found = []
    for name, group in itertools.groupby(rows, key=lambda row: row.name):
        columns = list(group)
        keys = [row for row in columns if row.key is not None]
        rowid = len(keys) == 1 and keys[0].kind == "INTEGER" and not keys[0].wr
        found.append(
            TableFacts(
                name=name,
                has_key=bool(keys),
                without_rowid=bool(columns[0].wr),
                rowid_column=keys[0].key if rowid else "",
                shadow=columns[0].type == "shadow",
            )
        )
    return tuple(found)


def _indexes(rows: Sequence[Row[Any]]) -> tuple[IndexFacts, ...]:
    found = []
    for (table, name), group in itertools.groupby(rows, key=lambda row: (row.of, row.name)):
        parts = list(group)
        terms = tuple(Term(row.key, bool(row.down), row.coll.lower()) for row in parts)
        first = parts[0]
        found.append(
            IndexFacts(name, table, bool(first.one), first.origin, bool(first.partial), terms)
        )
    return tuple(found)


def _keys(rows: Sequence[Row[Any]]) -> tuple[KeyFacts, ...]:
    return tuple(
        KeyFacts(table, parts[0].parent, tuple(row.key for row in parts))
        for (table, _id), group in itertools.groupby(rows, key=lambda row: (row.of, row.id))
        if (parts := list(group))
    )


def _last_check(runs: Sequence[MaintenanceRow], *tasks: Task) -> Check | None:
    """Return the last one of what is there now; a restore has put something else there."""
    for row in _succeeded(runs, Task.RESTORE, *tasks):
        if row.task is Task.RESTORE:
            break
        return Check(row.started_at, row.findings, row.message)
    return None


def _succeeded(runs: Sequence[MaintenanceRow], *tasks: Task) -> list[MaintenanceRow]:
    return [row for row in runs if row.task in tasks and row.state is RunState.SUCCEEDED]
