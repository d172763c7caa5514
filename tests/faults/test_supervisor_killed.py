"""A supervisor killed with SIGKILL while its build prints all it can, and while it tidies."""

import asyncio
import json
import os
import random
import signal
import struct
from pathlib import Path

import pytest

from core.builds.running import results
from core.builds.schemas import BuildRow, BuildState, FailureReason
from tests.core.running import Bench
from tests.faults.test_killed import carriers
from tests.waiting import until

_PRINT = """
import sys
number = 0
while True:
    sys.stdout.write("".join(f"{i:09d} {'y' * 60}\\n" for i in range(number, number + 500)))
    number += 500
"""


def _expected(size: int) -> bytes:
    lines = size // 71 + 1
    return "".join(f"{i:09d} {'y' * 60}\n" for i in range(lines)).encode()


def _pid_of_supervisor(folder: Path) -> int:
    return int(json.loads((folder / "supervisor.json").read_bytes())["pid"])


async def _queue_printing(bench: Bench) -> tuple[BuildRow, Path]:
    (bench.folder / "print.py").write_text(_PRINT)
    build = await bench.queue("sleep 600 & python3 print.py")
    folder = bench.workspace.folders.builds / build.uid
    await until((folder / "spool.000000").exists, "output")
    return build, folder


@pytest.mark.expected_log("was lost; ")
async def test_killed_during_heavy_output(bench: Bench, fault_count: int) -> None:
    """What could be seen is stored, in order and once; nothing of the build is left.

    Fails without the sweep: the sleeping child would be left.
    """
    for turn in range(fault_count):
        build, folder = await _queue_printing(bench)
        follower = bench.workspace.followers[build.id]
        await until(lambda one=follower: one.lines, "the first lines")  # type: ignore[misc]
        await asyncio.sleep(random.Random(turn).uniform(0.0, 0.2))  # the moment, by chance
        seen = follower.lines
        os.kill(_pid_of_supervisor(folder), signal.SIGKILL)
        ended = await bench.end(build.id)
        assert (ended.state, ended.reason) == (BuildState.FAILED, FailureReason.LOST)
        raw = await bench.log(build.id)
        assert raw == _expected(len(raw))[: len(raw)]
        assert ended.log_lines >= seen > 0
        assert ended.log_bytes == len(raw)
        assert not carriers(build.uid)


@pytest.mark.expected_log("was lost; ")
async def test_all_that_was_spooled_is_stored(
    bench: Bench, fault_count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody took it in until the supervisor was dead.

    Fails when a build without a result is called lost before its spool is read.
    """
    for turn in range(fault_count):
        build, folder = await _queue_printing(bench)
        await bench.core.workspaces.close(bench.workspace)
        await asyncio.sleep(random.Random(turn).uniform(0.0, 0.2))  # the moment, by chance
        os.kill(_pid_of_supervisor(folder), signal.SIGKILL)
        await until(lambda at=folder: not _is_alive(at), "its death")  # type: ignore[misc]
        spooled = _spooled(folder)
        bench.workspace = await bench.core.workspaces.open(bench.workspace.info.path)
        ended = await bench.end(build.id)
        assert ended.reason is FailureReason.LOST
        raw = await bench.log(build.id)
        assert raw == _expected(len(raw))[: len(raw)]
        assert raw.endswith(spooled)
        assert not carriers(build.uid)


@pytest.mark.expected_log("was lost; ")
async def test_killed_while_a_step_after_the_command_runs(bench: Bench) -> None:
    build = await bench.queue("true", after_steps=["echo tidying; exec sleep 600"])
    await bench.printed(build.id, "tidying")
    folder = bench.workspace.folders.builds / build.uid
    os.kill(_pid_of_supervisor(folder), signal.SIGKILL)
    ended = await bench.end(build.id)
    assert ended.reason is FailureReason.LOST
    assert not carriers(build.uid)


@pytest.mark.expected_log("was lost; ")
async def test_lost_build_is_not_tried_again(bench: Bench) -> None:
    """Fails when a policy of retries counts what was lost: it may be half done."""
    build = await bench.queue("echo up; exec sleep 600", retry_limit=3)
    await bench.printed(build.id, "up")
    os.kill(_pid_of_supervisor(bench.workspace.folders.builds / build.uid), signal.SIGKILL)
    await bench.end(build.id)
    page = await bench.workspace.builds.list_page(bench.actor, project_id=build.project_id)
    assert len(page.rows) == 1


def _spooled(folder: Path) -> bytes:
    """Return all output that lies in the spool, also of a frame that was not finished."""
    parts = []
    for segment in sorted(folder.glob("spool.*")):
        data, at = segment.read_bytes(), 0
        while at + 16 <= len(data):
            _time_ms, length, source = struct.unpack_from("<QIB3x", data, at)
            assert source == 0
            parts.append(data[at + 16 : at + 16 + length])
            at += 16 + length
    assert parts
    return b"".join(parts)


def _is_alive(folder: Path) -> bool:
    try:
        stat = Path(f"/proc/{_pid_of_supervisor(folder)}/stat").read_text()
    except OSError:
        return False
    assert not (folder / results.RESULT).exists()
    return stat.rpartition(")")[2].split()[0] not in "ZX"
