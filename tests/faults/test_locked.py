"""Another program keeps the database locked: that is told, nothing freezes, and it goes on."""

import asyncio
import re
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from core.builds.schemas import BuildState
from core.database import database as database_module
from core.database.engine import BUSY_TIMEOUT_MS
from core.errors import DatabaseBusyError
from core.events import DatabaseWaiting, Event
from core.workspaces.workspace import Workspace
from tests.core.running import Bench
from tests.faults.locker import Locker
from tests.waiting import until

_FEW = 10


@pytest.fixture
def seconds(fault_count: int) -> float:
    """Return for how long the lock is kept: a minute in ``make faults``."""
    return 60 if fault_count >= _FEW else 1


async def _ask(bench: Bench, seconds: float) -> None:
    """Ask for some time; an answer that waits for the lock never comes."""
    end = time.monotonic() + seconds
    async with asyncio.timeout(seconds + 60):
        while time.monotonic() < end:
            await bench.workspace.status()
            overview = await bench.workspace.performance.concurrency.overview(bench.actor)
            assert overview.pools[0].size > 0
            await asyncio.sleep(0.02)


def _waits(told: list[Event]) -> list[str]:
    return [event.text for event in told if isinstance(event, DatabaseWaiting)]


@pytest.mark.expected_log("has locked the database")  # what duties of the leader gave up
async def test_a_lock_of_another_process_is_told_and_outlived(
    bench: Bench, seconds: float
) -> None:
    """Seen failing where the wait is left to SQLite, which tells nothing for all that time."""
    assert database_module.TOLD_AFTER_S + 2 * BUSY_TIMEOUT_MS / 1000 < 1
    told: list[Event] = []
    bench.core.events.subscribe(told.append)
    locker = await asyncio.to_thread(Locker, bench.workspace.info.path)
    writing = asyncio.create_task(bench.project("true"))
    await until(lambda: any(_waits(told)), "the wait to be told")
    assert f"({locker.process.pid})" in _waits(told)[0]
    await _ask(bench, seconds)
    await asyncio.to_thread(locker.end)
    if seconds > database_module.GIVEN_UP_AFTER_S:
        with pytest.raises(DatabaseBusyError, match=rf"\({locker.process.pid}\)"):
            await writing
    else:
        await writing
    assert (await bench.run("true")).state is BuildState.SUCCESS
    assert _waits(told)[-1] == ""
    await until(lambda: not bench.workspace.database.transactions.open(), "all of it to end")


def _plain(path: Path) -> None:
    import sqlite3

    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE t (n); INSERT INTO t VALUES (42)")
    connection.close()


async def _read(workspace: Workspace) -> int:
    async with workspace.database.read() as session:
        return int(await session.scalar(text("SELECT n FROM t")) or 0)


async def test_a_locked_file_of_others_is_told_in_words(bench: Bench, tmp_path: Path) -> None:
    """Seen failing with the words of the driver in the place of ours."""
    path = tmp_path / "plain.db"
    await asyncio.to_thread(_plain, path)
    before = path.read_bytes()
    workspace = await bench.core.workspaces.open(path)
    assert await _read(workspace) == 42
    locker = await asyncio.to_thread(Locker, path)
    with pytest.raises(
        DatabaseBusyError, match=rf"\({locker.process.pid}\) has locked"
    ) as caught:
        await _read(workspace)
    assert re.search("try again", caught.value.hint)
    assert "database is locked" not in caught.value.as_text()
    await asyncio.to_thread(locker.end)
    assert await _read(workspace) == 42
    assert all(pool.in_use == 0 for pool in workspace.database.pools())
    await bench.core.workspaces.close(workspace)
    assert path.read_bytes() == before
