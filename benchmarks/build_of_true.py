"""A build of ``true``: what a build costs that does nothing."""

import asyncio
import subprocess
import time
from statistics import median

from benchmarks.figures import Figure, at_most, middle
from benchmarks.workload import builder, scratch_home

BUILDS = 11


def run() -> list[Figure]:
    """Measure trigger to success in the database."""
    value = asyncio.run(_measure())
    reference = middle(_shell)
    figure = at_most("build of true, trigger to success", value, "s", 0.15)
    return [
        Figure(figure.name, value, "s", reference, value / reference, figure.aim, figure.ok)
    ]


async def _measure() -> float:
    with scratch_home() as folder:
        async with builder(folder) as bench:
            project = await bench.project("true", "true")
            return median([(await bench.build(project))[0] for _ in range(BUILDS)])


def _shell() -> float:
    started = time.perf_counter()
    subprocess.run(["/bin/sh", "-c", "true"], check=True)
    return time.perf_counter() - started
