"""Being alone on a file, and what writers are told while a job of this process holds it."""

import asyncio
import os
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core.database import database as module
from core.database.alone import LOCK, alone
from core.database.engine import connect_bare
from core.errors import ConflictError, DatabaseBusyError
from core.events import DatabaseWaiting, Event
from core.workspaces.workspace import Workspace
from tests.waiting import until


async def test_others_are_told_who_is_alone(tmp_path: Path) -> None:
    """Seen failing with a lock that nobody signs."""
    lock = tmp_path / "locks" / LOCK
    async with alone(lock, "Packing the file"):
        with pytest.raises(ConflictError) as caught:
            async with alone(lock, "Another"):
                pytest.fail("two were alone")
    assert "Packing the file" in caught.value.detail
    assert str(os.getpid()) in caught.value.detail
    async with alone(lock, "Another"):
        pass


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"99999999999999999999\nx", b"1" * 5000])
async def test_a_lock_that_is_signed_with_nonsense(tmp_path: Path, text: bytes) -> None:
    lock = tmp_path / LOCK
    async with alone(lock, "Packing"):
        lock.write_bytes(text)
        with pytest.raises(ConflictError) as caught:
            async with alone(lock, "Another"):
                pytest.fail("two were alone")
    assert caught.value.hint
    assert caught.value.detail == ""


_OTHER_WINDOW = """
import asyncio, subprocess, sys
from pathlib import Path
from core.database.alone import LOCK, alone
from core.paths import WorkspaceFolders

child = '''
import sys
import core, sqlite3
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
'''

async def main():
    path = Path(sys.argv[1])
    async with alone(WorkspaceFolders(path).locks / LOCK, "Packing the file"):
        subprocess.run([sys.executable, "-c", child, str(path)])

asyncio.run(main())
"""


async def test_writers_are_told_of_a_job_of_another_window(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing with the child alone named: nobody knows what "python" is about."""
    monkeypatch.setattr(module, "TOLD_AFTER_S", 0.0)
    told: list[Event] = []
    workspace.database._bus.subscribe(told.append)
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _OTHER_WINDOW, str(workspace.info.path),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert other.stdout is not None
    assert await other.stdout.readline() == b"held\n"
    writing = asyncio.create_task(_write(workspace))
    await until(lambda: any(map(_names_the_job, told)), "the name of the job")
    assert other.stdin is not None
    other.stdin.close()
    await writing
    assert await other.wait() == 0


async def test_writers_wait_for_a_job_of_this_process(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing when the time of the job counts as time of others."""
    monkeypatch.setattr(module, "GIVEN_UP_AFTER_S", 0.5)
    monkeypatch.setattr(module, "TOLD_AFTER_S", 0.0)
    told: list[Event] = []
    database = workspace.database
    database._bus.subscribe(told.append)
    with closing(connect_bare(database.path, "rw")) as other:
        other.execute("BEGIN IMMEDIATE")
        with database.jobs.running("Packing the file"):
            writing = asyncio.create_task(_write(workspace))
            await until(lambda: any(map(_names_the_job, told)), "the name of the job")
            # Longer than others are waited for.
            await asyncio.wait({writing}, timeout=1.0)
            assert not writing.done()
            other.execute("ROLLBACK")
            await writing
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusyError):
            await _write(workspace)
        other.execute("ROLLBACK")


def _names_the_job(event: Event) -> bool:
    return isinstance(event, DatabaseWaiting) and "Packing the file" in event.text


async def _write(workspace: Workspace) -> None:
    async with workspace.database.unit_of_work() as unit:
        unit.changed("something")
        await unit.commit()
