"""The questions of the statistics, as statements; most are answered out of one index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    String,
    and_,
    case,
    func,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.schemas import BuildState
from core.builds.statistics.periods import LocalDays, as_stored
from core.builds.tables import Artifact, Build, BuildProblem, BuildSample
from core.database.query.aggregates import Count
from core.database.query.builder import Query
from core.database.tables import table_of
from core.projects.tables import Project

_BUILD = table_of(Build)
_ARTIFACT = table_of(Artifact)
_PROBLEM = table_of(BuildProblem)
_PROJECT = table_of(Project)
_SAMPLE = table_of(BuildSample)

_FINISHED = [state.value for state in BuildState if state.finished]
_UNFINISHED = [state.value for state in BuildState if not state.finished]
_SUCCESS = BuildState.SUCCESS.value
_SHORTEST = timedelta(microseconds=1)
# Asked as the text that is stored: so days can be compared that come as JSON.
_ENDED_AT: ColumnElement[str] = type_coerce(_BUILD.c.finished_at, String())


@dataclass(frozen=True, slots=True)
class Ended:
    """The builds that ended in one state: how many, and of those with a duration the rest."""

    count: int = 0
    timed: int = 0
    total_ms: int = 0
    largest_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The builds of one day or project that ended in one state.

    ``median_ms`` is of those that succeeded.
    """

    number: int
    state: BuildState
    count: int
    median_ms: float | None


