"""Figures in tests: clocks that stand still, and what is stored."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from core.database import leases
from core.database.database import Database
from core.database.leases import Fence
from core.performance.metrics.recorder import Recorder
from core.performance.metrics.repository import Kept, MetricsRepository
from core.performance.metrics.ring import Sample
from core.performance.metrics.rolling import Resolution
from core.performance.metrics.sampler import Clocks
from core.performance.metrics.schemas import Metric

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC).timestamp()


class Time:
    """A time of day, and seconds that only grow."""

    def __init__(self) -> None:
        self.wall = NOON
        self.steady = 1_000.0

    @property
    def clocks(self) -> Clocks:
        """The clocks that show it."""
        return Clocks(lambda: self.wall, lambda: self.steady)

    def passes(self, seconds: float) -> None:
        """Let it pass."""
        self.wall += seconds
        self.steady += seconds


def count(recorder: Recorder, time: Time, seconds: int, **values: float) -> None:
    """Let a recorder count the same figures for some seconds."""
    for _second in range(seconds):
        recorder.add(Sample(time.wall, by_metric(values)))
        time.passes(1)


def by_metric(values: Mapping[str, float]) -> dict[Metric, float]:
    """Return figures by metric, given by the names of these."""
    return {Metric[name]: value for name, value in values.items()}


async def lease(database: Database, name: str = "of a test") -> Fence:
    """Take a lease that nobody else wants."""
    async with database.unit_of_work() as unit:
        fence = await leases.acquire(unit.session, name=name, holder="test", ttl_ms=600_000)
        await unit.commit()
    assert fence is not None
    return fence


async def stored(
    database: Database, resolution: Resolution, metric: Metric = Metric.CPU
) -> list[Kept]:
    """Return what is stored of a figure."""
    since = datetime.fromtimestamp(0, UTC)
    async with database.read() as session:
        return list(await MetricsRepository(session).history(metric, resolution, since))


async def samples(database: Database, resolution: Resolution) -> list[tuple[str, int]]:
    """Return the times of stored figures, as text, with their measurements."""
    return [(f"{row.at:%d %H:%M}", row.samples) for row in await stored(database, resolution)]


async def all_rows(database: Database) -> int:
    """Return how many figures are stored."""
    async with database.read() as session:
        return int(await session.scalar(text("SELECT count(*) FROM system_metrics")) or 0)


def beside(path: Path) -> list[str]:
    """Return the names of the files in the folder of a file."""
    return sorted(one.name for one in path.parent.iterdir())


def digest(path: Path) -> bytes:
    """Return what tells whether a file is the same, byte for byte."""
    return hashlib.sha256(path.read_bytes()).digest()
