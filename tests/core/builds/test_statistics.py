"""Statistics: every figure against plain Python over the same builds, in three time zones."""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import mean, median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import event

from core.builds.statistics.estimates import estimate
from core.builds.statistics.periods import LocalDays
from core.builds.statistics.schemas import BuildStatistics, Figures, ProjectStatistics
from core.builds.statistics.service import BuildStatisticsService
from core.errors import NotFoundError, ValidationError
from tests.core.builds.figures import Known, invented, store
from tests.core.running import Bench

# Lord Howe puts its clock back by half an hour on the 5th of April, Berlin has put it forward
# by a whole one a week before.
_NOW = datetime(2026, 4, 8, 10, 30, tzinfo=UTC)
_DAYS = 12
_ZONES = ["UTC", "Europe/Berlin", "Australia/Lord_Howe"]


@pytest.fixture(params=_ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    """Let the clock of this computer be that of a place."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield ZoneInfo(request.param)
    monkeypatch.undo()
    time.tzset()


def figures(builds: Sequence[Known], *, now: bool = True) -> Figures:
    """Return the figures of builds, computed one by one."""
    states = Counter(one.state for one in builds)
    times = [
        one.duration_ms
        for one in builds
        if one.state in ("success", "failed") and one.duration_ms is not None
    ]
    return Figures(
        success=states["success"],
        failed=states["failed"],
        cancelled=states["cancelled"],
        running=states["running"] + states["cancelling"] if now else 0,
        waiting=states["pending"] if now else 0,
        mean_ms=mean(times) if times else None,
        largest_ms=max(times, default=None),
    )


def of_days(builds: Sequence[Known], zone: ZoneInfo, first: int, last: int) -> list[Known]:
    """Return the builds that ended from so many local days ago to so many."""
    today = _NOW.astimezone(zone).date()
    return [
        one
        for one in builds
        if one.finished_at is not None
        and last <= (today - one.finished_at.astimezone(zone).date()).days <= first
    ]


def middle(builds: Sequence[Known]) -> float | None:
    """Return the median duration of the successes."""
    times = [
        one.duration_ms
        for one in builds
        if one.state == "success" and one.duration_ms is not None
    ]
    return median(times) if times else None


def flaky(builds: Sequence[Known]) -> dict[int, tuple[int, int]]:
    """Return snapshots with both outcomes, and failures that a retry healed, by project."""
    failed = [one for one in builds if one.state == "failed" and one.reason != "lost"]
    good = [one for one in builds if one.state == "success"]
    snapshots = {snapshot(one) for one in failed} & {snapshot(one) for one in good}
    healed = {
        one.id: one.project_id
        for one in failed
        for again in good
        if again.retry_of == one.id and again.commit == one.commit
    }
    found = {}
    for project in {one.project_id for one in builds}:
        both = sum(one[0] == project for one in snapshots if one[1])
        retries = sum(own == project for own in healed.values())
        if both or retries:
            found[project] = (both, retries)
    return found


def snapshot(one: Known) -> tuple[int, str, str]:
    """Return what was built; without a commit where that says nothing."""
    return (one.project_id, "" if one.dirty else one.commit, one.command)


def judged(
    found: BuildStatistics | ProjectStatistics, builds: list[Known], zone: ZoneInfo
) -> None:
    """Hold figures against those that were computed one by one."""
    present = of_days(builds, zone, _DAYS - 1, 0)
    unfinished = [one for one in builds if one.finished_at is None]
    assert found.present == figures([*present, *unfinished])
    assert found.before == figures(of_days(builds, zone, 2 * _DAYS - 1, _DAYS), now=False)
    today = _NOW.astimezone(zone).date()
    assert [one.day for one in found.series] == [
        today - timedelta(back) for back in range(_DAYS - 1, -1, -1)
    ]
    for one in found.series:
        own = [
            build
            for build in present
            if build.finished_at and build.finished_at.astimezone(zone).date() == one.day
        ]
        states = Counter(build.state for build in own)
        assert (one.success, one.failed, one.cancelled) == (
            states["success"], states["failed"], states["cancelled"]
        )  # fmt: skip
        assert one.median_ms == middle(own)
    assert sum(one.builds for one in found.hours) == len(present)


async def test_figures_are_those_of_the_builds(bench: Bench, zone: ZoneInfo) -> None:
    """All figures, and what is slow, failing and flaky.

    Seen failing with days of 24 hours, with a median of the lower middle, with retries at
    other commits counted, and with builds that were lost held to be flaky.
    """
    projects = [(await bench.project()).id for _number in range(3)]
    statistics = BuildStatisticsService(
        bench.workspace.database, bench.workspace.gate, now=lambda: _NOW
    )
    for seed in range(4):
        chance = random.Random(seed)
        builds = invented(chance, projects, chance.randrange(250), _NOW, 2 * _DAYS + 2)
        await store(bench, builds, _NOW)
        found = await statistics.overview(bench.actor, days=_DAYS)
        judged(found, builds, zone)
        present = of_days(builds, zone, _DAYS - 1, 0)
        signs = {one.project_id: (one.snapshots, one.retries) for one in found.flaky}
        assert signs == flaky(present)
        for one in found.slowest:
            own = [build for build in present if build.project_id == one.project_id]
            assert (one.builds, one.median_ms) == (len(own), middle(own))
        assert all(
            (one.median_ms or 0) >= (other.median_ms or 0)
            for one, other in pairwise(found.slowest)
        )
        failures = Counter(one.project_id for one in present if one.state == "failed")
        assert {one.project_id: one.failed for one in found.failing} == failures
        for project in projects:
            single = await statistics.of_project(bench.actor, project_id=project, days=_DAYS)
            judged(single, [one for one in builds if one.project_id == project], zone)
            assert (single.flaky is not None) is (project in signs)


async def test_hours_are_those_of_the_local_week(bench: Bench, zone: ZoneInfo) -> None:
    """Seen failing with hours of UTC."""
    project = (await bench.project()).id
    builds = invented(random.Random(1), [project], 200, _NOW, _DAYS - 1)
    await store(bench, builds, _NOW)
    statistics = BuildStatisticsService(
        bench.workspace.database, bench.workspace.gate, now=lambda: _NOW
    )
    found = await statistics.overview(bench.actor, days=_DAYS)
    local = [one.finished_at.astimezone(zone) for one in builds if one.finished_at]
    # On the day of a change by half an hour, an hour of the week is not sure.
    sure = Counter((at.weekday(), at.hour) for at in local if at.day != 5)
    assert {(one.weekday, one.hour): one.builds for one in found.hours if one.weekday != 6} == {
        hour: count for hour, count in sure.items() if hour[0] != 6
    }


async def test_trend_shows_each_build_beside_what_was_usual(bench: Bench) -> None:
    """Seen failing with a window that began at the first point."""
    project = (await bench.project()).id
    builds = invented(random.Random(3), [project], 320, _NOW, 30)
    await store(bench, builds, _NOW)
    statistics = BuildStatisticsService(
        bench.workspace.database, bench.workspace.gate, now=lambda: _NOW
    )
    trend = (await statistics.of_project(bench.actor, project_id=project, days=30)).trend
    ended = [one for one in builds if one.finished_at]
    assert [one.number for one in trend] == [one.number for one in ended[-200:]]
    for point in trend:
        good = [
            one.duration_ms
            for one in ended
            if one.number <= point.number and one.state == "success" and one.duration_ms
        ]
        usual = estimate(good[-10:])
        assert (point.median_ms, point.late_after_ms) == (usual.median_ms, usual.late_after_ms)


@pytest.mark.parametrize("days", [0, -1, 367, True])
async def test_days_that_are_refused(bench: Bench, days: int) -> None:
    with pytest.raises(ValidationError):
        await bench.workspace.statistics.overview(bench.actor, days=days)


async def test_projects_that_are_gone(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        await bench.workspace.statistics.of_project(bench.actor, project_id=77, days=1)


async def test_no_statement_goes_through_all_builds(bench: Bench) -> None:
    """Seen failing with the days joined the other way round: 50 seconds of 100,000 builds."""
    await store(bench, [], _NOW)
    statistics = BuildStatisticsService(
        bench.workspace.database, bench.workspace.gate, now=lambda: _NOW
    )
    project = await bench.project()
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, values: Any, *_rest: object) -> None:
        asked.append((sql, values))

    reader = bench.workspace.database.reader
    event.listen(reader.sync_engine, "before_cursor_execute", note)
    await statistics.overview(bench.actor, days=30)
    await statistics.of_project(bench.actor, project_id=project.id, days=30)
    event.remove(reader.sync_engine, "before_cursor_execute", note)
    plans: list[str] = []
    async with reader.connect() as connection:
        for sql, values in asked:
            if " builds" in sql:
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
                plans += [row["detail"] for row in plan.mappings()]
    of_builds = [step for step in plans if step.startswith(("SCAN builds", "SEARCH builds"))]
    assert of_builds
    assert not [step for step in of_builds if step.startswith("SCAN")]
    assert not [step for step in of_builds if "ix_builds_finished_at (state=?)" in step]


@given(some.lists(some.none() | some.integers(0, 10**9), max_size=10))
def test_estimates_are_between_the_shortest_and_the_longest(
    durations: list[int | None],
) -> None:
    known = [one for one in durations if one is not None]
    usual = estimate(durations)
    if not known:
        assert usual.median_ms is None
        assert usual.late_after_ms is None
        return
    assert usual.median_ms == int(median(known))
    assert (usual.late_after_ms is None) is (len(known) < 3)
    if usual.late_after_ms is not None:
        assert min(known) <= usual.median_ms <= usual.late_after_ms <= max(known)
        assert usual == estimate(list(reversed(durations)))


@given(
    some.integers(631_152_000, 2_114_380_800),
    some.integers(1, 40),
    some.sampled_from(
        [ZoneInfo(name) for name in (*_ZONES, "America/Sao_Paulo", "Asia/Kathmandu")]
    ),
)
def test_local_days_leave_no_moment_out(at: int, count: int, zone: ZoneInfo) -> None:
    """Seen failing with days of 24 hours."""
    now = datetime.fromtimestamp(at, UTC)
    days = LocalDays.until(now, count, zone)
    assert days.start <= now < days.end
    assert len(days.days) == count
    assert list(days.starts) == sorted(set(days.starts))
    for day, start in zip(days.days, days.starts, strict=False):
        assert start.astimezone(zone).date() == day
        assert (start - timedelta(seconds=1)).astimezone(zone).date() < day
