"""Artifacts where there is no room: the build ends as it did, and nothing partial is left."""

import asyncio
import os
from pathlib import Path

import pytest

from core.app import Core
from core.builds.schemas import BuildState
from core.security.actors import Actor
from tests.core.running import Bench
from tests.faults.disks import MIB


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("code", [0, 3])
async def test_a_disk_without_room_for_the_artifacts(
    small_disk: Path, core: Core, actor: Actor, tmp_path: Path, code: int
) -> None:
    """Fails when the first files stay, or when the build ends as something else."""
    source = tmp_path / "source"
    source.mkdir()
    workspace = await core.workspaces.create(small_disk / "w.db", open_here=True)
    bench = Bench(core, workspace, actor, source)
    for number in range(5):
        await asyncio.to_thread((source / f"{number}.bin").write_bytes, os.urandom(16 * MIB))
    build = await bench.run(f"exit {code}", artifact_patterns=("*.bin",))
    expected = BuildState.FAILED if code else BuildState.SUCCESS
    assert (build.state, build.exit_code, build.artifact_count) == (expected, code, 0)
    assert not await asyncio.to_thread(_files, workspace.folders.artifacts)
    last = (await bench.texts(build.id))[-1]
    assert last == "The disk has no room for the artifacts; none of them was kept."
    await asyncio.to_thread((source / "0.bin").rename, source / "kept.one")
    again = await bench.run("true", artifact_patterns=("kept.*",))
    assert (again.artifact_count, again.artifact_bytes) == (1, 16 * MIB)
