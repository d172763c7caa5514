"""What the people of a workspace do, in figures, each with the list behind it."""

from datetime import UTC, date, datetime, timedelta

from core.database.database import Database
from core.database.fields.times import utc_now
from core.database.query.schemas import Filter, ListQuery, Operator
from core.errors import NotFoundError
from core.security.actors import Actor, Role
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.translation import _
from core.users.insights.repository import InsightsRepository
from core.users.insights.schemas import (
    Month,
    PeopleCount,
    Segment,
    SegmentShare,
    Share,
    TopPerson,
    Totals,
)
from core.users.segments import LATELY_DAYS, rule_of, words_of

TOP = 10
TAGS = 20
MONTHS = 12
MOST_MONTHS = 120


class UserInsights:
    """Figures about people; those in the bin are left out but where they are named.

    On a million people each takes up to some seconds; a cancellation ends it at once.
    """

    def __init__(self, database: Database, gate: Gate) -> None:
        self.gate = gate
        self._database = database

    @permitted(Operation.USERS_INSIGHTS)
    async def totals(self, actor: Actor) -> Totals:
        """Return how many people there are, by state, and how many are new."""
        since = utc_now() - timedelta(days=LATELY_DAYS)
        async with self._database.read() as session:
            states = await InsightsRepository(session).states(since)
        return Totals(
            total=PeopleCount(states["active"] + states["inactive"], ListQuery()),
            active=PeopleCount(states["active"], _where("active", Operator.EQ, True)),
            inactive=PeopleCount(states["inactive"], _where("active", Operator.EQ, False)),
            in_bin=PeopleCount(states["in_bin"], _where("deleted", Operator.EQ, True)),
            new=PeopleCount(states["new"], _where("created_at", Operator.GTE, since)),
        )

    @permitted(Operation.USERS_INSIGHTS)
    async def by_role(self, actor: Actor) -> tuple[Share, ...]:
        """Return each role, the highest first, with how many have it."""
        async with self._database.read() as session:
            found = dict(await InsightsRepository(session).by_role())
        return tuple(
            Share(role.value, found.get(role.value, 0), _where("role", Operator.EQ, role.value))
            for role in reversed(Role)
        )

    @permitted(Operation.USERS_INSIGHTS)
    async def by_tag(self, actor: Actor, *, limit: int = TAGS) -> tuple[Share, ...]:
        """Return the commonest tags with how many have them."""
        async with self._database.read() as session:
            found = await InsightsRepository(session).by_tag(limit)
        return tuple(
            Share(tag, count, _where("tags", Operator.CONTAINS, tag)) for tag, count in found
        )

    @permitted(Operation.USERS_INSIGHTS)
    async def active_in(self, actor: Actor, *, days: int = LATELY_DAYS) -> PeopleCount:
        """Return how many people were active in the last days."""
        since = utc_now() - timedelta(days=days)
        async with self._database.read() as session:
            count = await InsightsRepository(session).active_since(since)
        return PeopleCount(count, _where("last_active_at", Operator.GTE, since))

    @permitted(Operation.USERS_INSIGHTS)
    async def never_built(self, actor: Actor) -> PeopleCount:
        """Return how many people never asked for a build."""
        async with self._database.read() as session:
            count = await InsightsRepository(session).never_built()
        return PeopleCount(count, _where("builds", Operator.EQ, False))

    @permitted(Operation.USERS_INSIGHTS)
    async def top_by_builds(
        self, actor: Actor, *, limit: int = TOP, days: int | None = None
    ) -> tuple[TopPerson, ...]:
        """Return who asked for the most builds, ever or in the last days."""
        return await self._top(by_time=False, limit=limit, days=days)

    @permitted(Operation.USERS_INSIGHTS)
    async def top_by_build_time(
        self, actor: Actor, *, limit: int = TOP, days: int | None = None
    ) -> tuple[TopPerson, ...]:
        """Return whose builds ran longest in all, ever or in the last days."""
        return await self._top(by_time=True, limit=limit, days=days)

    @permitted(Operation.USERS_INSIGHTS)
    async def months(
        self, actor: Actor, *, count: int = MONTHS, user_id: int | None = None
    ) -> tuple[Month, ...]:
        """Return the last months, the present one as the last, without gaps.

        Args:
            user_id: Only what this person did.

        Raises:
            NotFoundError: There is no such person.
        """
        now = utc_now()
        count = min(max(count, 1), MOST_MONTHS)
        # One more, for the growth of the first.
        first = _months_before(now.date(), count)
        async with self._database.read(snapshot=True) as session:
            repository = InsightsRepository(session)
            user = None if user_id is None else (user_id, await _uid(repository, user_id))
            rows = await repository.months(first, count + 1, now, user)
        return tuple(_month(*row) for row in rows[1:])

    @permitted(Operation.USERS_INSIGHTS)
    async def segments(self, actor: Actor) -> tuple[SegmentShare, ...]:
        """Return all segments with how many belong to them; everybody belongs to one."""
        async with self._database.read() as session:
            found = await InsightsRepository(session).segments(utc_now())
        return tuple(
            SegmentShare(
                segment=segment,
                words=words_of(segment),
                rule=rule_of(segment),
                count=found.get(segment.value, 0),
                behind=_where("segment", Operator.EQ, segment.value),
            )
            for segment in Segment
        )

    async def _top(
        self, *, by_time: bool, limit: int, days: int | None
    ) -> tuple[TopPerson, ...]:
        since = None if days is None else utc_now() - timedelta(days=days)
        async with self._database.read() as session:
            rows = await InsightsRepository(session).top(
                by_time=by_time, since=since, limit=limit
            )
        return tuple(
            TopPerson(rank, user_id, username, name, builds, duration_ms, _of(username))
            for rank, user_id, username, name, builds, duration_ms in rows
        )


def growth_over(before: int | None, now: int) -> float | None:
    """Return the change against the month before; None where there was nothing."""
    return (now - before) / before if before else None


def _where(field: str, operator: Operator, value: object) -> ListQuery:
    return ListQuery((Filter(field, operator, value),))


def _of(username: str) -> ListQuery:
    return _where("username", Operator.EQ, username)


def _month(name: str, actions: int, people: int, builds: int, before: int | None) -> Month:
    first = date.fromisoformat(f"{name}-01")
    begins = datetime(first.year, first.month, 1, tzinfo=UTC)
    last = datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=UTC)
    during = (begins, last - timedelta(microseconds=1))
    return Month(
        first_day=first,
        actions=actions,
        people=people,
        builds=builds,
        growth=growth_over(before, actions),
        behind=_where("activity", Operator.BETWEEN, during),
    )


def _months_before(day: date, count: int) -> date:
    """Return the first day of the month that lies so many months back."""
    number = day.year * 12 + day.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


async def _uid(repository: InsightsRepository, user_id: int) -> str:
    uid = await repository.uid_of(user_id)
    if uid is None:
        raise NotFoundError(_("This user is gone."))
    return uid
