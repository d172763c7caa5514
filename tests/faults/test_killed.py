"""The core, or a supervisor, killed with SIGKILL: nothing lost, nothing started twice."""

import asyncio
import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import sys
from pathlib import Path

import pytest

from core.builds.logs.store import raw_log
from core.builds.running import follower, supervision
from core.builds.schemas import BuildState, FailureReason, LogSummary
from core.processes import supervisor_command
from core.workspaces import leader
from tests.core.running import Bench
from tests.faults.hosts import host
from tests.waiting import until

_PRINT = """
import sys, time
for start in range(0, {lines}, 500):
    sys.stdout.write("".join(f"{{i:08d}} a.c:1:2: error: {{'z' * 60}}\\n"
                             for i in range(start, start + 500)))
    sys.stdout.flush()
    time.sleep(0.005)
"""


def _expected(lines: int) -> str:
    text = "".join(f"{i:08d} a.c:1:2: error: {'z' * 60}\n" for i in range(lines))
    return hashlib.sha256(text.encode()).hexdigest()


def carriers(uid: str) -> set[int]:
    """Return who carries the cookie of a build."""
    cookie = f"BUILDBENCH_BUILD={uid}".encode()
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                if cookie in (entry / "environ").read_bytes().split(b"\0"):
                    found.add(int(entry.name))
    return found


async def _reopen(bench: Bench) -> None:
    bench.workspace = await bench.core.workspaces.open(bench.workspace.info.path)


async def _leave_alone(bench: Bench) -> Path:
    """Close the workspace here, so that another process can lead."""
    await bench.core.workspaces.close(bench.workspace)
    return bench.workspace.info.path


async def test_core_killed_during_heavy_output(bench: Bench, fault_count: int) -> None:
    """Fails when the spool position is not committed with the chunk (lines come twice).

    Also when the counts of a batch are those of what was read meanwhile.
    """
    lines = 60_000
    (bench.folder / "print.py").write_text(_PRINT.format(lines=lines))
    project = await bench.project("python3 print.py")
    for turn in range(fault_count):
        path = await _leave_alone(bench)
        async with host(path) as process:
            assert (await process.told("open"))[0] == "leading"
            build_id = await process.queue(project.id)
            await until((path.parent / "a workspace.buildbench/builds").iterdir, "a build")
            await asyncio.sleep(random.Random(turn).uniform(0.1, 0.7))  # the moment, by chance
            await process.kill()
        await _reopen(bench)
        assert (await bench.get(build_id)).state in (BuildState.RUNNING, BuildState.SUCCESS)
        build = await bench.end(build_id)
        assert (build.state, build.exit_code) == (BuildState.SUCCESS, 0)
        assert build.log_lines == lines
        assert await bench.log_hash(build_id) == _expected(lines)
        assert build.log_bytes == len(await bench.log(build_id))
        assert build.errors == 10_000  # as many marks as are kept


async def test_counts_are_those_of_what_is_stored(bench: Bench) -> None:
    """Fails when a commit takes the counts of the batch that is read meanwhile."""
    (bench.folder / "data").write_bytes(
        b"".join(b"%08d " % i + os.urandom(40).hex().encode() + b"\n" for i in range(400_000))
    )
    build = await bench.queue("cat data")

    async def agree() -> bool:
        async with bench.workspace.database.read(snapshot=True) as session:
            from core.builds.repository import BuildRepository

            stored = await BuildRepository(session).stored(build.id)
            assert stored is not None
            summary = LogSummary(build.id, 0, 0, 0, 0, False)
            raw = [part async for part in raw_log(session, summary)]
        assert sum(map(len, raw)) == stored.log_bytes
        assert b"".join(raw).count(b"\n") == stored.log_lines
        return BuildState(stored.state).finished

    await until(agree, "the end of the build")
    await bench.end(build.id)


async def test_core_killed_and_the_build_ends_before_it_is_back(bench: Bench) -> None:
    """Fails when ``result.json`` is not asked before the build is called lost."""
    gate = bench.folder / "gate"
    project = await bench.project(
        f"until [ -e {gate} ]; do sleep 0.02; done; seq 1 5000; exit 7"
    )
    path = await _leave_alone(bench)
    builds = path.parent / "a workspace.buildbench/builds"
    async with host(path) as process:
        await process.told("open")
        build_id = await process.queue(project.id)
        await until(lambda: list(builds.glob("*/supervisor.json")), "the supervisor")
        await process.kill()
    gate.touch()
    await until(lambda: list(builds.glob("*/result.json")), "the result")
    await _reopen(bench)
    build = await bench.end(build_id)
    assert (build.reason, build.exit_code) == (FailureReason.EXIT_CODE, 7)
    assert await bench.log(build_id) == "".join(f"{i}\n" for i in range(1, 5001)).encode()


@pytest.mark.expected_log("was lost; ")
async def test_supervisor_killed(bench: Bench, fault_count: int) -> None:
    """Fails without the sweep of the cookie: the sleeping child would be left."""
    for _turn in range(fault_count):
        build = await bench.queue("seq 1 3000; echo last; sleep 600 & exec sleep 600")
        await bench.printed_at(build.id, 3000, "last")
        folder = bench.workspace.folders.builds / build.uid
        pid = json.loads((folder / "supervisor.json").read_bytes())["pid"]
        assert len(carriers(build.uid)) >= 3
        os.kill(pid, signal.SIGKILL)
        ended = await bench.end(build.id)
        assert (ended.state, ended.reason) == (BuildState.FAILED, FailureReason.LOST)
        assert "supervisor" in ended.message
        assert ended.log_lines == 3001
        assert not carriers(build.uid)


