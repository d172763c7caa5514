"""What a restore does to people, builds and older schemas; and what stands in its way."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from core.app import Core
from core.database.alone import LOCK, alone
from core.errors import AppError, ConflictError
from core.migrations.service import known_revisions
from core.paths import WorkspaceFolders
from core.performance.backups.schemas import BackupOrigin, Loss
from core.progress import Progress
from core.security.actors import Actor, Origin
from core.security.permissions import SessionEndedError
from core.sign_in.schemas import FirstAdministrator
from core.workspaces.memory import ChosenWorkspaces
from core.workspaces.workspace import Workspace
from tests.core.performance.files import content, make_plain
from tests.core.running import Bench
from tests.core.workspaces.test_upgrade import UID, make_old
from tests.waiting import until


def quietly() -> Progress:
    return Progress(lambda: None)


async def _restore(workspace: Workspace, actor: Actor, path: Path) -> str:
    service = workspace.performance.backups
    return (await service.restore(actor, path=path, progress=quietly())).message


async def test_nobody_is_signed_in_afterwards(core: Core, tmp_path: Path) -> None:
    """Seen failing when sessions were restored as they were: both let somebody in again."""
    workspace = await core.workspaces.create(tmp_path / "closed.db")
    data = FirstAdministrator("ada", "Ada", "a long pass phrase of mine")
    first = await workspace.sign_in.create_first_administrator(
        data, origin=Origin.DESKTOP, device=""
    )
    service = workspace.performance.backups
    backup = await service.make(first.actor, progress=quietly())
    second = await workspace.sign_in.sign_in(
        "ada", data.password, origin=Origin.DESKTOP, device=""
    )
    await _restore(workspace, second.actor, backup.path)  # type: ignore[union-attr]

    async def out(actor: Actor) -> bool:
        try:
            await service.list_of(actor)
        except SessionEndedError:
            return True
        return False

    for signed_in in (first, second):
        await until(lambda: out(signed_in.actor), "the end of a session")  # type: ignore[union-attr]  # noqa: B023
    async with workspace.database.read() as session:
        query = text(
            "SELECT count(*) FROM sessions WHERE ended_at IS NULL OR token_digest != uid"
        )
        assert await session.scalar(query) == 0
    again = await workspace.sign_in.sign_in(
        "ada", data.password, origin=Origin.DESKTOP, device=""
    )
    page = await workspace.audit.entries(again.actor)  # type: ignore[union-attr]
    assert "backups.restore" in {row.operation for row in page.rows}


@pytest.mark.expected_log("was lost")
async def test_builds_that_waited_do_not_begin_by_themselves(bench: Bench) -> None:
    """Seen failing: a build of the past began as soon as it was restored."""
    workspace = bench.workspace
    await bench.rules(parallel=1)
    running, build = [await bench.queue(command) for command in ("sleep 60", "touch ran")]

    async def runs() -> bool:
        return (await bench.get(running.id)).state.active

    await until(runs, "the first build runs")
    backup = await workspace.performance.backups.make(bench.actor, progress=quietly())
    for one in (build, running):
        await workspace.builds.cancel(bench.actor, build_id=one.id)
        await bench.end(one.id)
    message = await _restore(workspace, bench.actor, backup.path)
    assert "paused" in message
    assert (await workspace.queue.overview(bench.actor)).paused
    # That of which nothing is left by now.
    await bench.end(running.id)
    assert not (await bench.get(build.id)).state.finished
    await workspace.queue.resume(bench.actor)
    await bench.end(build.id)


async def test_a_backup_of_an_earlier_schema_is_upgraded_on_the_way(
    core: Core, tmp_path: Path, actor: Actor
) -> None:
    """Seen failing without the upgrade: the services met tables that were not there."""
    path = tmp_path / "old.db"
    make_old(path)
    ChosenWorkspaces(core.settings.folders.open_file).add(path, UID)
    await core.workspaces.upgrade(path)
    workspace = await core.workspaces.open(path)
    (backup,) = await workspace.performance.backups.list_of(actor)
    assert (backup.origin, backup.revision) == (BackupOrigin.UPGRADE, "0001")
    for project in await workspace.projects.list_all(actor):
        await workspace.projects.delete(actor, project_id=project.id)
    message = await _restore(workspace, actor, backup.path)
    assert "upgraded" in message
    assert len(await workspace.projects.list_all(actor)) == 3
    async with workspace.database.read() as session:
        found = await session.scalar(text("SELECT version_num FROM alembic_version"))
    assert found == known_revisions()[-1]
    with closing(sqlite3.connect(backup.path)) as connection:
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [("0001",)]


async def test_what_a_restore_takes_away_is_counted(bench: Bench) -> None:
    await bench.run("true")
    service = bench.workspace.performance.backups
    backup = await service.make(bench.actor, progress=quietly())
    assert await service.lost_by(bench.actor, path=backup.path) == Loss()
    for name in ("one", "two"):
        await bench.run(f"echo {name} > out.txt", artifact_patterns=("*.txt",))
    assert await service.lost_by(bench.actor, path=backup.path) == Loss(2, 2, 8)
    with pytest.raises(ConflictError, match="cannot be used"):
        await service.lost_by(bench.actor, path=bench.folder / "out.txt")


async def test_a_backup_with_pages_of_another_size_is_restored(
    core: Core, actor: Actor, tmp_path: Path
) -> None:
    """A write-ahead log is bound to one size: seen failing with the copy as it was."""
    path = make_plain(tmp_path / "plain.sqlite", rows=300)
    before = content(path)
    workspace = await core.workspaces.open(path)
    backup = await workspace.performance.backups.make(actor, progress=quietly())
    await core.workspaces.close(workspace)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM things")
        for statement in ("journal_mode=delete", "page_size=8192"):
            connection.execute(f"PRAGMA {statement}")
        connection.execute("VACUUM")
        connection.execute("PRAGMA journal_mode=wal")
    workspace = await core.workspaces.open(path)
    await _restore(workspace, actor, backup.path)
    await core.workspaces.close(workspace)
    assert content(path) == before
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA page_size").fetchone() == (8192,)


async def test_two_windows_do_not_restore_at_once(
    core: Core, workspace: Workspace, actor: Actor
) -> None:
    """Seen failing without the lock: both kept the same present, one of them half restored."""
    backup = await workspace.performance.backups.make(actor, progress=quietly())
    other = await core.workspaces.open(workspace.info.path)
    results = await asyncio.gather(
        *(_restore(one, actor, backup.path) for one in (workspace, other)),
        return_exceptions=True,
    )
    refused = [one for one in results if isinstance(one, ConflictError)]
    assert len(refused) <= 1, results
    assert all(isinstance(one, str | ConflictError) for one in results)
    folders = WorkspaceFolders(workspace.info.path)
    async with alone(folders.locks / LOCK, "Upgrading"):
        with pytest.raises(ConflictError, match="Another window") as caught:
            await _restore(workspace, actor, backup.path)
    assert "Upgrading" in caught.value.detail


async def test_a_writer_waits_and_nothing_of_it_is_lost(
    workspace: Workspace, actor: Actor
) -> None:
    """What was written before the switch is in the kept copy, what came after is in the file.

    Seen failing without the lock before the copy: a row was in neither of them.
    """
    async with workspace.database.unit_of_work() as unit:
        connection = await unit.session.connection()
        await connection.exec_driver_sql("CREATE TABLE counted (n INTEGER PRIMARY KEY)")
        await connection.exec_driver_sql("CREATE TABLE filler (x BLOB)")
        await connection.exec_driver_sql(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<20000)"
            " INSERT INTO filler SELECT randomblob(900) FROM n"
        )
        await unit.commit()
    service = workspace.performance.backups
    backup = await service.make(actor, progress=quietly())
    restoring = asyncio.create_task(_restore(workspace, actor, backup.path))
    written = 0
    while not restoring.done():
        async with workspace.database.unit_of_work() as unit:
            connection = await unit.session.connection()
            await connection.exec_driver_sql(f"INSERT INTO counted VALUES ({written})")
            await unit.commit()
        written += 1
    await restoring
    kept = next(
        one for one in await service.list_of(actor) if one.origin is BackupOrigin.RESTORE
    )
    with closing(sqlite3.connect(kept.path)) as plain:
        before = {n for (n,) in plain.execute("SELECT n FROM counted")}
    async with workspace.database.read() as session:
        after = set(await session.scalars(text("SELECT n FROM counted")))
    assert before | after == set(range(written))
    assert not before & after
    assert before


async def test_a_damaged_database_is_kept_as_it_is_and_replaced(
    workspace: Workspace, actor: Actor
) -> None:
    """Seen failing: what was to be kept was not whole, so nothing was ever restored."""
    service = workspace.performance.backups
    async with workspace.database.unit_of_work() as unit:
        connection = await unit.session.connection()
        await connection.exec_driver_sql("CREATE TABLE torn (x BLOB)")
        await connection.exec_driver_sql(
            "INSERT INTO torn VALUES (zeroblob(9000)), (zeroblob(9000))"
        )
        await unit.commit()
    backup = await service.make(actor, progress=quietly())
    await _tear(workspace)
    with pytest.raises(AppError):
        await service.make(actor, progress=quietly())
    await _restore(workspace, actor, backup.path)
    async with workspace.database.read() as session:
        assert await session.scalar(text("PRAGMA integrity_check")) == "ok"
        assert await session.scalar(text("SELECT sum(length(x)) FROM torn")) == 18_000
    found = {one.origin: one.problem for one in await service.list_of(actor)}
    assert "whole" in found[BackupOrigin.RESTORE]
    assert found[BackupOrigin.MANUAL] == ""


# A table whose pages are of another kind.
_OTHER_PAGES = (
    "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema"
    " WHERE name = 'ix_audit_entries_actor') WHERE name = 'torn'"
)


async def _tear(workspace: Workspace) -> None:
    """Damage a page as a failing disk would; only through SQLite, as it is open."""
    async with workspace.database.unit_of_work() as unit:
        connection = await unit.session.connection()
        for statement in (
            "PRAGMA writable_schema=ON",
            _OTHER_PAGES,
            "PRAGMA writable_schema=RESET",
        ):
            await connection.exec_driver_sql(statement)
        await unit.commit()
