"""Each kind of recommendation on a real database: found, applied, and taken back."""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from core.app import Core
from core.audit.schemas import AuditRow
from core.database.fields.times import utc_now
from core.database.monitor import monitor
from core.errors import ConflictError
from core.performance.advice.rules import files, pages, statements
from core.performance.advice.schemas import AdviceKind, Recommendation
from core.performance.benchmarks.repository import BenchmarksRepository, stored
from core.performance.benchmarks.schemas import (
    BenchmarkKind,
    BenchmarkResult,
    BenchmarkSettings,
    Machine,
)
from core.performance.maintenance.schemas import RunState, Task
from core.progress import Progress
from core.security.actors import Actor
from core.workspaces.workspace import Workspace
from tests.core.performance.advice.samples import make_music

_NUMBERS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"


@dataclass
class Stage:
    """Where databases are made that lack something."""

    core: Core
    actor: Actor
    folder: Path
    patch: pytest.MonkeyPatch

    async def plain(self, *script: str, good: bool = False) -> Workspace:
        """Open a shop's database that some statements were run in."""
        path = make_music(self.folder / "music.db", tracks=12_000, good=good)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for sql in script:
                connection.execute(sql)
        return await self.core.workspaces.open(path)

    async def managed(self, *script: str) -> Workspace:
        """Make a workspace with a table of somebody else."""
        workspace = await self.core.workspaces.create(self.folder / "w.db", open_here=True)
        table = "CREATE TABLE extra (id INTEGER PRIMARY KEY, a, b)"
        rows = f"{_NUMBERS.format(9_000)} INSERT INTO extra SELECT i, i % 900, i FROM n"
        async with workspace.database.unit_of_work() as unit:
            connection = await unit.session.connection()
            for sql in (table, rows, *script):
                await connection.exec_driver_sql(sql)
            await unit.commit()
        return workspace

    async def ask(self, workspace: Workspace, queries: Sequence[str]) -> None:
        """Run queries."""
        async with workspace.database.read() as session:
            for sql in queries:
                await session.execute(text(sql))

    async def deeds(self, workspace: Workspace) -> list[AuditRow]:
        """Return what the audit trail of a workspace says of recommendations."""
        if not workspace.performance.target.managed:
            return []
        page = await workspace.audit.entries(self.actor)
        return [one for one in page.rows if one.operation == "advice.apply"]

    async def run(self, workspace: Workspace, task: Task) -> None:
        """Do a deed of maintenance."""
        service = workspace.performance.maintenance
        await service.run(self.actor, task=task, progress=quietly())


def quietly() -> Progress:
    return Progress(lambda: None)


async def _missing(stage: Stage) -> Workspace:
    stage.patch.setattr(statements, "COSTLY_MEAN_S", 0.0)
    stage.patch.setattr(statements, "COSTLY_TOTAL_S", 0.0)
    workspace = await stage.managed()
    await stage.ask(workspace, ["SELECT b FROM EXTRA WHERE A = 7"])
    return workspace


async def _unused(stage: Stage) -> Workspace:
    stage.patch.setattr(statements, "UNUSED_AFTER", timedelta(0))
    stage.patch.setattr(statements, "UNUSED_RUNS", 5)
    stage.patch.setattr(monitor, "_FIRST_PLAN_AFTER_S", 0.0)
    workspace = await stage.managed("CREATE INDEX extra_b ON extra (b DESC)")
    columns = ("a", "b", "a, b", "id", "id, a")
    queries = [f"SELECT {names} FROM extra WHERE id = 7" for names in columns]
    await stage.ask(workspace, queries * 2)
    return workspace


async def _freelist(stage: Stage) -> Workspace:
    stage.patch.setattr(files, "FREE_BYTES", 100_000)
    return await stage.plain("DELETE FROM Track WHERE TrackId > 100", "ANALYZE", good=True)


async def _page_size(stage: Stage) -> Workspace:
    stage.patch.setattr(pages, "LEAST_BYTES", 1_000_000)
    workspace = await stage.plain(
        "PRAGMA journal_mode = delete",
        "PRAGMA page_size = 1024",
        "VACUUM",
        "CREATE TABLE letters (id INTEGER PRIMARY KEY, body)",
        f"{_NUMBERS.format(2_000)} INSERT INTO letters SELECT i, randomblob(2000) FROM n",
        good=True,
    )
    await workspace.performance.storage.analyse(stage.actor, progress=quietly())
    return workspace


