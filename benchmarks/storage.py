"""The analysis of the storage of a 300 MB file through the application, and one bare query.

Both start a process of their own, which counts, and both of these are as nice.
"""

import asyncio
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

_BARE = Path(__file__).parent / "references" / "bare_storage.py"


def run() -> list[Figure]:
    """Measure in turns, on the same file."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    with scratch_home() as folder:
        path = folder / "large.db"
        make_file(path)
        taken, reference = [], []
        async with open_core(load_settings()) as core:
            workspace = await core.workspaces.open(path)
            for _ in range(RUNS):
                reference.append(_alone(path))
                taken.append(await _through_the_application(workspace))
        return [
            ratio_at_most(
                "storage analysis of 300 MB",
                median(taken),
                "s",
                reference=median(reference),
                most=1.1,
            )
        ]


def _alone(file: Path) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, str(_BARE), str(file)], check=True)
    return time.perf_counter() - started


async def _through_the_application(workspace: Workspace) -> float:
    actor = Actor.of_this_computer(Origin.SCRIPT)
    started = time.perf_counter()
    report = await workspace.performance.storage.analyse(actor, progress=Progress(lambda: None))
    taken = time.perf_counter() - started
    if not report.exact:
        raise RuntimeError(report.problems)
    return taken
