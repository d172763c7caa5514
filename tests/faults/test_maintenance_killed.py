"""kill -9 and cancellations in the midst of VACUUM: the database is always whole."""

import asyncio
import random
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from core.app import Core
from core.database.alone import LOCK
from core.errors import ExternalError
from core.file_lock import locked
from core.performance.child.client import run_child
from core.performance.maintenance.schemas import RunState, Task
from core.security.actors import Actor
from tests.core.performance.files import content, make_plain
from tests.faults.hosts import ROOT
from tests.faults.moments import Moment, children_of, ended, kill

_FEW, _MANY = 10_000, 60_000
_MOMENTS = 5
_LATER_S = 0.1

_PARENT = """
import asyncio, sys
from pathlib import Path
import core
from core.performance.child.client import run_child
from core.progress import Progress

progress = Progress(lambda: print("moved", flush=True))
asyncio.run(run_child("vacuum", path=Path(sys.argv[1]), progress=progress))
"""


@pytest.fixture(params=["wal", "delete"])
def theirs(request: pytest.FixtureRequest, tmp_path: Path, fault_count: int) -> Iterator[Path]:
    """Give a database that is not ours, and see that nothing lies about afterwards."""
    rows = _MANY if fault_count > _MOMENTS else _FEW
    yield make_plain(tmp_path / "theirs.db", rows=rows, journal=request.param)
    names = {file.name for file in tmp_path.iterdir()}
    # A journal whose writer died before it counted is no hot one: the next writer takes it.
    usual = {"theirs.db", "theirs.db-wal", "theirs.db-shm", "theirs.db-journal"}
    assert names - {"home"} <= usual, names


async def _later(chance: random.Random) -> None:
    await asyncio.sleep(chance.uniform(0, _LATER_S))


def _child() -> psutil.Process | None:
    return next(iter(psutil.Process().children()), None)


@pytest.mark.expected_log("maintenance child")
async def test_the_child_is_killed(theirs: Path, fault_count: int) -> None:
    """Seen failing with a journal in memory: the file was torn."""
    chance = random.Random()
    before = content(theirs)
    for _turn in range(fault_count):
        moment = Moment(chance.randint(1, _MOMENTS))
        packing = asyncio.create_task(run_child("vacuum", path=theirs, progress=moment))
        await moment.comes(packing)
        await _later(chance)
        if (child := _child()) is not None:
            child.kill()
        await asyncio.wait({packing})
        if packing.exception() is not None:
            with pytest.raises(ExternalError) as caught:
                packing.result()
            assert caught.value.hint
        assert content(theirs) == before
    assert await run_child("vacuum", path=theirs) == {"log_emptied": True}
    assert content(theirs) == before


@pytest.mark.parametrize("all_at_once", [False, True])
async def test_the_parent_is_killed(theirs: Path, fault_count: int, all_at_once: bool) -> None:
    """Seen failing with a journal in memory, where both were killed: the file was torn."""
    chance = random.Random()
    before = content(theirs)
    for _turn in range(fault_count):
        parent = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _PARENT, str(theirs),
            cwd=ROOT, stdout=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert parent.stdout is not None
        for _told in range(chance.randint(1, _MOMENTS)):
            await parent.stdout.readline()
        await _later(chance)
        children = children_of(parent)
        with_it = children if all_at_once else []
        for one in (parent.pid, *(child.pid for child in with_it)):
            kill(one)
        await parent.wait()
        await ended(children)
        assert content(theirs) == before
        with closing(sqlite3.connect(theirs, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")


async def test_cancelled_at_any_moment(
    core: Core, actor: Actor, theirs: Path, fault_count: int
) -> None:
    """Seen failing when what is too late raises all the same, and when the lock stays."""
    chance = random.Random()
    before = content(theirs)
    workspace = await core.workspaces.open(theirs)
    service = workspace.performance.maintenance
    known = 0
    for _turn in range(3 * fault_count):
        moment = Moment(chance.randint(1, _MOMENTS))
        packing = asyncio.create_task(service.run(actor, task=Task.VACUUM, progress=moment))
        await moment.comes(packing)
        await _later(chance)
        too_late = not moment.cancellable
        packing.cancel()
        (end,) = await asyncio.gather(packing, return_exceptions=True)
        assert _child() is None
        with locked(workspace.performance.target.folders.locks / LOCK, wait_s=0):
            rows = await service.runs(actor)
        # A cancellation may come before anything is begun.
        begun = len(rows) > known
        known = len(rows)
        if isinstance(end, asyncio.CancelledError):
            assert not begun or rows[0].state is RunState.CANCELLED
            assert not too_late
        else:
            assert end == rows[0]
            assert rows[0].state is RunState.SUCCEEDED
    await core.workspaces.close(workspace)
    assert content(theirs) == before
