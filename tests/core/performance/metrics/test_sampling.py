"""The figures of real databases: taken, told, shown by span; and nothing left at the end."""

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from core.builds.schemas import BuildState
from core.errors import ValidationError
from core.events import Event
from core.performance.metrics import recorder as recording
from core.performance.metrics.engine import EngineWatch
from core.performance.metrics.lag import EVERY_S, LoopLag
from core.performance.metrics.measuring import Measuring
from core.performance.metrics.repository import BusinessRepository, MetricsRepository
from core.performance.metrics.ring import SECONDS, Ring, Sample
from core.performance.metrics.rolling import Place, Resolution, Tally
from core.performance.metrics.schemas import BUSINESS, Metric, MetricsSampled, Span
from core.performance.metrics.service import MetricsService
from core.performance.metrics.window import WindowReports
from tests.core.performance.metrics.running import NOON, Time, lease, stored
from tests.core.running import Bench
from tests.waiting import until

ALWAYS = frozenset(Metric) - {Metric.WINDOW_LAG, Metric.WINDOW_GAP, Metric.SUCCESS_RATE}
OF_STATEMENTS = {Metric.STATEMENT_P50, Metric.STATEMENT_P95, Metric.STATEMENT_P99}


async def test_all_figures_of_a_workspace(bench: Bench) -> None:
    """Failed for each figure that nobody had connected."""
    target = bench.workspace.performance.target
    measuring = Measuring(target)
    told: list[Event] = []
    await measuring.sampler.sample()
    unsubscribe = bench.core.events.subscribe(told.append)
    await measuring.sampler._looks.look()
    sample = await measuring.sampler.sample()
    unsubscribe()
    assert not set(sample.values) ^ ALWAYS
    assert MetricsSampled(target.path, sample.at, sample.values) in told
    path = bench.workspace.info.path
    assert sample.values[Metric.DATABASE_BYTES] == path.stat().st_size
    assert sample.values[Metric.WAL_BYTES] == path.with_name(path.name + "-wal").stat().st_size
    assert sample.values[Metric.READS] > 0
    assert sample.slowest_ms
    assert 0 < sample.values[Metric.MEMORY] < 1e11


async def test_the_sampler_of_an_open_workspace(bench: Bench) -> None:
    """Failed without the call in ``start``; the tasks that it leaves fail every test."""
    metrics = bench.workspace.performance.metrics

    async def sampled() -> bool:
        return Metric.CPU in await metrics.latest(bench.actor)

    await until(sampled, "two samples")
    [series] = await metrics.series(bench.actor, metrics=[Metric.MEMORY], span=Span.TEN_MINUTES)
    assert any(value is not None for value in series.mean[-5:])
    assert series.times == tuple(series.times[0] + second for second in range(SECONDS))


