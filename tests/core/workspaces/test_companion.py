"""What is learnt of a database that is not ours, and where that is kept."""

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from core.settings import Durability
from core.workspaces.companion import Companion
from tests.core.running import Bench


def _plain(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.commit()
    return path


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def _tables(companion: Companion) -> int:
    database = await companion.database()
    async with database.read() as session:
        return int(await session.scalar(text("SELECT count(*) FROM maintenance_runs")) or 0)


async def test_a_plain_file_stays_as_it_is(bench: Bench, tmp_path: Path) -> None:
    """Failed by keeping the records in the file itself."""
    path = _plain(tmp_path / "other.db")
    before = hashlib.sha256(path.read_bytes()).digest()
    workspace = await bench.core.workspaces.open(path)
    target = workspace.performance.target
    records = await target.records()
    assert records.path != path
    assert records.path.is_relative_to(bench.core.settings.folders.companions)
    assert await target.records() is records
    assert target.folders.root != workspace.folders.root
    await bench.core.workspaces.close(workspace)
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert [name for name in _names(tmp_path) if name.startswith("other.")] == ["other.db"]


async def test_a_workspace_keeps_its_own_records(bench: Bench) -> None:
    target = bench.workspace.performance.target
    assert await target.records() is bench.workspace.database
    assert not bench.core.settings.folders.companions.exists()


async def test_two_windows_make_one_companion(bench: Bench, tmp_path: Path) -> None:
    """Failed with FileExistsError, and by two upgrades at once in one process."""
    both = [
        Companion(tmp_path / "known", tmp_path / "other.db", Durability.FULL, bench.core.events)
        for _ in range(2)
    ]
    await asyncio.gather(*(companion.database() for companion in both))
    assert [await _tables(companion) for companion in both] == [0, 0]
    assert len(list((tmp_path / "known").glob("*.db"))) == 1
    for companion in both:
        await companion.close()
