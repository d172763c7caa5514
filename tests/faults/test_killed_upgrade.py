"""kill -9 while a workspace is backed up and upgraded: it is old or new, never between."""

import asyncio
import os
import random
import sys
from pathlib import Path

from core.app import Core
from core.migrations.service import known_revisions
from core.paths import WorkspaceFolders
from core.security.actors import Actor, Origin
from core.workspaces.memory import ChosenWorkspaces
from tests.core.workspaces.test_upgrade import UID, left_over, make_old, revision_of
from tests.faults.hosts import ROOT

_SCRIPT = """
import asyncio, sys
from pathlib import Path
from core.app import open_core
from core.settings import load_settings

async def main():
    async with open_core(load_settings()) as core:
        sys.stdin.readline()
        print("go", flush=True)
        await core.workspaces.upgrade(Path(sys.argv[1]))
        print("done", flush=True)

asyncio.run(main())
"""


async def _upgrade_and_kill(path: Path, after_s: float) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SCRIPT, str(path),
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"\n")
    assert await process.stdout.readline() == b"go\n"
    await asyncio.wait([asyncio.create_task(process.stdout.read())], timeout=after_s)
    if process.returncode is None:
        process.kill()
    await process.wait()
    process._transport.close()  # type: ignore[attr-defined]


async def test_an_upgrade_that_is_killed_can_be_done_again(
    core: Core, tmp_path: Path, fault_count: int
) -> None:
    """Seen failing with a commit in the middle of the revision."""
    path = tmp_path / "old.db"
    make_old(path, projects=200)
    old = path.read_bytes()  # before any connection of this process
    ChosenWorkspaces(core.settings.folders.open_file).add(path, UID)
    chance = random.Random(5)
    for _turn in range(fault_count):
        await _upgrade_and_kill(path, chance.uniform(0.0, 0.25))
        assert revision_of(path) in ("0001", known_revisions()[-1])
        if revision_of(path) == "0001":
            await core.workspaces.upgrade(path)
        workspace = await core.workspaces.open(path)
        rows = await workspace.projects.list_all(_actor())
        assert len(rows) == 200
        await core.workspaces.close(workspace)
        assert not [name for name in left_over(path) if "partial" in name]
        _start_again(path, old)


def _actor() -> Actor:
    return Actor.of_this_computer(Origin.SCRIPT)


def _start_again(path: Path, old: bytes) -> None:
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(old)
    assert WorkspaceFolders(path).backups.is_dir()
