"""A backup of a 300 MB file through the application, and its steps alone.

Both start a process of their own, which counts, and both of these are as nice.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.figures import RUNS, Figure, ratio_at_most
from benchmarks.maintenance import make_file
from benchmarks.workload import scratch_home
from core.app import open_core
from core.progress import Progress
from core.security.actors import Actor, Origin
from core.settings import load_settings
from core.workspaces.workspace import Workspace

_BARE = Path(__file__).parent / "references" / "bare_backup.py"


def run() -> list[Figure]:
    """Measure in turns, of one file that nobody changes."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    with scratch_home() as folder:
        file, targets = folder / "file.db", folder / "targets"
        make_file(file)
        taken: list[float] = []
        reference: list[float] = []
        async with open_core(load_settings()) as core:
            workspace = await core.workspaces.open(file)
            for _ in range(RUNS):
                for times, measure in ((reference, _alone), (taken, _through)):
                    targets.mkdir()
                    os.sync()
                    times.append(await measure(workspace, targets / "copy.db"))
                    shutil.rmtree(targets)
        return [
            ratio_at_most(
                "backup of 300 MB", median(taken), "s", reference=median(reference), most=1.1
            )
        ]


async def _alone(workspace: Workspace, target: Path) -> float:
    command = [sys.executable, str(_BARE), str(workspace.info.path), str(target)]
    started = time.perf_counter()
    await asyncio.to_thread(subprocess.run, command, check=True)
    return time.perf_counter() - started


async def _through(workspace: Workspace, target: Path) -> float:
    actor = Actor.of_this_computer(Origin.SCRIPT)
    started = time.perf_counter()
    backup = await workspace.performance.backups.make(
        actor, target=target, progress=Progress(lambda: None)
    )
    taken = time.perf_counter() - started
    if backup.problem:
        raise RuntimeError(backup.problem)
    return taken
