"""kill -9 and cancellations while a recommendation is applied or taken back.

The file is whole, what is recorded is true, nothing stays held, and it can be done again.
"""

import asyncio
import json
import random
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from core.app import Core
from core.database.alone import LOCK
from core.database.database import Database
from core.errors import ExternalError
from core.file_lock import locked
from core.performance.advice.schemas import AdviceKind
from core.performance.advice.service import AdviceService
from core.performance.changes import AutoVacuum, CreateIndex, JournalMode, PageSize, Undo
from core.performance.child import process
from core.performance.maintenance.schemas import MaintenanceRow, RunState, Task
from core.progress import Progress
from core.security.actors import Actor
from core.workspaces.workspace import Workspace
from tests.core.database.stepping import cancelled_at
from tests.core.performance.advice.samples import make_music
from tests.faults.moments import Moment
from tests.waiting import until

_INDEX = CreateIndex(
    table="Track", name="ix_new", terms=[("Name", True, ""), ("AlbumId", False, "nocase")]
)
_BY_INDEX = "SELECT count(*), sum(AlbumId) FROM Track INDEXED BY ix_new WHERE Name >= ''"
_TRACKS = 15_000
# Plays the child, and kills some once a change is made, before that is said.
_DYING = """
import os, signal
from core.performance.child import conversation, main

say = conversation.Conversation.say

def dying(self, message):
    if "refused" in message.get("result", ()):
        for pid in ({victims},):
            os.kill(pid, signal.SIGKILL)
    say(self, message)

conversation.Conversation.say = dying
main.main(())
"""
# Applies what makes an index; its arguments are the file, and the command of the child.
_APPLYING = """
import asyncio, sys
from pathlib import Path
from core.app import open_core
from core.performance.child import process
from core.progress import Progress
from core.security.actors import Actor, Origin
from core.settings import load_settings

process.role_command = lambda _role: sys.argv[2:]

async def main():
    quiet, actor = Progress(lambda: None), Actor.of_this_computer(Origin.SCRIPT)
    async with open_core(load_settings()) as core:
        workspace = await core.workspaces.open(Path(sys.argv[1]))
        advice = workspace.performance.advice
        found = (await advice.find(actor, progress=quiet)).found
        key = next(one.key for one in found if one.kind.value == "foreign_key_index")
        await advice.apply(actor, key=key, progress=quiet)

asyncio.run(main())
"""
_LATER_S = 0.2


class State(NamedTuple):
    """What can be changed in a file."""

    indexes: frozenset[str]
    journal: str
    pages: tuple[int, int]