class StatisticsRepository:
    """What one session can tell of builds; every statement ends when it is cancelled."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def unfinished(self, project_id: int | None) -> dict[BuildState, int]:
        """Return how many builds there are in each state that is not an end."""
        query = Query(Build).where(state__in=_UNFINISHED).group_by("state")
        query = query.when(project_id is not None, {"project_id__eq": project_id})
        rows = await query.aggregate(builds=Count()).all(self._session)
        return {BuildState(row["state"]): row["builds"] for row in rows}

    async def figures(
        self, start: datetime, end: datetime, project_id: int | None
    ) -> dict[BuildState, Ended]:
        """Return what there is of builds that ended in these days, by state."""
        duration = _BUILD.c.duration_ms
        query = (
            select(
                _BUILD.c.state,
                func.count(),
                func.count(duration),
                func.sum(duration),
                func.max(duration),
            )
            .where(*_ended(start, end, project_id))
            .group_by(_BUILD.c.state)
        )
        rows = await self._session.execute(query)
        return {
            BuildState(state): Ended(count, timed, total or 0, largest)
            for state, count, timed, total, largest in rows
        }

    async def days(self, days: LocalDays, project_id: int | None) -> list[Group]:
        """Return what there is of the builds of each day by its number."""
        periods = _periods(days.as_json(), "days")
        ended = _by_period(periods, project_id)
        return await self._groups(ended.add_columns(_BUILD.c.state, _BUILD.c.duration_ms))

    async def hours(self, hours: str, project_id: int | None) -> list[tuple[int, int]]:
        """Return the number of each hour of the week with its builds, where there are any."""
        periods = _periods(hours, "hours")
        query = _by_period(periods, project_id).add_columns(func.count(_BUILD.c.state))
        query = query.group_by(periods.c.number).order_by(periods.c.number)
        rows = await self._session.execute(query)
        return [(hour, count) for hour, count in rows if count]

    async def projects(self, start: datetime, end: datetime) -> list[Group]:
        """Return what there is of the builds of each project by its id."""
        ended = select(
            _BUILD.c.project_id.label("number"), _BUILD.c.state, _BUILD.c.duration_ms
        ).where(*_ended(start, end, None))
        return await self._groups(ended)

    async def names(self, project_ids: Sequence[int]) -> dict[int, str]:
        """Return the names of projects."""
        query = Query(Project).only("id", "name").where(id__in=list(project_ids))
        return {row["id"]: row["name"] for row in await query.all(self._session)}

    async def trend(self, project_id: int, count: int) -> Sequence[Any]:
        """Return the last builds of a project that ended, the newest first."""
        query = (
            select(
                _BUILD.c.id,
                _BUILD.c.number,
                _BUILD.c.state,
                _BUILD.c.finished_at,
                _BUILD.c.duration_ms,
            )
            .where(_BUILD.c.project_id == project_id, _BUILD.c.state.in_(_FINISHED))
            .where(_BUILD.c.finished_at.is_not(None))
            .order_by(_BUILD.c.number.desc())
            .limit(count)
        )
        return (await self._session.execute(query)).all()

    async def successes_before(self, project_id: int, number: int, count: int) -> list[int]:
        """Return the durations of the last successes before a build, the newest first."""
        query = (
            select(_BUILD.c.duration_ms)
            .where(_BUILD.c.project_id == project_id, _BUILD.c.state == _SUCCESS)
            .where(_BUILD.c.number < number, _BUILD.c.duration_ms.is_not(None))
            .order_by(_BUILD.c.number.desc())
            .limit(count)
        )
        return [ms for ms in (await self._session.scalars(query)).all() if ms is not None]

    async def samples(self, build_id: int) -> Sequence[Any]:
        """Return the samples of a build, the first one first."""
        query = select(_SAMPLE).where(_SAMPLE.c.build_id == build_id)
        return (await self._session.execute(query.order_by(_SAMPLE.c.offset_ms))).all()

    async def artifacts(self, build_id: int) -> Sequence[Any]:
        """Return path, size and hash of the artifacts of a build, by path."""
        query = select(_ARTIFACT.c.path, _ARTIFACT.c.size, _ARTIFACT.c.sha256)
        query = query.where(_ARTIFACT.c.build_id == build_id).order_by(_ARTIFACT.c.path)
        return (await self._session.execute(query)).all()

    async def problems(self, build_id: int) -> Sequence[Any]:
        """Return the problems of a build by their lines."""
        query = select(_PROBLEM).where(_PROBLEM.c.build_id == build_id)
        return (await self._session.execute(query.order_by(_PROBLEM.c.line))).all()

    async def _groups(self, builds: Select[Any]) -> list[Group]:
        """Return the groups of builds by the number and the state that they have.

        The durations come as one text a group: to rank them in SQL, all would be sorted for
        the groups and once more within each, which took three times as long.
        """
        ended = builds.subquery("ended")
        successful = case((ended.c.state == _SUCCESS, ended.c.duration_ms))
        query = select(
            ended.c.number, ended.c.state, func.count(), func.group_concat(successful)
        ).group_by(ended.c.number, ended.c.state)
        return [
            Group(number, BuildState(state), count, _median(durations))
            for number, state, count, durations in await self._session.execute(query)
            if state is not None
        ]


def _median(durations: str | None) -> float | None:
    return median(map(int, durations.split(","))) if durations else None


def _ended(
    start: datetime, end: datetime, project_id: int | None
) -> tuple[ColumnElement[bool], ...]:
    own = (_BUILD.c.project_id == project_id,) if project_id is not None else ()
    return (
        _BUILD.c.state.in_(_FINISHED),
        _ENDED_AT.between(as_stored(start), as_stored(end - _SHORTEST)),
        *own,
    )


def _periods(rows: str, name: str) -> CTE:
    """Return numbered periods as a table: JSON rows of number, beginning and end."""
    row = func.json_each(rows).table_valued("value", name="rows_of_" + name)
    part = [func.json_extract(row.c.value, f"$[{place}]") for place in range(3)]
    return select(part[0].label("number"), part[1].label("start"), part[2].label("end")).cte(
        name
    )


def _by_period(periods: CTE, project_id: int | None) -> Select[Any]:
    """Select the number of the period in which each build ended."""
    own = (_BUILD.c.project_id == project_id,) if project_id is not None else ()
    ended = and_(
        _BUILD.c.state.in_(_FINISHED),
        periods.c.start <= _ENDED_AT,
        periods.c.end > _ENDED_AT,
        *own,
    )
    # An outer join, so that SQLite begins with the periods, and looks each up in the index.
    return select(periods.c.number).select_from(periods.outerjoin(_BUILD, ended))
