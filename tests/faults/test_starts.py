"""Starts that go wrong half way: who comes late runs nothing, and nobody waits for the dead."""

import asyncio
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core.builds.running import follower, supervision
from core.builds.schemas import BuildState, FailureReason
from core.builds.tables import Build
from tests.core.running import Bench
from tests.waiting import until


@pytest.mark.expected_log("was lost; ")
async def test_supervisor_that_dies_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed by turning the loop of the core without a pause until the start was too late."""
    # It takes its secrets first: before that, its end is a start that failed.
    command = ["/bin/sh", "-c", "cat > /dev/null; exit 1"]
    monkeypatch.setattr(supervision, "supervisor_command", lambda _folder: command)
    monkeypatch.setattr(follower, "LATE_START_S", 1e9)
    async with asyncio.timeout(20):
        build = await bench.run("true")
    assert build.reason is FailureReason.LOST


async def test_wait_for_what_has_ended_is_a_pause(tmp_path: Path) -> None:
    """Failed by coming back without letting anybody else run."""
    watch = supervision.SupervisorWatch(tmp_path, None)
    watch._ended.set()
    others: list[int] = []
    asyncio.get_running_loop().call_later(0.01, others.append, 1)
    await watch.wait(0.05)
    assert others == [1]


@pytest.mark.expected_log(r"was lost; |could not be started")
async def test_leader_that_was_held_up_starts_nothing(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed by running the command, unattended, after the build had been called lost."""
    entered, go = asyncio.Event(), threading.Event()
    loop, real, started = asyncio.get_running_loop(), supervision.start, asyncio.Event()
    outcome: list[object] = []

    def held_up(
        folder: Path, build: Build, secrets: Mapping[str, str], **more: Any
    ) -> "subprocess.Popen[bytes]":
        loop.call_soon_threadsafe(entered.set)
        assert go.wait(30)
        try:
            process = real(folder, build, secrets, **more)
        except OSError as error:
            outcome.append(error)
            raise
        else:
            outcome.append(process)
            return process
        finally:
            loop.call_soon_threadsafe(started.set)

    monkeypatch.setattr(supervision, "start", held_up)
    monkeypatch.setattr(follower, "LATE_START_S", 0.5)
    build = await bench.queue(f"touch {tmp_path}/ran")
    await entered.wait()
    other = await bench.core.workspaces.open(bench.workspace.info.path)
    async with other.database.unit_of_work() as unit:
        await unit.session.execute(text("UPDATE leases SET expires_ms = 0"))
        await unit.commit()
    ended = await bench.end(build.id)
    assert ended.reason is FailureReason.LOST
    go.set()
    await started.wait()
    assert isinstance(outcome[0], FileNotFoundError)
    assert not bench.workspace.folders.build(build.uid).exists()
    assert not (tmp_path / "ran").exists()

    async def runs_again() -> bool:
        return (await other.status()).leading

    await until(runs_again, "the other leads")
    assert (await bench.get(build.id)).state is BuildState.FAILED
