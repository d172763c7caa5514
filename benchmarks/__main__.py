"""Runs the benchmarks and prints their figures beside what they are held against."""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.figures import Figure, measured, save, show

# In the order in which they run; each module has ``run() -> list[Figure]``.
BENCHMARKS = (
    "startup",
    "build_of_true",
    "build_of_a_million_lines",
    "log_stored",
    "log_reading",
    "concurrent_reads",
    "following_gap",
    "four_builds_gap",
    "users_writing",
    "users_reading",
    "users_scrolling",
    "monitor_overhead",
    "maintenance",
    "storage",
    "backup",
    "heavy_jobs_gap",
    "memory",
)


def main() -> int:
    """Run all benchmarks, or one; the exit code tells whether every aim was met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--only", choices=BENCHMARKS, help="run this one alone")
    only = parser.parse_args().only
    # Bytecode is kept, as it is for people: else each child would compile its modules anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    figures: list[Figure] = []
    for name in BENCHMARKS:
        if only in (None, name):
            print(f"{name} …", file=sys.stderr, flush=True)
            # Each in a process of its own: none finds what another has left warm, or open.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                figures += process.submit(measured, name).result()
    save(figures, Path("build/bench.json"))
    print(show(figures))
    return 0 if all(figure.ok for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
