"""What it costs that statements are counted: small reads with the monitor and without."""

import asyncio
import time
from pathlib import Path
from statistics import median

from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from benchmarks.figures import Figure
from benchmarks.workload import scratch_home
from core.database.engine import BEGIN_OPTION, connect_bare, reader_engine, writer_engine
from core.database.monitor import Monitor
from core.settings import Durability

ROWS = 1_000
READS = 50
TURNS = 601
MOST = 1.05

_ITEMS = Table(
    "items", MetaData(), Column("id", Integer, primary_key=True), Column("name", String)
)


def run() -> list[Figure]:
    """Measure; both sides take turns on one file, each with an engine of its own."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    with scratch_home() as folder:
        file = folder / "items.db"
        await _fill(file)
        watched, plain = (reader_engine(file, Durability.FULL) for _side in range(2))
        Monitor().watch(watched.sync_engine)
        try:
            with_it, without = await _take_turns(watched, plain)
        finally:
            await watched.dispose()
            await plain.dispose()
    # Of each turn: what else the machine does slows both sides of it alike.
    ratio = median(ours / bare for ours, bare in zip(with_it, without, strict=True))
    value, reference = (median(side) / READS * 1e6 for side in (with_it, without))
    name = "a small read, counted, against one that is not"
    return [Figure(name, value, "µs", reference, ratio, f"≤ {MOST:g} ×", ratio <= MOST)]


async def _take_turns(
    watched: AsyncEngine, bare: AsyncEngine
) -> tuple[list[float], list[float]]:
    for engine in (watched, bare):
        await _read(engine)
    with_it: list[float] = []
    without: list[float] = []
    for turn in range(TURNS):
        sides = [(watched, with_it), (bare, without)]
        # Who is second may find the processor warmer.
        for engine, seconds in sides if turn % 2 else reversed(sides):
            seconds.append(await _read(engine))
    return with_it, without


async def _read(engine: AsyncEngine) -> float:
    """Return the seconds of a loop of reads by key, as services ask them."""
    async with AsyncSession(engine) as session:
        await session.connection(execution_options={BEGIN_OPTION: None})
        started = time.perf_counter()
        for number in range(READS):
            query = select(_ITEMS.c.name).where(_ITEMS.c.id == number % ROWS + 1)
            (await session.execute(query)).scalar_one()
        return time.perf_counter() - started


async def _fill(file: Path) -> None:
    connect_bare(file, "rwc").close()
    engine = writer_engine(file, Durability.FULL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_ITEMS.metadata.create_all)
            rows = [{"name": f"item {number}"} for number in range(ROWS)]
            await connection.execute(insert(_ITEMS), rows)
    finally:
        await engine.dispose()
