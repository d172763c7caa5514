"""Reads and writes the figures in the database that keeps them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    cast,
    delete,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.schemas import BuildState
from core.builds.tables import Build
from core.database.tables import table_of
from core.performance.metrics.rolling import Place, Resolution, Tally
from core.performance.metrics.schemas import Metric
from core.performance.tables import SystemMetric
from core.users.tables import User

_FIGURES = table_of(SystemMetric)
_BUILDS = table_of(Build)
_USERS = table_of(User)

KEPT = {
    Resolution.MINUTE: timedelta(days=2),
    Resolution.HOUR: timedelta(days=60),
    Resolution.DAY: timedelta(days=5 * 365 + 1),
}
"""How long figures are kept."""

_ACTIVE_WITHIN = timedelta(minutes=15)
_RATE_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Kept:
    """A figure as it is kept, or several as one; ``at`` is where it begins."""

    at: datetime
    samples: int
    low: float
    mean: float
    high: float


class MetricsRepository:
    """The figures of one database, in one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, tallies: Iterable[tuple[Place, Tally]]) -> None:
        """Add measurements to what is kept of the same times."""
        rows = [
            {
                "resolution": place.resolution.value,
                "metric": place.metric.value,
                "at": datetime.fromtimestamp(place.start, UTC),
                "samples": tally.samples,
                "low": tally.low,
                "mean": tally.mean,
                "high": tally.high,
            }
            for place, tally in tallies
        ]
        if rows:
            await self._session.execute(_ADD, rows)

    async def remove_old(self, now: datetime) -> None:
        """Remove what is older than it is kept for."""
        for resolution, kept in KEPT.items():
            await self._session.execute(
                delete(_FIGURES).where(
                    _FIGURES.c.resolution == resolution.value, _FIGURES.c.at < now - kept
                )
            )

    async def slots(
        self, metrics: Collection[Metric], resolution: Resolution, start: int, end: int,
        step: int,
    ) -> dict[tuple[str, int], Kept]:  # fmt: skip
        """Return figures by metric and slot; those of one slot are put together.

        Args:
            start: The first slot begins here, in seconds since 1970 (UTC).
            end: What begins here or later does not count.
            step: How long a slot is, in seconds.
        """
        slot = (_seconds(_FIGURES.c.at) - start) / literal_column(str(int(step)))
        query = _put_together(_FIGURES.c.metric, cast(slot, _INTEGER).label("slot")).where(
            _FIGURES.c.resolution == resolution.value,
            _FIGURES.c.metric.in_([metric.value for metric in metrics]),
            _FIGURES.c.at >= datetime.fromtimestamp(start, UTC),
            _FIGURES.c.at < datetime.fromtimestamp(end, UTC),
        )
        rows = await self._session.execute(query.group_by(_FIGURES.c.metric, text("slot")))
        return {
            (metric, number): Kept(_moment(start + number * step), *figures)
            for metric, number, *figures in rows
            if number is not None
        }

    async def history(
        self, metric: Metric, resolution: Resolution, since: datetime
    ) -> tuple[Kept, ...]:
        """Return what is kept of one figure, in the order of time."""
        figures = _FIGURES.c
        rows = await self._session.execute(
            select(figures.at, figures.samples, figures.low, figures.mean, figures.high)
            .where(
                figures.resolution == resolution.value,
                figures.metric == metric.value,
                figures.at >= since,
            )
            .order_by(figures.at)
        )
        return tuple(Kept(*row) for row in rows)


class BusinessRepository:
    """What a workspace does, in figures of the moment."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def users(self) -> float:
        """Return how many people there are; reads an index from end to end."""
        return await self._count(select(func.count()).where(_USERS.c.deleted_at.is_(None)))

    async def figures(self, now: datetime) -> Mapping[Metric, float]:
        """Return the other figures; each is found by an index."""
        active = (BuildState.RUNNING.value, BuildState.CANCELLING.value)
        state = _BUILDS.c.state
        found: dict[Metric, float] = {
            Metric.ACTIVE_USERS: await self._count(
                select(func.count()).where(
                    _USERS.c.deleted_at.is_(None),
                    _USERS.c.last_active_at >= now - _ACTIVE_WITHIN,
                )
            ),
            Metric.BUILDS: await self._count(select(func.count()).where(state.in_(active))),
            # As text: the partial index of those that wait is found by this very condition.
            Metric.QUEUE: await self._count(
                select(func.count()).select_from(_BUILDS).where(text("state = 'pending'"))
            ),
        }
        good = await self._ended(BuildState.SUCCESS, now)
        if ended := good + await self._ended(BuildState.FAILED, now):
            found[Metric.SUCCESS_RATE] = good / ended
        return found

    async def _ended(self, state: BuildState, now: datetime) -> float:
        return await self._count(
            select(func.count()).where(
                _BUILDS.c.state == state.value, _BUILDS.c.finished_at >= now - _RATE_WITHIN
            )
        )

    async def _count(self, query: Select[Any]) -> float:
        return float(await self._session.scalar(query) or 0)


async def freelist_bytes(session: AsyncSession) -> int:
    """Return how much is free inside the file."""
    pages = await session.scalar(text("PRAGMA freelist_count"))
    return int(pages or 0) * int(await session.scalar(text("PRAGMA page_size")) or 0)


_INTEGER = _FIGURES.c.samples.type


def _add() -> Any:
    new = insert(_FIGURES)
    samples = _FIGURES.c.samples + new.excluded.samples
    share = cast(new.excluded.samples, _FIGURES.c.mean.type) / samples
    return new.on_conflict_do_update(
        index_elements=["resolution", "metric", "at"],
        set_={
            "samples": samples,
            "low": func.min(_FIGURES.c.low, new.excluded.low),
            "mean": _FIGURES.c.mean + (new.excluded.mean - _FIGURES.c.mean) * share,
            "high": func.max(_FIGURES.c.high, new.excluded.high),
        },
    )


_ADD = _add()


def _put_together(*keys: ColumnElement[Any]) -> Select[Any]:
    figures = _FIGURES.c
    samples = func.sum(figures.samples)
    mean = func.sum(figures.mean * figures.samples) / samples
    return select(*keys, samples, func.min(figures.low), mean, func.max(figures.high))


def _seconds(column: ColumnElement[Any]) -> ColumnElement[int]:
    return func.unixepoch(cast(column, String))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
