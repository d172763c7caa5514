"""A build that prints 1,000,000 lines of 100 bytes, from the trigger to its stored end."""

import asyncio
import shlex
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.figures import RUNS, Figure, ratio_at_most
from benchmarks.references import spool_and_chunks
from benchmarks.workload import LINE_BYTES, LINES, builder, scratch_home, write_lines


def run() -> list[Figure]:
    """Measure time and stored bytes; the runs of both sides take turns."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    with scratch_home() as folder:
        output = folder / "output"
        write_lines(output)
        command = f"cat {shlex.quote(str(output))}"
        ours, bare, to_file, stored = [], [], [], []
        async with builder(folder) as bench:
            project = await bench.project("million lines", command)
            for turn in range(RUNS):
                before = await bench.database_bytes()
                elapsed, row = await bench.build(project)
                if (row.log_lines, row.log_bytes) != (LINES, LINES * LINE_BYTES):
                    raise RuntimeError(f"Lines are missing: {row}")
                ours.append(elapsed)
                stored.append(await bench.database_bytes() - before)
                bare.append(await asyncio.to_thread(_bare, folder / str(turn), command))
                to_file.append(await asyncio.to_thread(_to_file, folder / "file", command))
    name = "build of 1 M lines"
    seconds = median(ours)
    return [
        ratio_at_most(
            f"{name}, against spool and chunks alone", seconds, "s",
            reference=median(bare), most=1.3,
        ),
        Figure(
            f"{name}, against cmd > file", seconds, "s", median(to_file),
            seconds / median(to_file), "for information", True,
        ),
        ratio_at_most(
            f"{name}, growth of the database against raw", median(stored) / 1e6, "MB",
            reference=LINES * LINE_BYTES / 1e6, most=0.15,
        ),
    ]  # fmt: skip


def _bare(folder: Path, command: str) -> float:
    folder.mkdir()
    script = [sys.executable, spool_and_chunks.__file__, str(folder), command]
    started = time.perf_counter()
    subprocess.run(script, check=True)
    elapsed = time.perf_counter() - started
    return elapsed - _bare_start()


def _bare_start() -> float:
    """Return what starting Python and importing the same libraries costs the reference."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", "import pysqlite3, zstandard, subprocess"], check=True
    )
    return time.perf_counter() - started


def _to_file(file: Path, command: str) -> float:
    started = time.perf_counter()
    subprocess.run(f"{command} > {shlex.quote(str(file))}", shell=True, check=True)
    return time.perf_counter() - started
