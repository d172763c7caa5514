"""The conversation with the maintenance child: cancelled, killed, lied to, and left alone."""

import asyncio
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from core.errors import AppError, ConflictError, DatabaseBusyError, DatabaseError, ExternalError
from core.performance.child import client, process
from core.performance.child.client import child_ahead, run_child
from core.performance.child.process import Child
from core.progress import Progress
from tests.core.performance.files import content, digest_of, make_large, make_plain
from tests.waiting import until


def _children() -> list[psutil.Process]:
    return [
        child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE
    ]


@pytest.fixture
def child_says(monkeypatch: pytest.MonkeyPatch) -> object:
    """Put a script in the place of the child."""

    def put(script: str) -> None:
        command = [sys.executable, "-c", "import sys, time\nsys.stdin.readline()\n" + script]
        monkeypatch.setattr(process, "role_command", lambda _role: command)

    return put


async def test_a_cancelled_vacuum_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """Seen failing without the interruption: it was packed all the same."""
    path = make_large(tmp_path / "a.db")
    before, size = digest_of(path), path.stat().st_size
    running = asyncio.Event()
    progress = Progress(running.set)
    task = asyncio.create_task(run_child("vacuum", path=path, progress=progress))
    await running.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not _children()
    assert progress.cancellable
    assert path.stat().st_size == size
    assert digest_of(path) == before


async def test_what_is_too_late_to_cancel_is_completed(tmp_path: Path) -> None:
    """Seen failing when the cancellation is raised whatever the child answers."""
    path = make_plain(tmp_path / "a.db")
    before, size = content(path), path.stat().st_size
    task: asyncio.Task[object]

    def at_the_last_moment() -> None:
        if not progress.cancellable:
            task.cancel()

    progress = Progress(at_the_last_moment)
    task = asyncio.create_task(run_child("vacuum", path=path, progress=progress))
    assert await task == {"log_emptied": True}
    assert task.cancelling() == 0
    assert path.stat().st_size < size
    assert content(path) == before


async def test_a_wait_for_a_lock_is_cancelled(tmp_path: Path) -> None:
    path = make_plain(tmp_path / "a.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        running = asyncio.Event()
        task = asyncio.create_task(
            run_child("vacuum", path=path, progress=Progress(running.set))
        )
        await running.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_who_holds_the_lock_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_plain(tmp_path / "a.db")
    monkeypatch.setattr("core.performance.child.words.processes_locking", lambda _p: ["x (5)"])
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusyError) as caught:
            await run_child("vacuum", path=path, busy_wait_s=0.1)
    assert "x (5)" in caught.value.title


@pytest.mark.expected_log("maintenance child")
async def test_a_child_that_is_killed(tmp_path: Path) -> None:
    path = make_large(tmp_path / "a.db")
    before = digest_of(path)
    running = asyncio.Event()
    task = asyncio.create_task(run_child("vacuum", path=path, progress=Progress(running.set)))
    await running.wait()
    (child,) = _children()
    child.kill()
    with pytest.raises(ExternalError) as caught:
        await task
    assert "9" in caught.value.detail
    assert "a.db" in caught.value.hint
    assert digest_of(path) == before