async def _log(stage: Stage) -> Workspace:
    stage.patch.setattr(files, "LOG_BYTES", 1_000_000)
    workspace = await stage.plain(good=True)
    # As a program does that was killed: nobody empties its log.
    with closing(sqlite3.connect(workspace.performance.target.path)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        await stage.ask(workspace, ["SELECT count(*) FROM Track"])
        connection.execute("UPDATE Track SET Composer = Composer || Name")
        connection.commit()
    return workspace


async def _auto_vacuum(stage: Stage) -> Workspace:
    stage.patch.setattr(pages, "FREE_BYTES", 100_000)
    workspace = await stage.plain(good=True)
    path = workspace.performance.target.path
    for _turn in range(pages.PACKED_TIMES):
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("CREATE TABLE much AS SELECT randomblob(3000000)")
            connection.execute("DROP TABLE much")
            connection.execute("PRAGMA wal_checkpoint(truncate)")
        await stage.run(workspace, Task.VACUUM)
    return workspace


async def _cache_size(stage: Stage) -> Workspace:
    """Keep runs of a machine on which the cache matters; where it does not is no advice."""
    workspace = await stage.plain(good=True)
    records = await workspace.performance.target.records()
    machine = Machine("Linux", "any", 2, 10**9, "3.13", "")
    result = BenchmarkResult(1_000, 0, "", 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, ())
    async with records.unit_of_work() as unit:
        for number in range(6):
            large = number % 2
            settings = BenchmarkSettings(
                kind=BenchmarkKind.PAGE_READS, cache_kib=64_000 if large else 2_000
            )
            speed = 900.0 + number if large else 700.0 + number
            ended = replace(result, throughput=speed)
            values = {
                "uid": str(number), "kind": settings.kind.value, "label": "", "message": "",
                "state": "succeeded", "sqlite_version": "3.53", "actor": "", "duration_ms": 1,
                "started_at": utc_now(), **stored(settings, ended, machine),
            }  # fmt: skip
            await BenchmarksRepository(unit.session).add(values)
        await unit.commit()
    return workspace


async def _damage(stage: Stage) -> Workspace:
    path = make_music(stage.folder / "music.db", tracks=100, good=True)
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'Genre'"
        (page,) = connection.execute(query).fetchone()
    torn = bytearray(path.read_bytes())
    torn[(page - 1) * 4096 : page * 4096] = bytes(4096)
    path.write_bytes(torn)
    return await stage.core.workspaces.open(path)


async def _violations(stage: Stage) -> Workspace:
    return await stage.plain("DELETE FROM Album WHERE AlbumId = 299", good=True)


# Those of a shop are found, applied and taken back together, in the tests of the service.
_OF_A_SHOP = {
    AdviceKind.JOURNAL_MODE, AdviceKind.ANALYZE, AdviceKind.REDUNDANT_INDEX,
    AdviceKind.FOREIGN_KEY_INDEX, AdviceKind.NO_PRIMARY_KEY,
}  # fmt: skip
# For each other kind how it comes about, and whether it can be applied and taken back.
_KINDS: dict[AdviceKind, tuple[Callable[[Stage], Awaitable[Workspace]], bool, bool]] = {
    AdviceKind.CACHE_SIZE: (_cache_size, False, False),
    AdviceKind.MISSING_INDEX: (_missing, True, True),
    AdviceKind.UNUSED_INDEX: (_unused, True, True),
    AdviceKind.FREELIST: (_freelist, True, False),
    AdviceKind.PAGE_SIZE: (_page_size, True, True),
    AdviceKind.WAL_GROWING: (_log, True, False),
    AdviceKind.FOREIGN_KEY_VIOLATIONS: (_violations, False, False),
    AdviceKind.AUTO_VACUUM: (_auto_vacuum, True, True),
    AdviceKind.DAMAGE: (_damage, False, False),
}


def test_no_kind_is_left_out() -> None:
    assert _KINDS.keys() | _OF_A_SHOP == set(AdviceKind)


@pytest.mark.parametrize("kind", _KINDS)
async def test_each_kind_is_found_applied_and_taken_back(
    core: Core, actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: AdviceKind
) -> None:
    make, applicable, undoable = _KINDS[kind]
    stage = Stage(core, actor, tmp_path, monkeypatch)
    workspace = await make(stage)
    service = workspace.performance.advice

    async def found() -> list[Recommendation]:
        advice = await service.find(actor, progress=quietly())
        return [one for one in advice.found if one.kind is kind]

    one = (await found())[0]
    assert one.title
    assert one.reason
    assert one.figures
    assert (one.applicable, one.undoable) == (applicable, undoable), one
    assert bool(one.why_not) == (not applicable)
    if not applicable:
        with pytest.raises(ConflictError):
            await service.apply(actor, key=one.key, progress=quietly())
        return
    row = await service.apply(actor, key=one.key, progress=quietly())
    assert (row.task, row.state, row.subject) == (Task.ADVICE, RunState.SUCCEEDED, one.title)
    assert row.can_undo == undoable
    assert one.key not in {other.key for other in await found()}
    if undoable:
        row = await service.undo(actor, run_id=row.id, progress=quietly())
        assert (row.task, row.state) == (Task.UNDO, RunState.SUCCEEDED)
        assert one.key in {other.key for other in await found()}
        deeds = [deed.changes["task"] for deed in await stage.deeds(workspace)]
        assert deeds == (["undo", "advice"] if workspace.performance.target.managed else [])