class Theirs:
    """A file of another program that is open, and what is done to it."""

    def __init__(self, workspace: Workspace, actor: Actor) -> None:
        self.workspace = workspace
        self.actor = actor
        self.path = workspace.performance.target.path
        self.rows = self.content()
        self.made: dict[int, str] = {}

    @property
    def service(self) -> AdviceService:
        """What makes the changes."""
        return self.workspace.performance.advice

    def content(self) -> list[object]:
        """Return the rows of the file, which must be whole."""
        with closing(sqlite3.connect(self.path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            tables = ("Artist", "Album", "Genre", "Track", "PlaylistTrack", "Plays")
            return [connection.execute(f"SELECT * FROM {one}").fetchall() for one in tables]

    def state(self) -> State:
        """Return what is now, having seen that nothing of it is half done."""
        assert self.content() == self.rows
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            # Nobody holds a lock.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
            found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")
            indexes = frozenset(str(name) for (name,) in found)
            if _INDEX.name in indexes:
                plain = _BY_INDEX.replace("INDEXED BY ix_new", "NOT INDEXED")
                counted = connection.execute(plain).fetchone()
                assert connection.execute(_BY_INDEX).fetchone() == counted
            journal, vacuum, size = (
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "auto_vacuum", "page_size")
            )
        return State(indexes, str(journal), (vacuum, size))

    async def make(self, *changes: Undo) -> int:
        """Store changes as what takes a run back; return the number of that run."""
        run = await self.workspace.performance.maintenance.run(
            self.actor, task=Task.QUICK_CHECK, progress=Progress(lambda: None)
        )
        self.made[run.id] = json.dumps([one.model_dump_json() for one in changes])
        await self.renew()
        return run.id

    async def renew(self) -> None:
        """Let what was taken back be taken back once more."""
        records = await self.workspace.performance.target.records()
        async with records.unit_of_work() as unit:
            connection = await unit.session.connection()
            for run_id, undo in self.made.items():
                await connection.exec_driver_sql(
                    "UPDATE maintenance_runs SET undo = ?, task = 'advice' WHERE id = ?",
                    (undo, run_id),
                )
            await unit.commit()

    async def undo(self, run_id: int, progress: Progress | None = None) -> MaintenanceRow:
        """Make the changes of that run."""
        quiet = Progress(lambda: None)
        return await self.service.undo(self.actor, run_id=run_id, progress=progress or quiet)

    async def runs(self) -> tuple[MaintenanceRow, ...]:
        """Return the runs, having seen that nothing is held and none is said to go on."""
        target = self.workspace.performance.target
        with locked(target.folders.locks / LOCK, wait_s=0):
            pass
        assert _child() is None
        assert not any(one.held for one in target.board.locks())
        assert target.limiter.figures().running == target.limiter.figures().waiting == 0
        for database in (target.database, await target.records()):
            assert database.jobs.current == ""
            # Figures and alerts are looked at meanwhile.
            await until(partial(_is_idle, database), "the end of all transactions")
        rows = await self.workspace.performance.maintenance.runs(self.actor)
        assert all(row.state is not RunState.RUNNING for row in rows)
        return tuple(rows)


class TooLate(Moment):
    """The moment from which on work completes."""

    def __init__(self) -> None:
        super().__init__(sys.maxsize)

    def no_return(self, text: str) -> None:
        super().no_return(text)
        self._come.set()


class Started(Moment):
    """The moment at which there is a child."""

    def __init__(self) -> None:
        super().__init__(sys.maxsize)

    async def comes(self, work: "asyncio.Task[object]") -> None:
        await until(lambda: _child() or work.done(), "the child")


@pytest.fixture
async def theirs(core: Core, actor: Actor, tmp_path: Path) -> AsyncIterator[Theirs]:
    """Give an open file; afterwards nothing lies beside it."""
    (tmp_path / "theirs").mkdir()
    path = make_music(tmp_path / "theirs" / "music.db", tracks=_TRACKS)
    workspace = await core.workspaces.open(path)
    yield Theirs(workspace, actor)
    await core.workspaces.close(workspace)
    assert {file.name for file in path.parent.iterdir()} <= {"music.db"}


def _is_idle(database: Database) -> bool:
    return not database.transactions.open() and {one.in_use for one in database.pools()} == {0}


def _dying(victims: str) -> list[str]:
    return [sys.executable, "-c", _DYING.format(victims=victims)]


def _child() -> psutil.Process | None:
    return next(iter(psutil.Process().children()), None)


_each_change = pytest.mark.parametrize(
    ("change", "back"),
    [
        (_INDEX, _INDEX.inverse),
        (JournalMode(mode="wal"), JournalMode(mode="delete")),
        (AutoVacuum(mode="incremental"), AutoVacuum(mode="none")),
        (PageSize(size=8192), PageSize(size=4096)),
    ],
    ids=["index", "journal", "auto_vacuum", "page_size"],
)


@pytest.mark.expected_log("maintenance child")
@_each_change
async def test_the_child_is_killed(
    theirs: Theirs, change: Undo, back: Undo, fault_count: int
) -> None:
    """Seen failing with a journal in memory: the file was torn."""
    chance = random.Random()
    there, undone = await theirs.make(change), await theirs.make(back)
    before = theirs.state()
    for turn in range(fault_count + 1):
        await theirs.renew()
        moment = (Started(), Moment(chance.randint(2, 4)), TooLate())[turn % 3]
        making = asyncio.create_task(theirs.undo(there, moment))
        await moment.comes(making)
        await asyncio.sleep(chance.uniform(0, _LATER_S) if turn % 3 == 0 else 0)
        if (child := _child()) is not None:
            child.kill()
        await asyncio.wait({making})
        error = making.exception()
        newest = (await theirs.runs())[0]
        if error is None:
            assert newest.state is RunState.SUCCEEDED
            assert theirs.state() != before
            await theirs.undo(undone)
        else:
            assert isinstance(error, ExternalError)
            assert "is whole" in error.hint
            assert newest.state is RunState.FAILED
        assert theirs.state() == before
    await theirs.renew()
    await theirs.undo(there)
    assert theirs.state() != before


@pytest.mark.expected_log("maintenance child")
@_each_change
async def test_the_child_is_killed_before_it_can_say_that_it_is_done(
    theirs: Theirs, change: Undo, back: Undo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing: it was recorded as failed, though the file had it."""
    before, runs = theirs.state(), [await theirs.make(one) for one in (change, back)]
    monkeypatch.setattr(process, "role_command", lambda _role: _dying("os.getpid()"))
    for run_id, changed in zip(runs, (True, False), strict=True):
        row = await theirs.undo(run_id)
        assert row.state is RunState.SUCCEEDED
        assert "ended before it could say so" in row.message
        assert (theirs.state() != before) is changed


async def test_the_program_is_killed_before_it_can_record_that_it_is_done(
    theirs: Theirs,
) -> None:
    """Seen failing: it was an interrupted run, and could not be taken back."""
    before = theirs.state()
    command = _dying("os.getppid(), os.getpid()")
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _APPLYING, str(theirs.path), *command
    )
    assert await program.wait() == -signal.SIGKILL
    assert theirs.state() != before
    (row,) = await theirs.runs()
    assert (row.state, row.can_undo) == (RunState.SUCCEEDED, True)
    assert row.message.startswith("It was done")
    await theirs.undo(row.id)
    assert theirs.state() == before
    assert [(one.state, one.taken_back) for one in await theirs.runs()] == [
        (RunState.SUCCEEDED, False),
        (RunState.SUCCEEDED, True),
    ]


async def test_cancelled_at_any_await_of_taking_back(theirs: Theirs) -> None:
    """Seen failing where what was done all the same is recorded as cancelled."""
    awaits = 0
    back = await theirs.make(_INDEX.inverse)
    there = await theirs.make(_INDEX)
    while True:
        await theirs.renew()
        known = len(await theirs.runs())
        reached = await cancelled_at(theirs.undo(there), awaits + 1)
        rows = await theirs.runs()
        made = _INDEX.name in theirs.state().indexes
        # A cancellation may come before anything is begun.
        begun = len(rows) > known
        assert made == (begun and rows[0].state is RunState.SUCCEEDED)
        assert made or not begun or rows[0].state is RunState.CANCELLED
        if made:
            await theirs.undo(back)
        if not reached:
            break
        awaits += 1
    assert made
    assert awaits > 5
    await theirs.renew()
    moment = TooLate()
    making = asyncio.create_task(theirs.undo(there, moment))
    await moment.comes(making)
    making.cancel()
    assert await making == (await theirs.runs())[0]
    assert _INDEX.name in theirs.state().indexes


async def test_cancelled_while_it_is_applied(theirs: Theirs, fault_count: int) -> None:
    """At some of its many awaits, then applied at last and taken back."""
    advice = await theirs.service.find(theirs.actor, progress=Progress(lambda: None))
    found = next(one for one in advice.found if one.kind is AdviceKind.FOREIGN_KEY_INDEX)
    chance = random.Random()
    before = theirs.state()

    async def apply() -> MaintenanceRow:
        quiet = Progress(lambda: None)
        return await theirs.service.apply(theirs.actor, key=found.key, progress=quiet)

    for _turn in range(fault_count):
        known = len(await theirs.runs())
        await cancelled_at(apply(), chance.randint(1, 70))
        rows = await theirs.runs()
        if theirs.state() != before:
            assert rows[0].state is RunState.SUCCEEDED
            await theirs.undo(rows[0].id)
        elif len(rows) > known:
            assert rows[0].state is RunState.CANCELLED
    row = await apply()
    assert theirs.state() != before
    await theirs.undo(row.id)
    assert theirs.state() == before
