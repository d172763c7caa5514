"""Each figure against another measure of the same: a unit that is wrong by a thousand shows."""

import asyncio
import dataclasses
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from core.database.database import Database
from core.database.monitor.figures import Tally, Window
from core.database.monitor.fingerprints import fingerprint
from core.events import EventBus
from core.performance.benchmarks.measuring import Measuring as Benchmark
from core.performance.benchmarks.schemas import BenchmarkSettings
from core.performance.metrics.engine import EngineWatch
from core.performance.metrics.looking import Looks
from core.performance.metrics.schemas import Metric
from core.performance.metrics.system import SystemWatch
from core.settings import Durability
from core.workspaces.workspace import Workspace

# The processor time of a process grows by hundredths of a second.
TICKS_S = 0.05


def _processor_s() -> float:
    times = psutil.Process().cpu_times()
    return times.user + times.system


async def test_what_the_system_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Failed by percents, by virtual memory, and by the size of the disk for what is free."""
    usage = shutil.disk_usage(tmp_path)._replace(total=100, used=70, free=30)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    watch = SystemWatch(tmp_path / "none.db")
    outer_s, outer = time.monotonic(), _processor_s()
    await watch.measure()
    inner_s, inner = time.monotonic(), _processor_s()
    while time.monotonic() - inner_s < 0.3:
        pass
    inner, inner_s = _processor_s() - inner, time.monotonic() - inner_s
    measured = await watch.measure()
    outer, outer_s = _processor_s() - outer, time.monotonic() - outer_s
    share = measured.values[Metric.CPU]
    assert (inner - TICKS_S) / outer_s <= share <= (outer + TICKS_S) / inner_s
    resident = psutil.Process().memory_info().rss
    assert measured.values[Metric.MEMORY] == pytest.approx(resident, rel=0.3)
    assert (measured.values[Metric.DISK_FREE], measured.disk_total) == (30, 100)


async def test_what_is_free_inside(workspace: Workspace) -> None:
    """Failed by pages in the place of bytes."""
    database = workspace.database
    for sql in (
        "CREATE TABLE filler AS SELECT zeroblob(400000) AS x",
        "DROP TABLE filler",
    ):
        async with database.unit_of_work() as unit:
            await unit.session.execute(text(sql))
            await unit.commit()
    looks = Looks(workspace.performance.target, wanted=lambda: True, failed=lambda: None)
    await looks.look()
    async with database.read() as session:
        pages = await session.scalar(text("PRAGMA freelist_count"))
        page = await session.scalar(text("PRAGMA page_size"))
    assert pages is not None
    assert pages >= 90
    assert looks.found[Metric.FREELIST_BYTES] == pages * page


async def test_how_long_it_waits_and_lasts(workspace: Workspace, tmp_path: Path) -> None:
    """Failed by milliseconds for seconds, and the other way round."""
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
    database = Database.managed(path, Durability.FULL, EventBus())
    watch = EngineWatch(dataclasses.replace(workspace.performance.target, database=database))

    async def write(lasting_s: float) -> tuple[float, float, float]:
        async with database.unit_of_work() as unit:
            opened = time.monotonic()
            await unit.session.execute(text("INSERT INTO t VALUES (1)"))
            await asyncio.sleep(lasting_s)
            told = watch.figures(0.0)[Metric.LONGEST_TRANSACTION]
            known = time.monotonic()
            await unit.commit()
        return told, known, known - opened

    began = time.monotonic()
    (told, known, lasted), _other = await asyncio.gather(write(0.2), write(0.0))
    ended = time.monotonic()
    await database.close()
    assert lasted / 2 <= told <= known - began
    waited = sum(pool.waited_s for pool in database.pools())
    assert 0 < waited <= ended - began
    figures = database.transactions.figures()
    assert 1000 * lasted <= figures.longest_ms <= 1000 * (ended - began)
    assert 1000 * lasted / 2 <= figures.mean_ms <= figures.longest_ms


def test_percentiles_of_durations_that_are_known() -> None:
    """Failed by one percentile for another, and by seconds for milliseconds."""
    window, known = Window(), [number / 1000 for number in range(1, 101)]
    window.take(Tally(fingerprint("SELECT 1"), recent=known[::-1]))
    rates = window.rates()
    told = (rates.p50_ms, rates.p95_ms, rates.p99_ms)
    assert told == pytest.approx((50, 95, 99), rel=0.05)
    assert rates.slowest_ms == pytest.approx((100, 99))
    benchmark = Benchmark(_nothing, BenchmarkSettings(), lambda *_told: None)
    benchmark._ended = [(took, took) for took in (number / 1000 for number in range(1, 101))]
    result = benchmark._result(2.0)
    assert (result.p50_ms, result.p95_ms, result.p99_ms) == pytest.approx((50, 95, 99))
    assert (result.mean_ms, result.throughput) == pytest.approx((50.5, 50))


async def _nothing() -> None:
    """Be measured."""
