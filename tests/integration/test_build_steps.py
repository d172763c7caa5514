"""Steps, curves and automatic retries, from the queue to what is stored of them."""

import asyncio
import os
import struct

import pytest

from core.builds.schemas import BuildRow, BuildState, FailureReason, LogSource, SamplesGrown
from core.builds.schemas import TriggerKind as Kind
from core.errors import AppError
from core.events import Event
from core.security.actors import Actor, Origin, Role
from tests.core.running import Bench
from tests.waiting import until


async def builds_of(bench: Bench, project_id: int) -> list[BuildRow]:
    """Return the builds of a project, the oldest first."""
    page = await bench.workspace.builds.list_page(bench.actor, project_id=project_id)
    return list(reversed(page.rows))


async def ended_builds(bench: Bench, first: BuildRow, count: int) -> list[BuildRow]:
    """Return the builds of a project once this many have ended and none waits."""

    async def all_ended() -> bool:
        rows = await builds_of(bench, first.project_id)
        return len(rows) >= count and all(row.state.finished for row in rows)

    await until(all_ended, f"{count} ended builds")
    rows = await builds_of(bench, first.project_id)
    return [await bench.end(row.id) for row in rows]


async def test_steps_are_told_in_the_log(bench: Bench) -> None:
    build = await bench.run(
        "echo made", before_steps=["echo ready"], after_steps=["echo $BUILDBENCH_RESULT"]
    )
    assert build.state is BuildState.SUCCESS
    lines = [(line.source, line.message) for line in await bench.lines(build.id)]
    assert lines == [
        (LogSource.SYSTEM, "Step 1 of 1 before the command: echo ready"),
        (LogSource.OUTPUT, "ready"),
        (LogSource.SYSTEM, "The command: echo made"),
        (LogSource.OUTPUT, "made"),
        (LogSource.SYSTEM, "Step 1 of 1 after the command: echo $BUILDBENCH_RESULT"),
        (LogSource.OUTPUT, "success"),
    ]


@pytest.mark.parametrize(
    ("fields", "reason", "code", "words"),
    [
        (
            {"before_steps": ["true", "exit 5"]},
            FailureReason.BEFORE_STEP,
            5,
            "The step “exit 5” before the command failed. It ended with exit code 5.",
        ),
        (
            {"after_steps": ["exit 6"]},
            FailureReason.AFTER_STEP,
            6,
            "The step “exit 6” after the command failed. It ended with exit code 6.",
        ),
        (
            {"before_steps": ["exec sleep 60"], "timeout_s": 1},
            FailureReason.TIMEOUT,
            None,
            "The step “exec sleep 60” before the command failed. It took longer than allowed.",
        ),
    ],
)
async def test_the_step_that_failed_is_named(
    bench: Bench, fields: dict[str, object], reason: FailureReason, code: int | None, words: str
) -> None:
    queued = await bench.queue("true", **fields)
    build = await bench.end(queued.id)
    assert (build.state, build.reason, build.exit_code) == (BuildState.FAILED, reason, code)
    assert build.message == words


async def test_a_second_cancel_ends_the_steps_after(bench: Bench) -> None:
    """Fails when the leader's own repeated request counts as the second."""
    build = await bench.queue(
        "echo up; exec sleep 600", after_steps=["echo tidying; exec sleep 600"]
    )
    await bench.printed(build.id, "up")
    await bench.workspace.builds.cancel(bench.actor, build_id=build.id)
    await bench.printed(build.id, "tidying")
    folder = bench.workspace.folders.builds / build.uid
    assert not (folder / "cancel.again").exists()
    await bench.workspace.builds.cancel(bench.actor, build_id=build.id)
    assert (await bench.end(build.id)).state is BuildState.CANCELLED


async def test_processes_are_left_where_the_project_says_so(bench: Bench) -> None:
    command = "sleep 600 >/dev/null 2>&1 & echo $!"
    build = await bench.run(command, leave_processes=True)
    pid = int((await bench.texts(build.id))[0])
    os.kill(pid, 9)
    build = await bench.run(command)
    with pytest.raises(ProcessLookupError):
        os.kill(int((await bench.texts(build.id))[0]), 9)


async def test_nice_level_of_the_project(bench: Bench) -> None:
    build = await bench.run("nice", nice=6)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert await bench.texts(build.id) == [str(min(own + 6, 19))]


