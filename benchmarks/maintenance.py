"""VACUUM and integrity check of a 300 MB file through the application, and alone.

What is alone is a whole script, from its start to its end, as the application too has to start
a process for it. Both are as nice as that process: else it would be measured what else runs.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from statistics import median

from benchmarks.figures import RUNS, Figure, ratio_at_most
from benchmarks.workload import scratch_home
from core.app import open_core
from core.database.engine import connect_bare
from core.performance.maintenance.schemas import RunState, Task
from core.progress import Progress
from core.security.actors import Actor, Origin
from core.settings import load_settings
from core.workspaces.workspace import Workspace

BYTES = 300_000_000
ROW_BYTES = 1_000

_BARE = Path(__file__).parent / "references" / "bare_maintenance.py"


def run() -> list[Figure]:
    """Measure in turns, each on a file of its own with the same content."""
    return asyncio.run(_measure())


def make_file(path: Path) -> None:
    """Make a database of 300 MB with two indexes, in which every tenth row was deleted."""
    path.touch()
    with closing(connect_bare(path, "rw")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(
            "CREATE TABLE samples (id INTEGER PRIMARY KEY, name TEXT, at INTEGER, data BLOB)"
        )
        connection.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " INSERT INTO samples SELECT i, 'sample ' || (i * 7919 % 1000003), i * 31 % 86400,"
            " randomblob(?) FROM n",
            (BYTES // ROW_BYTES, ROW_BYTES - 60),
        )
        connection.execute("CREATE INDEX samples_by_name ON samples (name)")
        connection.execute("CREATE INDEX samples_by_time ON samples (at, id)")
        connection.execute("DELETE FROM samples WHERE id % 10 = 0")


async def _measure() -> list[Figure]:
    with scratch_home() as folder:
        made, ours, alone = (folder / f"{name}.db" for name in ("made", "ours", "alone"))
        make_file(made)
        # VACUUM of a copy is 5 % faster than of the file that SQLite has grown.
        for file in (ours, alone):
            shutil.copyfile(made, file)
        figures = []
        async with open_core(load_settings()) as core:
            workspace = await core.workspaces.open(ours)
            for task, what, name in (
                (Task.VACUUM, "vacuum", "VACUUM of 300 MB"),
                (Task.INTEGRITY_CHECK, "check", "integrity check of 300 MB"),
            ):
                taken, reference = [], []
                for _ in range(RUNS):
                    os.sync()
                    reference.append(_alone(what, alone))
                    os.sync()
                    taken.append(await _through_the_application(workspace, task))
                figures.append(
                    ratio_at_most(
                        name, median(taken), "s", reference=median(reference), most=1.1
                    )
                )
        return figures


def _alone(what: str, file: Path) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, str(_BARE), what, str(file)], check=True)
    return time.perf_counter() - started


async def _through_the_application(workspace: Workspace, task: Task) -> float:
    actor = Actor.of_this_computer(Origin.SCRIPT)
    progress = Progress(lambda: None)
    started = time.perf_counter()
    row = await workspace.performance.maintenance.run(actor, task=task, progress=progress)
    taken = time.perf_counter() - started
    if row.state is not RunState.SUCCEEDED or row.findings:
        raise RuntimeError(row.message)
    return taken
