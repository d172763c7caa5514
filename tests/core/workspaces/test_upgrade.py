"""Workspaces of earlier versions: offered the upgrade, backed up first, never half-way."""

import asyncio
import hashlib
import json
import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine

from core import paths
from core.app import Core
from core.database.alone import LOCK, alone
from core.database.library import APPLICATION_ID
from core.errors import (
    AppError,
    CancelledByUserError,
    ConflictError,
    DatabaseOpenError,
    UpgradeNeededError,
)
from core.events import Event
from core.file_lock import locked
from core.migrations import service
from core.migrations.service import known_revisions
from core.paths import WorkspaceFolders
from core.progress import JobChanged, Progress
from core.settings import Durability
from core.workspaces import upgrade
from core.workspaces.inspection import inspect
from core.workspaces.memory import ChosenWorkspaces

UID = str(uuid.uuid4())


def _to_first_revision(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(paths.migrations()))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")


def make_old(path: Path, projects: int = 3) -> None:
    """Make a workspace as the first version left it."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        _to_first_revision(connection)
        connection.exec_driver_sql(
            "INSERT INTO workspace_settings (name, value) VALUES ('uid', ?)", (UID,)
        )
        for number in range(projects):
            connection.exec_driver_sql(
                "INSERT INTO projects (uid, version, name, description, type, path, command,"
                " environment, secrets, grace_s, terminal, active, created_at, updated_at)"
                " VALUES (?, 1, ?, ?, 'generic', '/tmp', 'true', '{}', '{}', 10, 0, 1,"
                " '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000')",
                (str(uuid.uuid4()), f"project {number}", "x" * 1000),
            )
            connection.exec_driver_sql(
                "INSERT INTO build_numbers (project_id, last) VALUES (?, 7)", (number + 1,)
            )
    engine.dispose()


def revision_of(path: Path) -> str:
    """Return the revision that a closed file says."""
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


@pytest.fixture
def old(core: Core, tmp_path: Path) -> Path:
    path = tmp_path / "old.db"
    make_old(path)
    ChosenWorkspaces(core.settings.folders.open_file).add(path, UID)
    return path


def content(path: Path) -> bytes:
    return path.read_bytes()


def left_over(path: Path) -> list[str]:
    """Return what lies in the folder of backups."""
    folder = WorkspaceFolders(path).backups
    return sorted(one.name for one in folder.iterdir()) if folder.exists() else []


async def test_opening_offers_the_upgrade_and_changes_nothing(core: Core, old: Path) -> None:
    before = content(old)
    with pytest.raises(UpgradeNeededError) as caught:
        await core.workspaces.open(old)
    assert "0001" in caught.value.detail
    assert "backup" in caught.value.hint
    assert content(old) == before
    assert not WorkspaceFolders(old).root.exists()


async def test_an_upgrade_keeps_rows_and_leaves_a_backup(
    core: Core, old: Path, actor: object
) -> None:
    """Seen failing with a backup that was made afterwards."""
    await core.workspaces.upgrade(old)
    copy, manifest = (WorkspaceFolders(old).backups / name for name in left_over(old))
    told = json.loads(manifest.read_text())
    assert told["sha256"] == hashlib.sha256(copy.read_bytes()).hexdigest()
    assert told["bytes"] == copy.stat().st_size
    assert revision_of(copy) == "0001"
    workspace = await core.workspaces.open(old)
    rows = await workspace.projects.list_all(actor)  # type: ignore[arg-type]
    assert [row.name for row in rows] == ["project 0", "project 1", "project 2"]
    async with workspace.database.read() as session:
        numbers = await (await session.connection()).exec_driver_sql(
            "SELECT count(*) FROM build_numbers WHERE last = 7"
        )
        assert numbers.scalar_one() == 3
    await core.workspaces.close(workspace)
    await core.workspaces.upgrade(old)
    assert revision_of(old) == known_revisions()[-1]


async def test_what_fails_half_way_leaves_the_workspace_as_it_was(
    core: Core, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing with a commit after each revision."""
    run = service._run_alembic

    def broken(connection: Connection) -> None:
        run(connection)
        raise RuntimeError("the second half fails")

    monkeypatch.setattr(service, "_run_alembic", broken)
    with pytest.raises(RuntimeError):
        await core.workspaces.upgrade(old)
    monkeypatch.undo()
    assert revision_of(old) == "0001"
    await core.workspaces.upgrade(old)
    assert revision_of(old) == known_revisions()[-1]


async def test_a_cancelled_backup_leaves_nothing(core: Core, tmp_path: Path) -> None:
    """Seen failing when the half copy was not removed."""
    path = tmp_path / "large.db"
    make_old(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE projects SET description = hex(zeroblob(20000000))")
        connection.commit()
    unsubscribe = core.events.subscribe(_cancel_when_running(core))
    with pytest.raises(CancelledByUserError):
        await core.workspaces.upgrade(path)
    unsubscribe()
    assert left_over(path) == []
    assert revision_of(path) == "0001"


def _cancel_when_running(core: Core) -> Callable[[Event], None]:
    def look(event: Event) -> None:
        if isinstance(event, JobChanged) and (event.job.fraction or 0) > 0.01:
            asyncio.get_running_loop().call_soon(core.jobs.cancel, event.job.id)

    return look


async def test_two_windows_do_not_upgrade_at_once(core: Core, old: Path) -> None:
    folders = WorkspaceFolders(old)
    folders.create(folders.locks)
    with locked(folders.locks / LOCK, wait_s=0), pytest.raises(ConflictError) as caught:
        await core.workspaces.upgrade(old)
    assert caught.value.hint
    results = await asyncio.gather(
        *(core.workspaces.upgrade(old) for _window in range(3)), return_exceptions=True
    )
    assert all(isinstance(result, AppError) for result in results if result is not None)
    assert None in results
    assert revision_of(old) == known_revisions()[-1]


async def test_a_window_that_comes_second_upgrades_nothing(core: Core, old: Path) -> None:
    """Seen failing: a second backup was named by a schema that it had no more."""
    found = inspect(old)
    await core.workspaces.upgrade(old)
    first = left_over(old)
    await upgrade.upgrade(found, Durability.FULL, Progress(lambda: None))
    assert left_over(old) == first


async def test_what_is_no_workspace_is_never_upgraded(core: Core, tmp_path: Path) -> None:
    """Seen failing: tables of ours were made in somebody's database."""
    path = tmp_path / "plain.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (n INTEGER)")
    before = content(path)
    await core.workspaces.upgrade(path)
    assert content(path) == before
    assert not WorkspaceFolders(path).root.exists()


async def test_a_lock_that_was_not_waited_for_is_let_go(tmp_path: Path) -> None:
    """Seen failing while the cancellation was held: the lock stayed taken."""
    lock = tmp_path / "locks" / LOCK

    async def take() -> None:
        async with alone(lock, "Upgrading"):
            raise AssertionError("it was cancelled before")

    taking = asyncio.create_task(take())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError) as held:
        await taking
    with locked(lock, wait_s=0):
        assert held.value is not None


async def test_an_old_file_that_cannot_be_written_says_so(core: Core, old: Path) -> None:
    second_name = old.with_name("second-name.db")
    second_name.hardlink_to(old)
    with pytest.raises(DatabaseOpenError) as caught:
        await core.workspaces.open(old)
    assert not isinstance(caught.value, UpgradeNeededError)
    assert "hard links" in caught.value.detail
    assert "copy" in caught.value.hint.lower()
