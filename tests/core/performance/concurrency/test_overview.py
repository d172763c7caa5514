"""What goes on at once, as the service tells it."""

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.concurrency.limiter import Priority
from core.database.transactions import Transaction
from core.performance.concurrency.schemas import (
    ConcurrencyOverview,
    TransactionMode,
)
from core.performance.concurrency.words import holder, named
from core.performance.target import Target
from core.security.actors import Actor
from core.workspaces.workspace import Workspace
from tests.core.running import Bench
from tests.waiting import until

_HOLD = (
    "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
    "c.execute('BEGIN IMMEDIATE'); print(os.getpid(), flush=True); sys.stdin.read()"
)


async def _overview(workspace: Workspace, actor: Actor) -> ConcurrencyOverview:
    return await workspace.performance.concurrency.overview(actor)


async def test_a_workspace(bench: Bench) -> None:
    await bench.project()
    overview = await _overview(bench.workspace, bench.actor)
    assert [pool.name for pool in overview.pools] == ["Reading", "Writing"]
    assert all(0 <= pool.in_use <= pool.size for pool in overview.pools)
    assert overview.pools[1].checkouts > 0
    assert overview.transactions.committed > 0
    assert overview.transactions.longest_ms >= overview.transactions.p95_ms > 0
    (lease,) = overview.leases
    assert (lease.name, lease.own, lease.token) == ("Leading: runs the queue", True, 1)
    assert 0 < lease.expires_in_s <= 6
    assert ", process " in lease.holder
    names = {one.name for one in overview.semaphores}
    assert names == {"Hashing passwords", "Asking repositories for commits"}
    (heavy,) = overview.limiters
    assert (heavy.name, heavy.running) == ("Heavy jobs", 0)


async def test_it_is_seen_who_keeps_the_others_waiting(bench: Bench) -> None:
    """Seen failing where the oldest does not come first."""
    workspace = bench.workspace
    async with workspace.database.unit_of_work() as unit:
        await unit.session.execute(text("SELECT 1"))
        async with workspace.database.read(snapshot=True):
            overview = await _overview(workspace, bench.actor)
    ours = [one for one in overview.open if one.owner.startswith(__name__)]
    assert [one.mode for one in ours] == [TransactionMode.WRITE, TransactionMode.SNAPSHOT]
    assert ours[0].owner.endswith("test_it_is_seen_who_keeps_the_others_waiting")
    assert ours[0].statement == "SELECT 1"
    assert ours[0].age_s >= ours[1].age_s
    theirs = [one for one in overview.open if one.owner.startswith("core.database.change_w")]
    assert {one.actor for one in (*ours, *theirs)} == {""}


async def test_it_is_seen_for_whom(bench: Bench) -> None:
    """Seen failing where the next work of the same task counts as that of the actor."""
    database = bench.workspace.database
    assert bench.actor.user in await _actors_of_a_listing(bench)
    async with database.unit_of_work():
        assert [one.actor for one in database.transactions.open() if one.mode == "write"] == [
            ""
        ]


async def _actors_of_a_listing(bench: Bench) -> list[str]:
    """Return for whom transactions are opened while the projects are listed."""
    database, found = bench.workspace.database, list[str]()
    begun = database.transactions.begun

    def look(mode: TransactionMode, session: AsyncSession) -> Transaction:
        opened = begun(mode, session)
        found.append(opened.snapshot().actor)
        return opened

    database.transactions.begun = look  # type: ignore[method-assign]
    await bench.workspace.projects.list_all(bench.actor)
    database.transactions.begun = begun  # type: ignore[method-assign]
    return found


async def test_heavy_jobs_of_all_files_share_one_limiter(bench: Bench, tmp_path: Path) -> None:
    other = await bench.core.workspaces.create(tmp_path / "other.db", open_here=True)
    limiter = bench.workspace.performance.target.limiter
    assert other.performance.target.limiter is limiter
    async with limiter.place(Priority.PERSON):
        (heavy,) = (await _overview(other, bench.actor)).limiters
        assert heavy.running == 1
    (heavy,) = (await _overview(other, bench.actor)).limiters
    assert (heavy.running, heavy.succeeded) == (0, 1)


async def test_two_jobs_are_not_at_one_file_at_once(bench: Bench, tmp_path: Path) -> None:
    """Seen failing where who waits for the file keeps others from theirs."""
    other = await bench.core.workspaces.create(tmp_path / "other.db", open_here=True)
    first, second = bench.workspace.performance.target, other.performance.target
    go = asyncio.Event()

    async def work(target: Target) -> None:
        async with target.turn(Priority.NORMAL):
            await go.wait()

    jobs = [asyncio.create_task(work(target)) for target in (first, first, second)]
    await asyncio.sleep(0)
    overview = await _overview(bench.workspace, bench.actor)
    (lock,) = overview.locks
    assert (lock.name, lock.waiting) == ("Jobs on a file", 1)
    assert lock.held == tuple(sorted(map(str, (first.path, second.path))))
    (heavy,) = overview.limiters
    assert heavy.running + heavy.waiting == 2
    go.set()
    await asyncio.gather(*jobs)
    (lock,) = (await _overview(bench.workspace, bench.actor)).locks
    assert (lock.held, lock.acquired) == ((), 3)


async def test_passwords_wait_for_one_another(bench: Bench, tmp_path: Path) -> None:
    """Seen failing where each workspace hashes as if it were alone."""
    other = await bench.core.workspaces.create(tmp_path / "other.db", open_here=True)
    both = [workspace._sign_in._passwords for workspace in (bench.workspace, other)]
    hashing = [asyncio.create_task(one.hash("a phrase")) for one in (*both, both[0])]

    async def waiting() -> bool:
        overview = await _overview(bench.workspace, bench.actor)
        (figures,) = (one for one in overview.semaphores if one.name == "Hashing passwords")
        return (figures.in_use, figures.waiting) == (2, 1)

    await until(waiting, "two that hash and one that waits")
    await asyncio.gather(*hashing)


async def test_a_file_of_others(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "plain.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE leases (n)")
    workspace = await bench.core.workspaces.open(path)
    overview = await _overview(workspace, bench.actor)
    assert [pool.name for pool in overview.pools] == ["Reading"]
    assert overview.leases == ()
    assert overview.transactions.committed == 0
    assert overview.held_by == ()
    # A process that is not started by this one; seen failing where nothing told of it.
    shell = ["sh", "-c", '"$0" -c "$1" "$2"; true', sys.executable, _HOLD, str(path)]
    pipe = asyncio.subprocess.PIPE
    holder = await asyncio.create_subprocess_exec(*shell, stdin=pipe, stdout=pipe)
    assert holder.stdout is not None
    pid = (await holder.stdout.readline()).decode().strip()
    (held,) = (await _overview(workspace, bench.actor)).held_by
    assert held.endswith(f"({pid})")
    await holder.communicate(b"go")
    assert (await _overview(workspace, bench.actor)).held_by == ()
    await bench.core.workspaces.close(workspace)


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("host/4026531836:4711:ab12", "host, process 4711"),
        ("host/:4711:ab12", "host, process 4711"),
        ("somebody", "somebody"),
        ("", ""),
    ],
)
def test_holders_in_words(stored: str, told: str) -> None:
    assert holder(stored) == told


def test_what_is_not_known_goes_by_its_name() -> None:
    assert named("something") == "something"
