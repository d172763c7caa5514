"""Undo data and names from files that anybody may have written; and who may what."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.app import Core
from core.errors import ConflictError, DatabaseBusyError, NotFoundError, PermissionDeniedError
from core.performance.advice.schemas import AdviceKind
from core.performance.changes import DropIndex, read_back
from core.performance.maintenance.schemas import Task
from core.progress import Progress
from core.security.actors import Actor, Origin, Role
from core.workspaces.workspace import Workspace
from tests.core.performance.advice.samples import make_music

_ODD = 'odd"; DROP TABLE "keep"; --\n\'x'


def quietly() -> Progress:
    return Progress(lambda: None)


async def _store_undo(workspace: Workspace, run_id: int, undo: list[str]) -> None:
    records = await workspace.performance.target.records()
    async with records.unit_of_work() as unit:
        connection = await unit.session.connection()
        await connection.exec_driver_sql(
            "UPDATE maintenance_runs SET undo = ?, task = 'advice' WHERE id = ?",
            (json.dumps(undo), run_id),
        )
        await unit.commit()


def _drop(name: str, **more: object) -> str:
    change = {"change": "drop_index", "table": "Track", "name": name}
    return json.dumps({**change, "terms": [["Composer", False, ""]], **more})


_HOSTILE = [
    ["DROP TABLE Track"],
    ['{"change": "sql", "sql": "DROP TABLE Track"}'],
    [_drop("ix_track_genre")],
    [_drop("sqlite_autoindex_PlaylistTrack_1", table="PlaylistTrack")],
    [_drop("ix_track_composer", sql="DROP TABLE Track")],
    ['{"change": "journal_mode", "mode": "off"}'],
    ['{"change": "journal_mode", "mode": "wal; DROP TABLE Track"}'],
    ['{"change": "page_size", "size": 3}'],
    ["[" * 100_000],
    [_drop("ix_track_composer")] * 11,
    [_drop("ix_track_composer"), _drop("ix_track_genre")],
]


async def test_undo_data_of_others_do_nothing(core: Core, actor: Actor, tmp_path: Path) -> None:
    """Seen failing where the child dropped an index by its name alone."""
    path = make_music(tmp_path / "music.db")
    workspace = await core.workspaces.open(path)
    service = workspace.performance.advice
    run = await workspace.performance.maintenance.run(
        actor, task=Task.QUICK_CHECK, progress=quietly()
    )
    before = _dump(path)
    with pytest.raises(NotFoundError):
        await service.undo(actor, run_id=run.id, progress=quietly())
    for undo in _HOSTILE:
        await _store_undo(workspace, run.id, undo)
        with pytest.raises((NotFoundError, ConflictError)):
            await service.undo(actor, run_id=run.id, progress=quietly())
        assert _dump(path) == before, undo


async def test_the_indexes_of_a_workspace_stay(workspace: Workspace, actor: Actor) -> None:
    """Seen failing without the look at what belongs to the schema."""
    run = await workspace.performance.maintenance.run(
        actor, task=Task.QUICK_CHECK, progress=quietly()
    )
    terms = [("started_at", False, "")]
    drop = DropIndex(
        table="maintenance_runs", name="ix_maintenance_runs_started_at", terms=terms
    )
    for undo in (drop.model_dump_json(), '{"change": "journal_mode", "mode": "delete"}'):
        assert read_back((undo,))
        await _store_undo(workspace, run.id, [undo])
        with pytest.raises(NotFoundError):
            await workspace.performance.advice.undo(actor, run_id=run.id, progress=quietly())


def _dump(path: Path) -> list[tuple[str, str | None]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT name, sql FROM sqlite_schema").fetchall()


async def test_odd_names_are_only_names(core: Core, actor: Actor, tmp_path: Path) -> None:
    path = tmp_path / "odd.db"
    quoted = '"' + _ODD.replace('"', '""') + '"'
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE keep (id INTEGER PRIMARY KEY)")
        connection.execute(f"CREATE TABLE {quoted} ({quoted} INTEGER REFERENCES keep (id))")
        connection.execute(
            f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
            f" INSERT INTO {quoted} SELECT i FROM n"
        )
    workspace = await core.workspaces.open(path)
    service = workspace.performance.advice
    advice = await service.find(actor, progress=quietly())
    (key,) = [one for one in advice.found if one.kind is AdviceKind.FOREIGN_KEY_INDEX]
    row = await service.apply(actor, key=key.key, progress=quietly())
    names = [name for name, _sql in _dump(path)]
    assert names == ["keep", _ODD, f"ix_{_ODD}_{_ODD}"]
    await service.undo(actor, run_id=row.id, progress=quietly())
    assert [name for name, _sql in _dump(path)] == ["keep", _ODD]
    # A second time there is nothing to take back.
    with pytest.raises(ConflictError):
        await service.undo(actor, run_id=row.id, progress=quietly())


async def test_another_program_keeps_the_journal_mode(
    core: Core, actor: Actor, tmp_path: Path
) -> None:
    path = make_music(tmp_path / "music.db")
    workspace = await core.workspaces.open(path)
    service = workspace.performance.advice
    advice = await service.find(actor, progress=quietly())
    (mode,) = [one for one in advice.found if one.kind is AdviceKind.JOURNAL_MODE]
    row = await service.apply(actor, key=mode.key, progress=quietly())
    assert row.after is not None
    assert row.after.journal_mode == "wal"
    await workspace.performance.maintenance.figures(actor)
    with closing(sqlite3.connect(path)) as other:
        other.execute("SELECT count(*) FROM Track").fetchone()
        with pytest.raises(DatabaseBusyError):
            await service.undo(actor, run_id=row.id, progress=quietly())
    with pytest.raises(NotFoundError):
        await service.apply(actor, key=mode.key, progress=quietly())
    await service.undo(actor, run_id=row.id, progress=quietly())


async def test_only_administrators_apply(workspace: Workspace) -> None:
    operator = Actor("op", Role.OPERATOR, Origin.SCRIPT, user_id=0, uid="op")
    service = workspace.performance.advice
    await service.find(operator, progress=quietly())
    with pytest.raises(PermissionDeniedError):
        await service.apply(operator, key="", progress=quietly())
    with pytest.raises(PermissionDeniedError):
        await service.undo(operator, run_id=1, progress=quietly())