async def test_a_child_that_does_not_follow_is_killed(
    child_says: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing without the kill: it never came back."""
    assert callable(child_says)
    child_says('print(\'{"progress":0.5,"phase":""}\', flush=True)\ntime.sleep(1000)')
    monkeypatch.setattr(client, "KILLED_AFTER_S", 0.1)
    running = asyncio.Event()
    task = asyncio.create_task(
        run_child("vacuum", path=tmp_path / "a.db", progress=Progress(running.set))
    )
    await running.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not _children()


@pytest.mark.parametrize("cancelled", [0, 1, 2])
async def test_a_child_that_nobody_came_to_use_is_ended(
    monkeypatch: pytest.MonkeyPatch, cancelled: int
) -> None:
    """Seen failing without the end of it, and where a second cancellation tore that apart."""
    there, may_end, close = asyncio.Event(), threading.Event(), Child.close
    monkeypatch.setattr(Child, "close", lambda child: may_end.wait(60) and close(child))

    async def refused() -> None:
        async with child_ahead("vacuum") as started:
            await asyncio.wrap_future(started)
            there.set()
            if cancelled:
                await asyncio.Event().wait()
            raise ConflictError("Refused.")

    preparing = asyncio.create_task(refused())
    await there.wait()
    for _each in range(cancelled):
        preparing.cancel()
        for _turn in range(3):  # until it waits for the end of the child
            await asyncio.sleep(0)
    assert not preparing.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError if cancelled else ConflictError):
        await preparing
    assert not psutil.Process().children()  # no zombie either


@pytest.mark.expected_log("maintenance child")
async def test_a_child_that_was_started_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does what it is asked; that it died meanwhile, or never began, is told then."""
    path = make_plain(tmp_path / "a.db")
    async with child_ahead("vacuum") as started:
        assert await run_child("vacuum", path=path, started=started) == {"log_emptied": True}
        assert not psutil.Process().children()
    async with child_ahead("vacuum") as started:
        (await asyncio.wrap_future(started)).kill()
        with pytest.raises(ExternalError, match="ended before"):
            await run_child("vacuum", path=path, started=started)
    monkeypatch.setattr(process, "role_command", lambda _role: [str(tmp_path / "missing")])
    async with child_ahead("vacuum") as started:
        pass
    async with child_ahead("vacuum") as started:
        with pytest.raises(ExternalError, match="could not be started"):
            await run_child("vacuum", path=path, started=started)


@pytest.mark.expected_log("maintenance child")
@pytest.mark.parametrize(
    "script",
    [
        "print('garbage')",
        "print('[]')",
        "print('{\"result\":5}')",
        "print('[' * 100000)",
        "print('{\"error\":5}')",
        "sys.stdout.buffer.write(b'\\xff\\x00\\n')",
        "raise SystemExit(3)",
        'print(\'{"progress":"x","phase":7}\')',
        "print('x' * 2000)",
    ],
)
async def test_nonsense_is_told_in_words(
    child_says: object, script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(child_says)
    monkeypatch.setattr(process, "LONGEST_LINE_BYTES", 1000)
    child_says(script)
    with pytest.raises(AppError) as caught:
        await run_child("vacuum", path=tmp_path / "a.db", progress=Progress(lambda: None))
    assert caught.value.hint
    assert not _children()


async def test_a_child_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    """Seen failing when it hears neither the end of its input nor that of its output."""
    path = make_large(tmp_path / "a.db")
    before, size = digest_of(path), path.stat().st_size
    script = f"""
import asyncio, os, sys, core
from pathlib import Path
from core.performance.child.client import run_child
from core.progress import Progress

def die():
    os.kill(os.getpid(), 9)

asyncio.run(run_child("vacuum", path=Path({str(path)!r}), progress=Progress(die)))
"""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    assert await parent.wait() == -9
    await until(lambda: not _at_work_on(path), "the end of the child")
    assert path.stat().st_size == size
    assert digest_of(path) == before


def _at_work_on(path: Path) -> bool:
    for one in psutil.process_iter():
        try:
            if any(file.path == str(path) for file in one.open_files()):
                return True
        except (psutil.Error, OSError):
            continue
    return False


async def test_only_apsw_opens_files_in_the_child(tmp_path: Path) -> None:
    """Seen failing before pysqlite3 was locked away there: two libraries had the file open."""
    script = """
import core, sqlite3, sqlite3.dbapi2
from core.performance.child import main
main._lock_away()
for module in (sqlite3, sqlite3.dbapi2):
    for name in ("connect", "Connection"):
        try:
            getattr(module, name)("x.db")
        except RuntimeError as error:
            assert "only apsw" in str(error)
        else:
            raise SystemExit("opened")
"""
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    assert await child.wait() == 0


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="tells what is open by /proc")
async def test_temporary_files_lie_where_the_request_says(tmp_path: Path) -> None:
    """Though SQLite is loaded before that is known; seen failing where nobody told SQLite."""
    path, temporary = make_plain(tmp_path / "a.db", rows=10_000), tmp_path / "there"
    temporary.mkdir()
    script = f"""
import os, core, apsw
from core.performance.child import main, operations
from core.performance.child.conversation import Conversation
from core.performance.child.protocol import Request

class Looking(Conversation):
    def no_return(self, phase):
        links = map("/proc/self/fd/{{}}".format, os.listdir("/proc/self/fd"))
        found.extend(os.readlink(link) for link in links if os.path.islink(link))

found = []
request = Request("vacuum", {str(path)!r}, {{"temporary": {str(temporary)!r}}})
answer = main._answer(operations.OPERATIONS["vacuum"], request, Looking(1))
assert "result" in answer, answer
assert any(name.startswith({str(temporary)!r}) for name in found), found
"""
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    assert await child.wait() == 0


async def test_files_that_are_no_databases(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("no database at all" * 100)
    for path, words in (
        (tmp_path / "missing.db", "cannot be opened"),
        (tmp_path, "cannot be opened"),
        (text, "not a SQLite database"),
    ):
        with pytest.raises(DatabaseError) as caught:
            await run_child("analyze", path=path)
        assert words in caught.value.title
        assert caught.value.hint