async def test_curve_grows_and_stays(bench: Bench) -> None:
    """It goes on where it was when the workspace is opened again."""
    told: list[Event] = []
    bench.core.events.subscribe(told.append)
    go = bench.folder / "go"
    spin = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"
    build = await bench.queue(f"{spin}; until [ -e {go} ]; do sleep 0.05; done; sleep 0.6")

    async def curve() -> list[int]:
        rows = await bench.workspace.builds.samples(bench.actor, build_id=build.id)
        return [row.offset_ms for row in rows]

    async def two() -> bool:
        return len(await curve()) >= 2

    await until(two, "two samples while it runs")
    assert (await bench.get(build.id)).cpu_ms
    before = await curve()
    await bench.core.workspaces.close(bench.workspace)
    bench.workspace = await bench.core.workspaces.open(bench.workspace.info.path)
    go.touch()
    ended = await bench.end(build.id)
    after = await curve()
    assert after[: len(before)] == before
    assert after == sorted(set(after))
    assert ended.duration_ms is not None
    assert after[-1] <= ended.duration_ms
    assert ended.cpu_ms is not None
    assert 100 < ended.cpu_ms <= ended.duration_ms
    assert ended.cpu_peak is not None
    assert 10 < ended.cpu_peak < 150
    assert ended.memory_peak is not None
    assert 100_000 < ended.memory_peak < 64 * 1024 * 1024
    assert SamplesGrown(build.id) in told


async def test_short_build_has_its_peaks(bench: Bench) -> None:
    build = await bench.run("true")
    assert build.cpu_ms is not None
    assert build.memory_peak
    rows = await bench.workspace.builds.samples(bench.actor, build_id=build.id)
    assert [row.processes for row in rows] == [1]


async def test_build_that_writes_samples_itself_ends_as_any_other(bench: Bench) -> None:
    """Fails when what a build writes there reaches the database as it is."""
    record = struct.pack("<QQQII", 5, 2**63, 2**64 - 1, 2**32 - 1, 0)
    (bench.folder / "records").write_bytes(record * 50_000 + b"x")
    folder = bench.workspace.folders.builds
    into = f"for d in '{folder}'/*; do cat records > \"$d/samples\"; done"
    build = await bench.run(f"{into}; sleep 1.2")
    assert build.state is BuildState.SUCCESS
    rows = await bench.workspace.builds.samples(bench.actor, build_id=build.id)
    assert rows == ()
    assert build.memory_peak is not None
    assert build.memory_peak < 2**40


async def test_failed_build_is_tried_again_as_often_as_wanted(bench: Bench) -> None:
    first = await bench.queue("exit 3", retry_limit=2)
    builds = await ended_builds(bench, first, 3)
    assert [build.attempt for build in builds] == [1, 2, 3]
    assert [build.retry_of for build in builds] == [None, builds[0].id, builds[1].id]
    assert [build.trigger for build in builds[1:]] == [Kind.AUTOMATIC_RETRY] * 2
    assert {build.requested_by for build in builds} == {bench.actor.user}
    assert {build.command for build in builds} == {"exit 3"}
    await asyncio.sleep(0)
    assert len(await builds_of(bench, first.project_id)) == 3


async def test_tries_end_with_the_first_success(bench: Bench) -> None:
    first = await bench.queue("test $BUILDBENCH_NUMBER = 2", retry_limit=5)
    builds = await ended_builds(bench, first, 2)
    assert [build.state for build in builds] == [BuildState.FAILED, BuildState.SUCCESS]


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("exit 3", {"retry_limit": 3, "retry_exit_codes": [4, 5]}),
        ("exit 3", {"retry_limit": 0}),
        ("kill -SEGV $$", {"retry_limit": 3, "retry_exit_codes": [11]}),
    ],
)
async def test_what_is_not_tried_again(
    bench: Bench, command: str, fields: dict[str, object]
) -> None:
    queued = await bench.queue(command, **fields)
    build = await bench.end(queued.id)
    assert build.state is BuildState.FAILED
    assert len(await builds_of(bench, build.project_id)) == 1


async def test_exit_code_of_the_policy_is_tried_again(bench: Bench) -> None:
    first = await bench.queue("exit 4", retry_limit=1, retry_exit_codes=[4, 5])
    builds = await ended_builds(bench, first, 2)
    assert [build.exit_code for build in builds] == [4, 4]


async def test_cancelled_build_is_not_tried_again(bench: Bench) -> None:
    build = await bench.queue("echo up; exec sleep 600", retry_limit=3)
    await bench.printed(build.id, "up")
    await bench.workspace.builds.cancel(bench.actor, build_id=build.id)
    assert (await bench.end(build.id)).state is BuildState.CANCELLED
    assert len(await builds_of(bench, build.project_id)) == 1


async def test_viewer_sees_curves(bench: Bench) -> None:
    build = await bench.run("true")
    viewer = Actor("guest", Role.VIEWER, Origin.SCRIPT)
    assert await bench.workspace.builds.samples(viewer, build_id=build.id)
    with pytest.raises(AppError):
        await bench.workspace.builds.cancel(viewer, build_id=build.id)
