"""Insights: every figure against plain Python over the same people, and the list behind it."""

import asyncio
import itertools
import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, text

from core.builds.tables import Build
from core.database.database import Database
from core.database.query.schemas import ListQuery
from core.database.tables import table_of
from core.errors import NotFoundError
from core.security.actors import Actor, Role
from core.users import listing, segments
from core.users.insights import service as insights_service
from core.users.insights.schemas import Segment
from core.users.insights.service import UserInsights, growth_over
from core.users.tables import User, UserActivity
from core.workspaces.workspace import Workspace
from tests.core.running import Bench

_NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
_PEOPLE = 250
_TAGS = ("backend", "docs", "on call", "测试", "never")


@dataclass
class Known:
    """A person as the test knows them."""

    id: int
    uid: str
    username: str
    role: Role
    active: bool
    tags: list[str]
    created_at: datetime
    deleted: bool
    acted: list[datetime] = field(default_factory=list)
    built: list[tuple[datetime, int | None]] = field(default_factory=list)

    @property
    def last_active_at(self) -> datetime | None:
        return max(self.acted, default=None)


class Town:
    """People of whom everything is known, in a workspace, and its insights."""

    def __init__(self, workspace: Workspace, actor: Actor, people: list[Known]) -> None:
        self.workspace = workspace
        self.actor = actor
        self.everybody = people
        self.people = [one for one in people if not one.deleted]
        self.insights = UserInsights(workspace.database, workspace.gate)

    async def behind(self, query: ListQuery) -> int:
        """Return how many people the list behind a figure shows."""
        return (await self.workspace.users.count(self.actor, query=query)).value

    def count(self, holds: Callable[[Known], bool]) -> int:
        """Return how many people, but for the bin, something holds for."""
        return sum(map(holds, self.people))