async def test_a_plain_file_has_all_but_business(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.commit()
    workspace = await bench.core.workspaces.open(path)
    measuring = Measuring(workspace.performance.target)
    await measuring.sampler.sample()
    sample = await measuring.sampler.sample()
    assert set(sample.values) == ALWAYS - BUSINESS - OF_STATEMENTS - {Metric.FREELIST_BYTES}
    await measuring.sampler._looks.look()
    sample = await measuring.sampler.sample()
    assert set(sample.values) >= ALWAYS - BUSINESS - OF_STATEMENTS
    path.unlink()
    await measuring.sampler.sample()
    assert measuring.sampler.failures == 1
    await bench.core.workspaces.close(workspace)


async def test_figures_of_the_business(bench: Bench) -> None:
    """Failed by counting cancelled builds, and those that ended long ago."""
    builds = [await bench.queue("true") for _number in range(7)]
    now = datetime.now(UTC)
    old = (now - timedelta(hours=25)).replace(tzinfo=None).isoformat(" ")
    states = [
        *[(state, "") for state in (BuildState.SUCCESS, BuildState.FAILED)],
        (BuildState.CANCELLED, ""),
        (BuildState.FAILED, old),
        (BuildState.SUCCESS, ""),
        (BuildState.RUNNING, ""),
        (BuildState.PENDING, ""),
    ]
    end = text("UPDATE builds SET state = :state, finished_at = :at WHERE id = :id")
    async with bench.workspace.database.unit_of_work() as unit:
        for build, (state, ended) in zip(builds, states, strict=True):
            at = ended or now.replace(tzinfo=None).isoformat(" ")
            await unit.session.execute(end, {"state": state.value, "at": at, "id": build.id})
        figures = await BusinessRepository(unit.session).figures(now)
    assert figures == {
        Metric.ACTIVE_USERS: 0,
        Metric.BUILDS: 1,
        Metric.QUEUE: 1,
        Metric.SUCCESS_RATE: pytest.approx(2 / 3),
    }


async def test_who_waits_and_what_is_open(bench: Bench) -> None:
    """Failed by counts since the beginning in the place of those of each second."""
    target = bench.workspace.performance.target
    watch, lock = EngineWatch(target), target.board.lock("of a test")
    watch.figures(0.0)

    async def waits() -> None:
        async with target.database.unit_of_work(), lock.hold("key"):
            pass

    def pool_waits() -> float:
        return sum(pool.waits for pool in target.database.pools())

    async with target.database.unit_of_work():
        before = pool_waits()
        waiting = asyncio.create_task(waits())
        await until(lambda: pool_waits() > before, "that somebody waits")
        found = watch.figures(2.0)
    assert found[Metric.POOL_WAITS] >= 0.5
    assert found[Metric.POOL_IN_USE] >= 1
    assert found[Metric.OPEN_TRANSACTIONS] >= 1
    assert found[Metric.LONGEST_TRANSACTION] > 0
    await waiting
    async with lock.hold("key"):
        waiting = asyncio.create_task(waits())
        await until(lambda: watch.figures(4.0)[Metric.LOCK_WAITS] == 1, "one that waits")
    await waiting
    watch.figures(6.0)
    assert watch.figures(8.0)[Metric.POOL_WAITS] == 0


async def test_spans_of_what_is_stored(bench: Bench) -> None:
    """Failed by points of a length that the span does not divide, and by zeros for gaps."""
    target, clock = bench.workspace.performance.target, Time()
    service = MetricsService(target, Measuring(target, clocks=clock.clocks))
    async with target.database.unit_of_work() as unit:
        repository = MetricsRepository(unit.session)
        for resolution, starts in {
            Resolution.MINUTE: (NOON - 360, NOON - 300, NOON - 240, NOON - 86_401),
            Resolution.HOUR: (NOON - 3_600,),
            Resolution.DAY: (NOON - 12 * 3_600,),
        }.items():
            places = [Place(resolution, Metric.CPU, int(start)) for start in starts]
            tallies = [Tally(n, -n, float(n), 2.0 * n) for n in (1, 3, 60, 7)]
            await repository.add(zip(places, tallies, strict=False))
        await unit.commit()
    for span, count in {Span.DAY: 480, Span.WEEK: 168, Span.YEAR: 366}.items():
        cpu, memory = await service.series(
            bench.actor, metrics=[Metric.CPU, Metric.MEMORY], span=span
        )
        assert len(cpu.times) == len(cpu.low) == len(cpu.mean) == len(cpu.high) == count <= 600
        steps = {b - a for a, b in zip(cpu.times, cpu.times[1:], strict=False)}
        assert len(steps) == 1
        assert cpu.times[-1] <= NOON < cpu.times[-1] + steps.pop()
        known = [point for point in zip(cpu.low, cpu.mean, cpu.high, strict=True) if any(point)]
        # Two minutes are one point of the day, weighted by what stands behind them.
        assert known == (
            [(-60, pytest.approx(3_610 / 64), 120)] if span is Span.DAY else [(-1, 1, 2)]
        )
        assert set(memory.mean) == {None}


async def test_what_the_window_reports(bench: Bench) -> None:
    metrics = bench.workspace.performance.metrics
    for bad in (float("nan"), float("inf"), -1.0):
        with pytest.raises(ValidationError):
            await metrics.report_window(bench.actor, lag_ms=bad, gap_ms=0.0)
    reports = WindowReports()
    assert reports.take(0.0) == {}
    for gap in (5.0, 50.0, 20.0):
        reports.note(lag_ms=gap / 5, gap_ms=gap, now=10.0)
    worst = {Metric.WINDOW_LAG: 10.0, Metric.WINDOW_GAP: 50.0}
    assert reports.take(11.0) == worst
    assert reports.take(12.0) == worst
    assert reports.take(14.0) == {}


async def test_the_lag_of_a_loop() -> None:
    """Failed by a probe that measured only what it waited for itself, and by microseconds."""
    lag = LoopLag()
    started = time.monotonic()
    lag.start()
    try:
        await asyncio.sleep(0)
        began = time.monotonic()
        while time.monotonic() - began < 2.5 * EVERY_S:  # nobody else runs meanwhile
            pass
        told = lag.take_ms()
        assert EVERY_S * 1000 <= told <= (time.monotonic() - started) * 1000
    finally:
        lag.stop()


@given(st.lists(st.tuples(st.integers(-700, 3), st.floats(0, 1)), max_size=20))
def test_the_ring_shows_the_last_ten_minutes(found: list[tuple[int, float]]) -> None:
    """Also where the clock was put back; failed by an index out of range for the future."""
    ring = Ring()
    for second, value in found:
        ring.add(Sample(NOON + second + 0.5, {Metric.CPU: value}))
    series = ring.series(Metric.CPU, NOON + 0.9)
    expected = {NOON + second: value for second, value in found if -600 < second <= 0}
    assert dict(zip(series.times, series.mean, strict=True)) == {
        NOON + second: expected.get(NOON + second) for second in range(-599, 1)
    }


async def test_what_is_stored_when_a_window_is_closed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing within the first minute; the rest of a minute after it. Seen failing without."""
    database = bench.workspace.database
    fence = await lease(database)
    measuring = Measuring(bench.workspace.performance.target)

    async def counted() -> int:
        return sum(row.samples for row in await stored(database, Resolution.DAY, Metric.MEMORY))

    for every_s, expected in ((3_600.0, 0), (0.0, 2)):
        monkeypatch.setattr(recording, "EVERY_S", every_s)
        storing = asyncio.create_task(measuring.keep_stored(fence))
        await asyncio.sleep(0)
        await measuring.sampler.sample()
        if not every_s:
            await until(counted, "the end of the first minute")
            monkeypatch.setattr(recording, "EVERY_S", 3_600.0)
            await measuring.sampler.sample()
        storing.cancel()
        await asyncio.gather(storing, return_exceptions=True)
        assert await counted() == expected
