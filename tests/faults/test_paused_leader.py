"""A leader that is paused until another leads: what it writes late is refused by its token."""

import asyncio
import hashlib
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from core.builds.schemas import BuildState
from core.database.engine import connect_bare
from core.performance.concurrency.schemas import LeaseFigures
from core.workspaces.workspace import Workspace
from tests.core.running import Bench
from tests.faults.hosts import Host, host
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pauses a process by a signal")

_LINES = 30_000
_PRINT = f"""
import sys, time
for start in range(0, {_LINES}, 100):
    print("".join(f"{{i:08d}}\\n" for i in range(start, start + 100)), end="", flush=True)
    time.sleep(0.01)
"""


async def _pause(process: Host, database: Path) -> None:
    """Stop it where it holds no lock: with one, nobody else could lead at all."""
    while True:
        process.send(signal.SIGSTOP)
        try:
            with closing(connect_bare(database, "rw")) as other:
                other.execute("BEGIN IMMEDIATE")
                return
        except sqlite3.OperationalError:
            process.send(signal.SIGCONT)


async def _lease(bench: Bench, workspace: Workspace) -> LeaseFigures:
    overview = await workspace.performance.concurrency.overview(bench.actor)
    (lease,) = overview.leases
    return lease


async def _led_here(bench: Bench, path: Path) -> LeaseFigures:
    """Open the workspace here, and return its lease once it leads."""
    bench.workspace = await bench.core.workspaces.open(path)

    async def leading() -> bool:
        return (await bench.workspace.status()).leading

    await until(leading, "the lease to run out")
    return await _lease(bench, bench.workspace)


async def _writes(workspace: Workspace) -> int:
    query = text("SELECT value FROM workspace_settings WHERE name = 'writes'")
    async with workspace.database.read() as session:
        return int(await session.scalar(query) or 0)


async def test_the_late_write_of_a_paused_leader_is_refused(
    bench: Bench, fault_count: int
) -> None:
    """Seen failing where the token is not compared, and where it does not grow."""
    path = bench.workspace.info.path
    await bench.core.workspaces.close(bench.workspace)
    async with host(path, "tests.faults.leading") as process:
        for turn in range(fault_count):
            token = int((await process.told("leading"))[0])
            process.say("write")
            await process.told("wrote")
            await _pause(process, path)
            process.say("write")
            lease = await _led_here(bench, path)
            assert (lease.own, lease.token) == (True, token + 1)
            assert lease.expires_in_s > 0
            process.send(signal.SIGCONT)
            await process.told("refused")
            await process.told("following")
            assert await _writes(bench.workspace) == turn + 1
            assert (await _lease(bench, bench.workspace)).token == token + 1
            await bench.core.workspaces.close(bench.workspace)
        await process.told("leading")
        await process.leave()


async def test_a_build_goes_on_under_another_leader(bench: Bench) -> None:
    """Seen failing where batches of a log are stored without the fence: lines come twice."""
    (bench.folder / "print.py").write_text(_PRINT)
    project = await bench.project("python3 print.py")
    path = bench.workspace.info.path
    await bench.core.workspaces.close(bench.workspace)
    async with host(path, "tests.faults.leading") as process:
        await process.told("leading")
        build_id = await process.queue(project.id)
        await until(lambda: list(bench.workspace.folders.builds.glob("*/*")), "the build")
        await asyncio.sleep(1.0)  # the moment does not matter, but that lines are stored
        await _pause(process, path)
        await _led_here(bench, path)
        process.send(signal.SIGCONT)
        await process.told("following")
        build = await bench.end(build_id)
        await process.leave()
    assert (build.state, build.log_lines) == (BuildState.SUCCESS, _LINES)
    expected = "".join(f"{i:08d}\n" for i in range(_LINES)).encode()
    assert await bench.log_hash(build_id) == hashlib.sha256(expected).hexdigest()
