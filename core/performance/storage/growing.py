"""How a file grew, by the sizes that were kept of it, and how it goes on."""

import asyncio
import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from core.database.fields.times import utc_now
from core.performance.maintenance.figures import size_of
from core.performance.metrics.growth import Point, forecast
from core.performance.metrics.repository import KEPT, Kept, MetricsRepository
from core.performance.metrics.rolling import Resolution
from core.performance.metrics.schemas import Metric
from core.performance.storage.schemas import Growth
from core.performance.target import Target

_LOOKED_BACK = timedelta(days=366)


async def growth_of(target: Target) -> Growth:
    """Return it: by days, of the last weeks by hours, and what it is now.

    Raises:
        AppError: What was kept cannot be read.
    """
    now = utc_now()
    points = await _points(target, now) if await target.has_records() else []
    size, free = await asyncio.to_thread(_looked_at, target.path)
    if size is not None:
        points.append(Point(now, size))
    told = forecast(points, now=now, disk_free=free)
    return Growth(
        times=tuple(point.at.timestamp() for point in points),
        file_bytes=tuple(round(point.size) for point in points),
        bytes_per_day=told.bytes_per_day,
        disk_free_bytes=free,
        full_at=told.full_at,
    )


async def _points(target: Target, now: datetime) -> list[Point]:
    records = await target.records()
    async with records.read() as session:
        repository = MetricsRepository(session)
        hours = await repository.history(
            Metric.DATABASE_BYTES, Resolution.HOUR, now - KEPT[Resolution.HOUR]
        )
        days = await repository.history(
            Metric.DATABASE_BYTES, Resolution.DAY, now - _LOOKED_BACK
        )
    first_hour = hours[0].at if hours else now
    return _as_points(day for day in days if day.at < first_hour) + _as_points(hours)


def _as_points(kept: Iterable[Kept]) -> list[Point]:
    return [Point(one.at, one.mean) for one in kept]


def _looked_at(path: Path) -> tuple[int | None, int | None]:
    """Return the size of the file and what is free on its disk, None where it is gone."""
    try:
        free: int | None = shutil.disk_usage(path.parent).free
    except OSError:
        free = None
    return size_of(path) or None, free
