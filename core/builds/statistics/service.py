"""The figures of builds, and the comparison of two."""

import heapq
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.repository import BuildRepository
from core.builds.schemas import BuildRow, BuildSampleRow, BuildState
from core.builds.statistics import comparing, flaky, trend
from core.builds.statistics.estimates import SUCCESSES
from core.builds.statistics.periods import LocalDays
from core.builds.statistics.repository import Ended, Group, StatisticsRepository
from core.builds.statistics.schemas import (
    MOST_DAYS,
    MOST_PROBLEMS,
    TREND_BUILDS,
    BuildStatistics,
    Comparison,
    DayFigures,
    Figures,
    FlakyProject,
    HourFigures,
    ProjectFigures,
    ProjectStatistics,
    TrendPoint,
)
from core.database.database import Database
from core.database.fields.times import utc_now
from core.errors import NotFoundError, ValidationError
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.translation import _

TOP = 10

ByState = dict[BuildState, Group]


class BuildStatisticsService:
    """Figures about builds, by the local clock of this computer.

    Args:
        now: Gives the present.
    """

    def __init__(
        self, database: Database, gate: Gate, now: Callable[[], datetime] = utc_now
    ) -> None:
        self.gate = gate
        self._database = database
        self._now = now

    @permitted(Operation.BUILDS_READ)
    async def overview(self, actor: Actor, *, days: int) -> BuildStatistics:
        """Return the figures of all projects over the last days.

        Raises:
            ValidationError: The days are not from 1 to ``MOST_DAYS``.
        """
        present, before = self._periods(days)
        async with self._database.read(snapshot=True) as session:
            repository = StatisticsRepository(session)
            projects = await _projects(repository, present)
            return BuildStatistics(
                days=days,
                present=await _figures(repository, present, None, now=True),
                before=await _figures(repository, before, None),
                series=await _series(repository, present, None),
                hours=await _hours(repository, present, None),
                slowest=tuple(heapq.nlargest(TOP, _with_median(projects), key=_slowness)),
                failing=tuple(heapq.nlargest(TOP, _with_failure(projects), key=_failures)),
                flaky=await _flaky(session, repository, present, None),
            )

    @permitted(Operation.BUILDS_READ)
    async def of_project(
        self, actor: Actor, *, project_id: int, days: int
    ) -> ProjectStatistics:
        """Return the figures of one project over the last days, and its trend.

        Raises:
            ValidationError: The days are not from 1 to ``MOST_DAYS``.
            NotFoundError: The project is gone.
        """
        present, before = self._periods(days)
        async with self._database.read(snapshot=True) as session:
            repository = StatisticsRepository(session)
            name = (await repository.names([project_id])).get(project_id)
            if name is None:
                raise NotFoundError(
                    _("This project is gone."), hint=_("Somebody else may have deleted it.")
                )
            signs = await _flaky(session, repository, present, project_id)
            return ProjectStatistics(
                project_id=project_id,
                project=name,
                days=days,
                present=await _figures(repository, present, project_id, now=True),
                before=await _figures(repository, before, project_id),
                series=await _series(repository, present, project_id),
                hours=await _hours(repository, present, project_id),
                trend=await _trend(repository, project_id),
                flaky=signs[0] if signs else None,
            )

    @permitted(Operation.BUILDS_READ)
    async def compare(self, actor: Actor, *, first: int, second: int) -> Comparison:
        """Return how two builds differ, given by their ids; of any projects.

        Raises:
            NotFoundError: One of them is gone.
        """
        async with self._database.read(snapshot=True) as session:
            builds = BuildRepository(session)
            one, other = await _build(builds, first), await _build(builds, second)
            return await _comparison(StatisticsRepository(session), one, other)

    def _periods(self, days: int) -> tuple[LocalDays, LocalDays]:
        """Return the last days, and as many before them."""
        whole = isinstance(days, int) and not isinstance(days, bool)
        if not whole or not 1 <= days <= MOST_DAYS:
            text = _("Choose from 1 to {most} days.").format(most=MOST_DAYS)
            raise ValidationError(_("There are no such statistics."), fields={"days": text})
        both = LocalDays.until(self._now(), 2 * days)
        before = LocalDays(both.days[:days], both.starts[: days + 1])
        return LocalDays(both.days[days:], both.starts[days:]), before


async def _figures(
    repository: StatisticsRepository,
    days: LocalDays,
    project_id: int | None,
    *,
    now: bool = False,
) -> Figures:
    found = await repository.figures(days.start, days.end, project_id)
    unfinished = await repository.unfinished(project_id) if now else {}
    ended = {state: found.get(state, Ended()) for state in BuildState if state.finished}
    ran = (ended[BuildState.SUCCESS], ended[BuildState.FAILED])
    timed = sum(one.timed for one in ran)
    largest = [one.largest_ms for one in ran if one.largest_ms is not None]
    return Figures(
        success=ended[BuildState.SUCCESS].count,
        failed=ended[BuildState.FAILED].count,
        cancelled=ended[BuildState.CANCELLED].count,
        running=sum(count for state, count in unfinished.items() if state.active),
        waiting=unfinished.get(BuildState.PENDING, 0),
        mean_ms=sum(one.total_ms for one in ran) / timed if timed else None,
        largest_ms=max(largest, default=None),
    )


