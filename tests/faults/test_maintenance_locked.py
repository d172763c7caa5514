"""Maintenance of a file that another program keeps locked: told, waited for, and given up."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from core.app import Core
from core.database import database as database_module
from core.errors import DatabaseBusyError
from core.performance.maintenance import patience, service
from core.performance.maintenance.schemas import MaintenanceRow, RunState, Task
from core.progress import Progress
from core.security.actors import Actor
from core.workspaces.workspace import Workspace
from tests.core.performance.files import make_plain
from tests.faults.locker import Locker
from tests.waiting import until


class Locked(NamedTuple):
    """A database that another process has locked, open here."""

    workspace: Workspace
    actor: Actor
    locker: Locker

    def vacuum(self, progress: Progress) -> "asyncio.Task[MaintenanceRow]":
        maintenance = self.workspace.performance.maintenance
        return asyncio.create_task(
            maintenance.run(self.actor, task=Task.VACUUM, progress=progress)
        )

    async def answers(self) -> None:
        """See that the rest answers meanwhile."""
        await self.workspace.performance.maintenance.runs(self.actor)
        await self.workspace.performance.concurrency.overview(self.actor)
        assert self.locker.locks

    def is_told(self, text: str) -> bool:
        return f"({self.locker.process.pid})" in text

    async def release(self) -> None:
        if self.locker.locks:
            await asyncio.to_thread(self.locker.end)


@pytest.fixture(params=["workspace", "wal", "delete"])
async def locked(
    request: pytest.FixtureRequest, core: Core, actor: Actor, tmp_path: Path
) -> AsyncIterator[Locked]:
    """Give a workspace, or a file that is not ours, which another process locked."""
    path = tmp_path / "file.db"
    if request.param == "workspace":
        workspace = await core.workspaces.create(path, open_here=True)
    else:
        make_plain(path, rows=500, journal=request.param)
        workspace = await core.workspaces.open(path)
    locker = await asyncio.to_thread(Locker, path)
    given = Locked(workspace, actor, locker)
    yield given
    await given.release()
    await core.workspaces.close(workspace)


@pytest.mark.expected_log("has locked the database")  # what duties of the leader gave up
async def test_who_is_waited_for_is_told_and_cancel_works(locked: Locked) -> None:
    """Seen failing with a child that waits without a word: "Building a packed copy".

    And where a workspace that is locked was waited for once more, to record the end of what
    was never begun: the cancellation came when the lock was gone.
    """
    progress = Progress(lambda: None)
    packing = locked.vacuum(progress)
    await until(lambda: locked.is_told(progress.text), "the wait to be told")
    await locked.answers()
    packing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await packing
    assert locked.locker.locks
    # Once it is free, it is done.
    again = Progress(lambda: None)
    packing = locked.vacuum(again)
    await until(lambda: locked.is_told(again.text), "the wait to be told again")
    await locked.release()
    assert (await packing).state is RunState.SUCCEEDED


@pytest.mark.expected_log("has locked the database")
async def test_a_wait_that_is_given_up_is_told_in_words(
    locked: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing with the words of SQLite, "database is locked", as the detail."""
    for module in (database_module, patience, service):
        monkeypatch.setattr(module, "GIVEN_UP_AFTER_S", 1.5)
    progress = Progress(lambda: None)
    packing = locked.vacuum(progress)
    await until(lambda: locked.is_told(progress.text), "the wait to be told")
    await locked.answers()
    with pytest.raises(DatabaseBusyError) as caught:
        await packing
    assert locked.locker.locks
    told = caught.value
    assert "locked" in told.title
    assert "database is locked" not in f"{told.title} {told.detail}"
    assert "try again" in told.hint