@pytest.mark.expected_log("was lost; ")
async def test_supervisor_and_core_killed(bench: Bench) -> None:
    """Fails when a dead supervisor counts as alive (a build "running" for ever)."""
    project = await bench.project("echo first; exec sleep 600")
    path = await _leave_alone(bench)
    async with host(path) as process:
        await process.told("open")
        build_id = await process.queue(project.id)
        builds = path.parent / "a workspace.buildbench/builds"
        await until(lambda: list(builds.glob("*/spool.000000")), "output")
        await process.kill()
    (identity,) = builds.glob("*/supervisor.json")
    os.kill(json.loads(identity.read_bytes())["pid"], signal.SIGKILL)
    await _reopen(bench)
    build = await bench.end(build_id)
    assert build.reason is FailureReason.LOST
    assert await bench.texts(build_id) == ["first"]
    assert not carriers(build.uid)


async def test_leader_killed_and_another_takes_over(
    bench: Bench, tmp_path: Path, fault_count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when the fence is not asked: both processes would start the same build."""
    monkeypatch.setattr(leader, "RETRY_S", 0.1)
    ran = tmp_path / "ran"
    for turn in range(min(fault_count, 10)):
        project = await bench.project(f"echo {turn}.$BUILDBENCH_NUMBER >> {ran}; sleep 0.2")
        path = await _leave_alone(bench)
        async with host(path) as process:
            assert (await process.told("open"))[0] == "leading"
            await _reopen(bench)
            assert not (await bench.workspace.status()).leading
            queue = bench.workspace.builds.queue
            builds = [(await queue(bench.actor, project_id=project.id)).id for _i in range(4)]
            await process.told("finished")
            await process.kill()
        for build_id in builds:
            assert (await bench.end(build_id)).state is BuildState.SUCCESS
        assert (await bench.workspace.status()).leading
        mine = [line for line in ran.read_text().split() if line.startswith(f"{turn}.")]
        assert mine == [f"{turn}.{n}" for n in range(1, 5)]


def _late(go: Path) -> object:
    def command(folder: Path) -> list[str]:
        real = supervisor_command(folder)
        wait = f"until [ -e '{go}' ]; do sleep 0.02; done; exec \"$@\""
        return ["sh", "-c", wait, "sh", *real]

    return command


async def test_supervisor_that_is_late_is_followed(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when a build without ``supervisor.json`` is called lost at once."""
    go = tmp_path / "go"
    monkeypatch.setattr(supervision, "supervisor_command", _late(go))
    build = await bench.queue("echo late but there")
    await until((bench.workspace.folders.builds / build.uid / "spec.json").exists, "a start")
    await bench.core.workspaces.close(bench.workspace)
    await _reopen(bench)
    await until(lambda: bench.workspace.followers, "a follower")
    go.touch()
    assert (await bench.end(build.id)).state is BuildState.SUCCESS
    assert await bench.texts(build.id) == ["late but there"]


@pytest.mark.expected_log("was lost; ")
async def test_supervisor_that_is_too_late_runs_nothing(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when the folder of a lost build stays as it is: the command would still run."""
    go, ran = tmp_path / "go", tmp_path / "ran"
    monkeypatch.setattr(supervision, "supervisor_command", _late(go))
    monkeypatch.setattr(follower, "LATE_START_S", 0.5)
    build = await bench.queue(f"touch {ran}")
    await until((bench.workspace.folders.builds / build.uid / "spec.json").exists, "a start")
    await bench.core.workspaces.close(bench.workspace)
    await _reopen(bench)
    ended = await bench.end(build.id)
    assert ended.reason is FailureReason.LOST
    go.touch()
    await until(lambda: not carriers(build.uid), "the end of the late supervisor")
    assert not ran.exists()


async def test_folder_of_an_ended_build_is_removed(bench: Bench) -> None:
    """Fails without the removal at the start of leading: the folder would stay for ever."""
    build = await bench.run("true")
    path = await _leave_alone(bench)
    stale = bench.workspace.folders.builds / build.uid
    stale.mkdir()
    (stale / "spool.000000").write_bytes(b"old")
    foreign = bench.workspace.folders.builds / "not-ours"
    foreign.mkdir()
    await _reopen(bench)
    await until(lambda: not stale.exists(), "the removal")
    assert foreign.exists()
    assert path.exists()
    shutil.rmtree(foreign)


async def test_cancel_of_a_nasty_tree_leaves_nothing(bench: Bench, fault_count: int) -> None:
    """Fails without the sweep (a child in another session stays) or without KILL."""
    (bench.folder / "nasty.sh").write_text(
        "trap '' TERM INT HUP\n"
        "setsid sh -c \"trap '' TERM; while :; do sleep 600; done\" &\n"
        "( setsid sh -c 'sleep 600 & sleep 600' & )\n"
        f'{sys.executable} -c "import os,signal,time; signal.signal(15, signal.SIG_IGN); '
        "os.fork() and os._exit(0); os.setsid(); "
        'os.fork() and os._exit(0); time.sleep(600)" &\n'
        "echo up\n"
        "while :; do sleep 600; done\n"
    )
    for _turn in range(fault_count):
        build = await bench.queue("sh nasty.sh", grace_s=1)
        await bench.printed(build.id, "up")
        await until(lambda uid=build.uid: len(carriers(uid)) >= 7, "the whole tree")  # type: ignore[misc]
        await bench.workspace.builds.cancel(bench.actor, build_id=build.id)
        assert (await bench.end(build.id)).state is BuildState.CANCELLED
        assert not carriers(build.uid)