@pytest.fixture
async def town(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Return a town whose present is ``_NOW``."""
    for module in (insights_service, listing):
        monkeypatch.setattr(module, "utc_now", lambda: _NOW)
    chance = random.Random(20)
    people = [_person(chance, number) for number in range(1, _PEOPLE + 1)]
    project = await bench.project()
    await _store(bench.workspace.database, people, project.id)
    return Town(bench.workspace, bench.actor, people)


def _person(chance: random.Random, number: int) -> Known:
    created = _ago(chance, 500)
    one = Known(
        id=number,
        uid=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        username=f"person{number}",
        role=chance.choice(list(Role)),
        active=chance.random() < 0.8,
        tags=chance.sample(_TAGS[:-1], k=chance.randrange(4)),
        created_at=created,
        deleted=chance.random() < 0.15,
    )
    if chance.random() < 0.7:
        one.acted = [
            _ago(chance, chance.choice((20, 60, 400))) for _ in range(chance.choice((1, 3, 15)))
        ]
    if chance.random() < 0.4:
        one.built = [
            (_ago(chance, chance.choice((25, 300))), chance.choice((None, 1_000, 60_000)))
            for _ in range(chance.choice((1, 4, 9)))
        ]
    return one


def _ago(chance: random.Random, days: int) -> datetime:
    # Some at the very edges of days and months.
    moment = _NOW - timedelta(seconds=chance.randrange(days * 86_400))
    return moment.replace(hour=0, minute=0, second=0) if chance.random() < 0.2 else moment


async def _store(database: Database, people: Iterable[Known], project_id: int) -> None:
    rows = list(people)
    async with database.unit_of_work() as unit:
        run = unit.session.execute
        await run(insert(table_of(User)), [_user(one) for one in rows])
        acted = [
            {"user_id": one.id, "kind": "signed_in", "at": at, "details": {}}
            for one in rows
            for at in one.acted
        ]
        await run(insert(table_of(UserActivity)), acted)
        asked = [(one, *build) for one in rows for build in one.built]
        builds = [_build(project_id, number, *build) for number, build in enumerate(asked, 1)]
        await run(insert(table_of(Build)), builds)
        await unit.commit()


def _user(one: Known) -> dict[str, object]:
    return {
        "id": one.id,
        "uid": one.uid,
        "version": 1,
        "username": one.username,
        "username_key": one.username,
        "display_name": one.username.title(),
        "role": one.role.value,
        "active": one.active,
        "preferences": {},
        "balance_minor": 0,
        "balance_currency": "EUR",
        "tags": tuple(one.tags),
        "must_change_password": False,
        "recovery_codes": [],
        "last_active_at": one.last_active_at,
        "created_at": one.created_at,
        "updated_at": one.created_at,
        "deleted_at": _NOW if one.deleted else None,
    }


def _build(
    project_id: int, number: int, one: Known, queued: datetime, duration: int | None
) -> dict[str, object]:
    return {
        "uid": str(uuid.uuid4()),
        "version": 1,
        "project_id": project_id,
        "number": number,
        "state": "success",
        "command": "true",
        "directory": "/",
        "environment": {},
        "secret_names": [],
        "grace_s": 10,
        "terminal": False,
        "message": "",
        "requested_by": one.username,
        "requested_by_uid": one.uid,
        "origin": "desktop",
        "build_metadata": {},
        "queued_at": queued,
        "created_at": queued,
        "updated_at": queued,
        "duration_ms": duration,
        **dict.fromkeys(
            ("log_lines", "log_bytes", "log_chunks", "errors", "warnings", "dropped_first",
             "dropped_lines", "dropped_bytes", "spool_segment", "spool_offset", "spool_skip"),
            0,
        ),
        "log_open": False,
    }  # fmt: skip


async def test_people_are_counted_as_plain_python_counts_them(town: Town) -> None:
    lately = _NOW - timedelta(days=30)
    totals = await town.insights.totals(town.actor)
    assert totals.total.count == len(town.people)
    assert totals.active.count == town.count(lambda one: one.active)
    assert totals.inactive.count == town.count(lambda one: not one.active)
    assert totals.in_bin.count == len(town.everybody) - len(town.people)
    assert totals.new.count == town.count(lambda one: one.created_at >= lately)
    never = await town.insights.never_built(town.actor)
    assert never.count == town.count(lambda one: not one.built)
    within = await town.insights.active_in(town.actor, days=7)
    week = _NOW - timedelta(days=7)
    assert within.count == town.count(
        lambda one: one.last_active_at is not None and one.last_active_at >= week
    )
    found = (totals.total, totals.active, totals.inactive, totals.in_bin, totals.new, never)
    for figure in (*found, within):
        assert figure.count
        assert await town.behind(figure.behind) == figure.count


async def test_roles_and_tags_are_counted_without_the_bin(town: Town) -> None:
    roles = await town.insights.by_role(town.actor)
    assert [share.name for share in roles] == ["administrator", "operator", "viewer"]
    assert {share.name: share.count for share in roles} == Counter(
        one.role.value for one in town.people
    )
    tags = await town.insights.by_tag(town.actor, limit=3)
    expected = Counter(tag for one in town.people for tag in one.tags)
    ranked = sorted(expected.items(), key=lambda item: (-item[1], item[0]))
    assert [(share.name, share.count) for share in tags] == ranked[:3]
    for share in (*roles, *tags):
        assert await town.behind(share.behind) == share.count


async def test_those_who_build_most_come_first(town: Town) -> None:
    since = _NOW - timedelta(days=100)

    def expected(*, by_time: bool, after: datetime) -> list[tuple[int, str, int, int]]:
        figures: list[tuple[str, int, int]] = []
        for one in town.people:
            built = [duration or 0 for queued, duration in one.built if queued >= after]
            if built:
                figures.append((one.username, len(built), sum(built)))

        def figure(item: tuple[str, int, int]) -> int:
            return item[2] if by_time else item[1]

        figures.sort(key=lambda item: (-figure(item), item[0]))
        ranks = [1 + sum(figure(other) > figure(item) for other in figures) for item in figures]
        return [(rank, *item) for rank, item in zip(ranks, figures, strict=True)][:12]

    for by_time, ask in (
        (False, town.insights.top_by_builds),
        (True, town.insights.top_by_build_time),
    ):
        for days, after in ((None, datetime.min.replace(tzinfo=UTC)), (100, since)):
            top = await ask(town.actor, limit=12, days=days)
            told = [(one.rank, one.username, one.builds, one.duration_ms) for one in top]
            assert told == expected(by_time=by_time, after=after)
            assert await town.behind(top[0].behind) == 1


def _months(
    acted: Iterable[tuple[int, datetime]], built: Iterable[datetime], count: int
) -> list[tuple[date, int, int, int, float | None]]:
    actions = Counter((at.year, at.month) for _who, at in acted)
    people = {(who, at.year, at.month) for who, at in acted}
    heads = Counter((year, month) for _who, year, month in people)
    builds = Counter((at.year, at.month) for at in built)
    months = []
    for back in range(count, -1, -1):
        number = _NOW.year * 12 + _NOW.month - 1 - back
        months.append((number // 12, number % 12 + 1))
    rows = []
    for before, month in itertools.pairwise(months):
        earlier, now = actions[before], actions[month]
        growth = (now - earlier) / earlier if earlier else None
        rows.append((date(*month, 1), now, heads[month], builds[month], growth))
    return rows


async def test_months_grow_as_plain_python_says(town: Town) -> None:
    """Shown to fail with the growth of the month after, and where empty months are left out."""
    acted = [(one.id, at) for one in town.people for at in one.acted]
    built = [at for one in town.everybody for at, _duration in one.built]
    months = await town.insights.months(town.actor, count=14)
    told = [(m.first_day, m.actions, m.people, m.builds, m.growth) for m in months]
    assert told == _months(acted, built, 14)
    for month in months:
        assert await town.behind(month.behind) == month.people


async def test_months_of_one_person_have_no_gaps(town: Town) -> None:
    for one in town.everybody[:40]:
        months = await town.insights.months(town.actor, count=14, user_id=one.id)
        told = [(m.first_day, m.actions, m.people, m.builds, m.growth) for m in months]
        built = [at for at, _duration in one.built]
        assert told == _months([(one.id, at) for at in one.acted], built, 14)
    with pytest.raises(NotFoundError):
        await town.insights.months(town.actor, user_id=_PEOPLE + 1)


def test_growth_over_nothing_is_not_known() -> None:
    assert growth_over(None, 3) is None
    assert growth_over(0, 3) is None
    assert growth_over(4, 3) == -0.25


async def test_everybody_is_in_one_segment_by_the_stated_rules(town: Town) -> None:
    lately, lost = _NOW - timedelta(days=30), _NOW - timedelta(days=90)

    def segment(one: Known) -> Segment:
        seen = one.last_active_at or datetime.min.replace(tzinfo=UTC)
        actions = sum(at >= lately for at in one.acted)
        builds = sum(at >= lately for at, _duration in one.built)
        if actions >= segments.POWER_ACTIONS or builds >= segments.POWER_BUILDS:
            return Segment.POWER_USER
        if one.created_at >= lately:
            return Segment.NEW
        if seen >= lately:
            return Segment.REGULAR
        return Segment.AT_RISK if seen >= lost else Segment.DORMANT

    shares = await town.insights.segments(town.actor)
    expected = Counter(map(segment, town.people))
    assert {share.segment: share.count for share in shares} == expected
    assert set(expected) == set(Segment)
    for share in shares:
        assert await town.behind(share.behind) == share.count
    assert str(segments.POWER_ACTIONS) in shares[0].rule


async def test_a_cancelled_question_ends_in_the_database(town: Town) -> None:
    """Without the interrupt the endless statement never lets go of its connection."""
    endless = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    )

    async def ask() -> None:
        async with town.workspace.database.read() as session:
            await session.execute(endless)

    for _ in range(3):
        asking = asyncio.create_task(ask())
        await asyncio.wait([asking], timeout=0.05)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert (await town.insights.totals(town.actor)).total.count == len(town.people)
