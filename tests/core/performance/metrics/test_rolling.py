"""Minutes, hours and days against a plain computation, in whatever parts they are stored."""

import asyncio
import math
from collections import defaultdict
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlmodel import SQLModel

from core.database.tables import table_of
from core.performance.metrics.repository import MetricsRepository
from core.performance.metrics.rolling import Place, Resolution, Tallies, Tally
from core.performance.metrics.schemas import Metric
from core.performance.tables import SystemMetric

# The night in which the clocks of Central Europe are put back, and some days around it.
NIGHT = datetime(2026, 10, 25, tzinfo=UTC).timestamp()
EVER = datetime.fromtimestamp(0, UTC)
METRICS = [Metric.CPU, Metric.DATABASE_BYTES]

measurements = st.lists(
    st.tuples(
        st.integers(-360_000, 720_000).map(lambda quarter: NIGHT + quarter / 4),
        st.sampled_from(METRICS),
        st.floats(-1e12, 1e12),
    ),
    min_size=1,
    max_size=60,
)


def plainly(found: list[tuple[float, Metric, float]]) -> dict[Place, list[float]]:
    """Return all values that belong to each minute, hour and day, by their UTC names."""
    formats = {Resolution.MINUTE: "%F %R", Resolution.HOUR: "%F %H:00", Resolution.DAY: "%F"}
    groups: dict[Place, list[float]] = defaultdict(list)
    for at, metric, value in found:
        for resolution, pattern in formats.items():
            name = datetime.fromtimestamp(at, UTC).strftime(pattern)
            start = datetime.fromisoformat(name).replace(tzinfo=UTC).timestamp()
            groups[Place(resolution, metric, int(start))].append(value)
    return groups


def check(stored: dict[Place, Tally], found: list[tuple[float, Metric, float]]) -> None:
    """Compare with the plain computation; the mean but for what floats round away."""
    groups = plainly(found)
    assert stored.keys() == groups.keys()
    for place, values in groups.items():
        tally = stored[place]
        size = max(map(abs, values))
        assert (tally.samples, tally.low, tally.high) == (len(values), min(values), max(values))
        assert tally.mean == pytest.approx(math.fsum(values) / len(values), abs=1e-9 * size)


@given(measurements)
def test_counting_is_the_plain_computation(found: list[tuple[float, Metric, float]]) -> None:
    """Failed by a mean of means, and by days of a local clock."""
    tallies = Tallies()
    for at, metric, value in found:
        tallies.add(at, {metric: value})
    check(tallies.take(), found)
    assert not len(tallies)


@given(measurements, st.integers(0, 60))
def test_what_could_not_be_stored_is_counted_again(
    found: list[tuple[float, Metric, float]], cut: int
) -> None:
    """Failed when what came meanwhile was put in the place of what was taken."""
    tallies = Tallies()
    for at, metric, value in found[:cut]:
        tallies.add(at, {metric: value})
    taken = tallies.take()
    for at, metric, value in found[cut:]:
        tallies.add(at, {metric: value})
    tallies.put_back(taken.items())
    check(tallies.take(), found)


def test_stored_in_any_parts_by_any_process() -> None:
    """Failed by a mean that forgot how many measurements stand behind it."""
    engine = create_async_engine("sqlite+aiosqlite://")
    tables = [table_of(SystemMetric)]

    @settings(max_examples=30)
    @given(measurements, st.lists(st.integers(0, 60), max_size=4))
    def case(found: list[tuple[float, Metric, float]], cuts: list[int]) -> None:
        runner.run(stored(found, sorted(cuts)))

    async def stored(found: list[tuple[float, Metric, float]], cuts: list[int]) -> None:
        async with AsyncSession(engine) as session:
            await session.execute(tables[0].delete())
            repository = MetricsRepository(session)
            for first, last in zip([0, *cuts], [*cuts, len(found)], strict=True):
                tallies = Tallies()
                for at, metric, value in found[first:last]:
                    tallies.add(at, {metric: value})
                await repository.add(tallies.take().items())
            check(await kept(repository), found)
            await session.commit()

    async def prepare() -> None:
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all, tables=tables)

    with asyncio.Runner() as runner:
        runner.run(prepare())
        case()
        runner.run(engine.dispose())


async def kept(repository: MetricsRepository) -> dict[Place, Tally]:
    """Return all that is stored."""
    return {
        Place(resolution, metric, int(row.at.timestamp())): Tally(
            row.samples, row.low, row.mean, row.high
        )
        for resolution in Resolution
        for metric in METRICS
        for row in await repository.history(metric, resolution, EVER)
    }


def test_what_waits_is_bounded() -> None:
    """Failed without a bound: a disk that is full for a month would fill the memory, too."""
    tallies = Tallies(most=30)
    for minute in range(60):
        tallies.add(minute * 60.0, {Metric.CPU: 1.0})
    places = tallies.take()
    assert len(places) <= 30
    assert Place(Resolution.MINUTE, Metric.CPU, 59 * 60) in places
