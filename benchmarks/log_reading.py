"""Opening a finished log of 1,000,000 lines, jumping about and searching, at the service."""

import asyncio
import random
import shlex
import time
from statistics import median

from benchmarks.figures import RUNS, Figure, at_most
from benchmarks.workload import LINES, Builder, builder, scratch_home, write_lines

PAGE = 200
JUMPS = 200
# Rare, in every line, of other letters; and an expression that every line nearly matches.
PLAIN = ("widget_0042.c.o", "building", "nowhere to be found")
REGULAR = (r"src/(lexer|cursor)/.*socket_\d+7\.c\.o \d*99", r"\d{6} \.+$", "(a+)+$")


def run() -> list[Figure]:
    """Measure first lines and jumps, on lines that were not read before, and searches."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    with scratch_home() as folder:
        write_lines(folder / "output")
        first, jumps = [], []
        searches: dict[tuple[str, bool], list[float]] = {}
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
                for asked in (
                    *((text, False) for text in PLAIN),
                    *((t, True) for t in REGULAR),
                ):
                    taken = await _search(bench, row.id, *asked)
                    searches.setdefault(asked, []).append(taken)
    return [
        at_most("open a log of 1 M lines, first lines", median(first) * 1000, "ms", 100),
        at_most("jump in a log of 1 M lines", median(jumps) * 1000, "ms", 30),
        at_most("search 1 M lines, plain, slowest", _slowest(searches, False), "s", 0.5),
        at_most("search 1 M lines, expression, slowest", _slowest(searches, True), "s", 3),
    ]


async def _search(bench: Builder, build_id: int, text: str, regular: bool) -> float:
    """Search a whole log and return the seconds that it took."""
    started = time.perf_counter()
    found = await bench.workspace.logs.search(
        bench.actor, build_id=build_id, text=text, regular=regular
    )
    elapsed = time.perf_counter() - started
    everywhere = text in ("building", REGULAR[1])
    if (found.total == LINES) is not everywhere:
        raise RuntimeError(f"{text!r} was found in {found.total} lines.")
    return elapsed


def _slowest(searches: dict[tuple[str, bool], list[float]], regular: bool) -> float:
    """Return the median of the runs of the slowest search of a kind."""
    return max(median(times) for asked, times in searches.items() if asked[1] is regular)