async def _series(
    repository: StatisticsRepository, days: LocalDays, project_id: int | None
) -> tuple[DayFigures, ...]:
    found = _by_number(await repository.days(days, project_id))
    return tuple(
        DayFigures(
            day=day,
            success=_count(found[number], BuildState.SUCCESS),
            failed=_count(found[number], BuildState.FAILED),
            cancelled=_count(found[number], BuildState.CANCELLED),
            median_ms=_median(found[number]),
        )
        for number, day in enumerate(days.days)
    )


async def _hours(
    repository: StatisticsRepository, days: LocalDays, project_id: int | None
) -> tuple[HourFigures, ...]:
    found = await repository.hours(days.hours_as_json(), project_id)
    return tuple(HourFigures(*divmod(hour, 24), builds) for hour, builds in found)


async def _projects(repository: StatisticsRepository, days: LocalDays) -> list[ProjectFigures]:
    groups = await repository.projects(days.start, days.end)
    names = await repository.names(sorted({group.number for group in groups}))
    return _by_project(groups, names)


def _by_project(groups: Sequence[Group], names: dict[int, str]) -> list[ProjectFigures]:
    return [
        ProjectFigures(
            project_id=project,
            project=names.get(project, ""),
            builds=sum(group.count for group in found.values()),
            success=_count(found, BuildState.SUCCESS),
            failed=_count(found, BuildState.FAILED),
            median_ms=_median(found),
        )
        for project, found in _by_number(groups).items()
    ]


def _by_number(groups: Sequence[Group]) -> defaultdict[int, ByState]:
    found: defaultdict[int, ByState] = defaultdict(dict)
    for group in groups:
        found[group.number][group.state] = group
    return found


def _count(groups: ByState, state: BuildState) -> int:
    return groups[state].count if state in groups else 0


def _median(groups: ByState) -> float | None:
    good = groups.get(BuildState.SUCCESS)
    return good.median_ms if good else None


def _with_median(projects: Sequence[ProjectFigures]) -> list[ProjectFigures]:
    return [one for one in projects if one.median_ms is not None]


def _slowness(one: ProjectFigures) -> tuple[float, int]:
    return one.median_ms or 0.0, -one.project_id


def _with_failure(projects: Sequence[ProjectFigures]) -> list[ProjectFigures]:
    return [one for one in projects if one.failed]


def _failures(one: ProjectFigures) -> tuple[int, float, int]:
    return one.failed, -(one.success_rate or 0.0), -one.project_id


async def _flaky(
    session: AsyncSession,
    repository: StatisticsRepository,
    days: LocalDays,
    project_id: int | None,
) -> tuple[FlakyProject, ...]:
    found = await flaky.signs(session, days.start, project_id)
    worst = heapq.nlargest(TOP, found, key=lambda one: (one[1] + one[2], one[3]))
    names = await repository.names([project for project, *_rest in worst])
    return tuple(
        FlakyProject(project, names.get(project, ""), snapshots, retries, last_at)
        for project, snapshots, retries, last_at in worst
    )


async def _trend(repository: StatisticsRepository, project_id: int) -> tuple[TrendPoint, ...]:
    builds = list(reversed(await repository.trend(project_id, TREND_BUILDS)))
    if not builds:
        return ()
    before = await repository.successes_before(project_id, builds[0].number, SUCCESSES)
    return trend.points(builds, before)


async def _build(builds: BuildRepository, build_id: int) -> BuildRow:
    found = await builds.find(build_id)
    if found is None:
        raise NotFoundError(
            _("This build is gone."), hint=_("It may have been deleted with its project.")
        )
    return found


async def _comparison(
    repository: StatisticsRepository, first: BuildRow, second: BuildRow
) -> Comparison:
    new, gone, same = comparing.problems(
        await repository.problems(first.id),
        await repository.problems(second.id),
        (first.directory, second.directory),
    )
    return Comparison(
        first=first,
        second=second,
        fields=comparing.fields(first, second),
        variables=comparing.variables(first, second),
        new=tuple(new[:MOST_PROBLEMS]),
        gone=tuple(gone[:MOST_PROBLEMS]),
        new_total=len(new),
        gone_total=len(gone),
        problems_same=same,
        problems_known=first.problems is not None and second.problems is not None,
        artifacts=comparing.artifacts(
            await repository.artifacts(first.id), await repository.artifacts(second.id)
        ),
        first_samples=await _samples(repository, first.id),
        second_samples=await _samples(repository, second.id),
    )


async def _samples(
    repository: StatisticsRepository, build_id: int
) -> tuple[BuildSampleRow, ...]:
    return tuple(
        BuildSampleRow(row.offset_ms, row.cpu, row.memory, row.processes)
        for row in await repository.samples(build_id)
    )
