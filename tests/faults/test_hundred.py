"""Many builds queued at once: each runs once, none loses a line, and nothing is left."""

import asyncio
from pathlib import Path

import psutil

from core.builds.schemas import BuildRow, BuildState
from tests.core.running import Bench
from tests.waiting import until

_PROJECTS = 5
_LINES = 3_000
# Each prints, leaves a process behind that would live on, and succeeds or fails by its number.
_COMMAND = (
    "echo $BUILDBENCH_NUMBER >> ran; sleep 300 & setsid sleep 300 &"
    f" seq 1 {_LINES}; exit $((BUILDBENCH_NUMBER % 3))"
)


async def test_many_builds_run_and_leave_nothing(
    bench: Bench, fault_count: int, tmp_path: Path
) -> None:
    """Seen failing where the processes that a build leaves are not ended."""
    count = max(10, fault_count)
    await bench.rules(parallel=4)
    folders = [tmp_path / f"tree {number}" for number in range(_PROJECTS)]
    for folder in folders:
        folder.mkdir()
    projects = [await bench.project(_COMMAND, path=str(f), parallel=2) for f in folders]
    queue = bench.workspace.builds.queue
    queued = await asyncio.gather(
        *(queue(bench.actor, project_id=projects[i % _PROJECTS].id) for i in range(count))
    )
    await until(lambda: _is_over(bench), "the last end", 10 + 2 * count)
    expected = "".join(f"{i}\n" for i in range(1, _LINES + 1)).encode()
    for build in [await bench.get(one.id) for one in queued]:
        assert _exit_code(build) == build.number % 3, build
        # After the output the supervisor tells which processes it had to end.
        assert (await bench.log(build.id)).startswith(expected)
    for folder, project in zip(folders, projects, strict=True):
        numbers = sorted(one.number for one in queued if one.project_id == project.id)
        ran = sorted(map(int, (folder / "ran").read_text().split()))
        assert ran == numbers == list(range(1, len(numbers) + 1))
    assert list(bench.workspace.folders.builds.iterdir()) == []
    assert dict(bench.workspace.followers) == {}
    assert _working_in(tmp_path) == []


async def _is_over(bench: Bench) -> bool:
    overview = await bench.workspace.queue.overview(bench.actor)
    folders = list(bench.workspace.folders.builds.iterdir())
    return not (overview.waiting or overview.running or folders)


def _exit_code(build: BuildRow) -> int | None:
    assert build.state is (BuildState.FAILED if build.exit_code else BuildState.SUCCESS)
    return build.exit_code


def _working_in(folder: Path) -> list[list[str]]:
    """Return the command lines of the processes that work below a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(folder):
                found.append(process.cmdline())
        except (psutil.Error, OSError):
            continue
    return found
