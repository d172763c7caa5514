"""The questions of the insights, as statements."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    String,
    exists,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.tables import table_of
from core.users.repository import ACTIVITY, BUILD, USER
from core.users.segments import segment_of
from core.users.tables import UserTag

_TAG = table_of(UserTag)
_NOT_IN_BIN = USER.c.deleted_at.is_(None)
_IN_BIN = USER.c.deleted_at.is_not(None)


class InsightsRepository:
    """What one session can tell of people; every statement ends when it is cancelled."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def states(self, new_since: datetime) -> dict[str, int]:
        """Return how many people are active, inactive, in the bin and new."""
        query = select(
            func.count().filter(USER.c.active, _NOT_IN_BIN).label("active"),
            func.count().filter(~USER.c.active, _NOT_IN_BIN).label("inactive"),
            func.count().filter(_IN_BIN).label("in_bin"),
            func.count().filter(USER.c.created_at >= new_since, _NOT_IN_BIN).label("new"),
        )
        row = (await self._session.execute(query)).one()
        return dict(row._mapping)

    async def by_role(self) -> Sequence[tuple[str, int]]:
        """Return each role with how many have it."""
        query = select(USER.c.role, func.count()).where(_NOT_IN_BIN).group_by(USER.c.role)
        return await self._pairs(query)

    async def by_tag(self, limit: int) -> Sequence[tuple[str, int]]:
        """Return the commonest tags with how many have them.

        All are counted along the index, and those of people in the bin, who are few, taken
        off: to look at the row of each person would take ten times as long.
        """
        binned = (
            select(_TAG.c.tag, func.count().label("people"))
            .where(_TAG.c.user_id.in_(_binned()))
            .group_by(_TAG.c.tag)
            .cte("binned")
        )
        every = (
            select(_TAG.c.tag, func.count().label("people")).group_by(_TAG.c.tag).cte("every")
        )
        people = every.c.people - func.coalesce(binned.c.people, 0)
        query = (
            select(every.c.tag, people)
            .select_from(every.outerjoin(binned, binned.c.tag == every.c.tag))
            .where(people > 0)
            .order_by(people.desc(), every.c.tag)
            .limit(limit)
        )
        return await self._pairs(query)

    async def active_since(self, moment: datetime) -> int:
        """Return how many people were last active then or later."""
        query = (
            select(func.count())
            .select_from(USER)
            .where(USER.c.last_active_at >= moment, USER.c.id.not_in(_binned()))
        )
        return int((await self._session.execute(query)).scalar_one())

    async def never_built(self) -> int:
        """Return how many people asked for no build."""
        asked = exists().where(BUILD.c.requested_by_uid == USER.c.uid)
        query = select(func.count()).select_from(USER).where(_NOT_IN_BIN, ~asked)
        return int((await self._session.execute(query)).scalar_one())

    async def top(
        self, *, by_time: bool, since: datetime | None, limit: int
    ) -> Sequence[tuple[Any, ...]]:
        """Return who asked for the most builds, or for those that ran longest in all."""
        builds = func.count().label("builds")
        duration = func.coalesce(func.sum(BUILD.c.duration_ms), 0).label("duration_ms")
        asked = (
            select(BUILD.c.requested_by_uid.label("uid"), builds, duration)
            .where(*([] if since is None else [BUILD.c.queued_at >= since]))
            .group_by(BUILD.c.requested_by_uid)
            .cte("asked")
        )
        figure = asked.c.duration_ms if by_time else asked.c.builds
        query = (
            select(
                func.rank().over(order_by=figure.desc()),
                USER.c.id,
                USER.c.username,
                USER.c.display_name,
                asked.c.builds,
                asked.c.duration_ms,
            )
            .select_from(asked.join(USER, USER.c.uid == asked.c.uid))
            .where(_NOT_IN_BIN)
            .order_by(figure.desc(), USER.c.username_key)
            .limit(limit)
        )
        return [tuple(row) for row in await self._session.execute(query)]

    async def segments(self, now: datetime) -> dict[str, int]:
        """Return how many people belong to each segment that anybody belongs to."""
        segment = segment_of(now).label("segment")
        query = select(segment, func.count()).where(_NOT_IN_BIN).group_by(segment)
        return dict(await self._pairs(query))

    async def uid_of(self, user_id: int) -> str | None:
        """Return the ``uid`` of a person, None where there is none."""
        return await self._session.scalar(select(USER.c.uid).where(USER.c.id == user_id))

    async def months(
        self, first: date, count: int, end: datetime, user: tuple[int, str] | None
    ) -> Sequence[tuple[Any, ...]]:
        """Return months with actions, people, builds, and the actions of the month before.

        Args:
            first: The first day of the first month.
            end: What comes after it does not count.
            user: Id and ``uid`` of the one person to look at; all but those in the bin else.
        """
        months = _month_series(first, count)
        acted, built = _acted(first, end, user), _built(first, end, user)
        actions = func.coalesce(acted.c.actions, 0)
        query = (
            select(
                months.c.month,
                actions,
                func.coalesce(acted.c.people, 0),
                func.coalesce(built.c.builds, 0),
                func.lag(actions).over(order_by=months.c.month),
            )
            .select_from(
                months.outerjoin(acted, acted.c.month == months.c.month).outerjoin(
                    built, built.c.month == months.c.month
                )
            )
            .order_by(months.c.month)
        )
        return [tuple(row) for row in await self._session.execute(query)]

    async def _pairs(self, query: Select[str, int]) -> list[tuple[str, int]]:
        return [(row[0], row[1]) for row in await self._session.execute(query)]


def _binned() -> Select[int]:
    return select(USER.c.id).where(_IN_BIN)


def _month_series(first: date, count: int) -> CTE:
    start = select(
        literal(first.strftime("%Y-%m")).label("month"), literal(1).label("number")
    ).cte("months", recursive=True)
    following = func.strftime("%Y-%m", start.c.month + "-01", "+1 month")
    return start.union_all(select(following, start.c.number + 1).where(start.c.number < count))


def _acted(first: date, end: datetime, user: tuple[int, str] | None) -> CTE:
    own = ACTIVITY.c.user_id
    who = own.not_in(_binned()) if user is None else own == user[0]
    month = _month_of(ACTIVITY.c.at)
    return (
        select(
            month,
            func.count().label("actions"),
            func.count(own.distinct()).label("people"),
        )
        .where(ACTIVITY.c.at >= _midnight(first), ACTIVITY.c.at < end, who)
        .group_by(month)
        .cte("acted")
    )


def _built(first: date, end: datetime, user: tuple[int, str] | None) -> CTE:
    month = _month_of(BUILD.c.queued_at)
    query = (
        select(month, func.count().label("builds"))
        .where(BUILD.c.queued_at >= _midnight(first), BUILD.c.queued_at < end)
        .group_by(month)
    )
    if user is not None:
        query = query.where(BUILD.c.requested_by_uid == user[1])
    return query.cte("built")


def _month_of(moment: ColumnElement[datetime]) -> ColumnElement[str]:
    return func.substr(type_coerce(moment, String()), 1, 7).label("month")


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
