"""Opening a finished log of 1,000,000 lines, and jumping about in it, at the service."""

import asyncio
import random
import shlex
import time
from statistics import median

from benchmarks.figures import RUNS, Figure, at_most
from benchmarks.workload import LINES, builder, scratch_home, write_lines

PAGE = 200
JUMPS = 200


def run() -> list[Figure]:
    """Measure the first lines and jumps, each on lines that were not read before."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    with scratch_home() as folder:
        write_lines(folder / "output")
        first, jumps = [], []
        async with builder(folder) as bench:
            project = await bench.project("log", f"cat {shlex.quote(str(folder / 'output'))}")
            chance = random.Random(3)
            for _ in range(RUNS):
                _elapsed, row = await bench.build(project)
                logs = bench.workspace.logs
                started = time.perf_counter()
                await logs.summary(bench.actor, build_id=row.id)
                await logs.lines(bench.actor, build_id=row.id, first=0, count=PAGE)
                first.append(time.perf_counter() - started)
                for _jump in range(JUMPS // RUNS):
                    line = chance.randrange(LINES - PAGE)
                    started = time.perf_counter()
                    page = await logs.lines(
                        bench.actor, build_id=row.id, first=line, count=PAGE
                    )
                    jumps.append(time.perf_counter() - started)
                    if len(page) != PAGE or page[0].sequence_number != line:
                        raise RuntimeError("A jump gave other lines than were asked for.")
    return [
        at_most("open a log of 1 M lines, first lines", median(first) * 1000, "ms", 100),
        at_most("jump in a log of 1 M lines", median(jumps) * 1000, "ms", 30),
    ]
