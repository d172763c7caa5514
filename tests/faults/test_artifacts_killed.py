"""The core killed while it gathers artifacts: each is there once, whole, and nothing else."""

import asyncio
import hashlib
from pathlib import Path

from core.builds.schemas import BuildState
from tests.core.running import Bench
from tests.faults.hosts import host
from tests.waiting import until

_FILES = 240


def _copies(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _hashes(folder: Path) -> list[str]:
    return sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in _copies(folder))


def _make(folder: Path) -> None:
    folder.mkdir()
    for number in range(_FILES):
        (folder / f"{number}.o").write_bytes(str(number).encode() * 3_000)


async def test_core_killed_while_artifacts_are_gathered(bench: Bench, fault_count: int) -> None:
    """Fails when what was copied before the kill stays (mutant: ``_clear`` does nothing)."""
    await asyncio.to_thread(_make, bench.folder / "out")
    project = await bench.project("true", artifact_patterns=("out/**",))
    folders = bench.workspace.folders
    killed_amid = 0
    for turn in range(max(3, fault_count)):  # one of them is to come in time
        path = bench.workspace.info.path
        await bench.core.workspaces.close(bench.workspace)
        before = len(await asyncio.to_thread(_copies, folders.artifacts))
        async with host(path) as process:
            await process.told("open")
            build_id = await process.queue(project.id)
            amid = before + 1 + turn * 47 % (_FILES - 100)
            await until(lambda n=amid: len(_copies(folders.artifacts)) >= n, "some copies")  # type: ignore[misc]
            await process.kill()
        bench.workspace = await bench.core.workspaces.open(path)
        killed_amid += not (await bench.get(build_id)).state.finished
        build = await bench.end(build_id)
        assert (build.state, build.artifact_count) == (BuildState.SUCCESS, _FILES)
        rows = await bench.workspace.artifacts.list_of(bench.actor, build_id=build_id)
        stored = await asyncio.to_thread(_hashes, folders.artifacts_of(build.uid))
        assert sorted(row.sha256 for row in rows) == stored
        texts = await bench.texts(build_id)
        assert sum("artifacts were kept" in text for text in texts) == 1
    assert killed_amid
