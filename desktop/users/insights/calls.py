"""What the section asks of the core, each as one awaitable."""

from core.database.query.schemas import ListQuery, PageStart
from core.users.insights.schemas import (
    Month,
    PeopleCount,
    SegmentShare,
    Share,
    TopPerson,
    Totals,
)
from core.users.schemas import UserRow
from desktop.users.calls import SectionCalls

_TAGS = 10


class InsightsCalls(SectionCalls):
    """What is counted, and the people behind it."""

    async def totals(self) -> Totals:
        """Return how many people there are."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.insights.totals(actor))

    async def active_in(self, days: int) -> PeopleCount:
        """Return how many were active in the last days."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.insights.active_in(actor, days=days))

    async def never_built(self) -> PeopleCount:
        """Return how many never asked for a build."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.insights.never_built(actor))

    async def months(self, user_id: int | None) -> tuple[Month, ...]:
        """Return what was done in the last months, by all or by one person."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.insights.months(actor, user_id=user_id))

    async def segments(self) -> tuple[SegmentShare, ...]:
        """Return how many belong to each segment."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.insights.segments(actor))

    async def roles(self) -> tuple[Share, ...]:
        """Return how many have each role."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.insights.by_role(actor))

    async def tags(self) -> tuple[Share, ...]:
        """Return the commonest tags."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.insights.by_tag(actor, limit=_TAGS))

    async def top_by_builds(self) -> tuple[TopPerson, ...]:
        """Return who asked for the most builds."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.insights.top_by_builds(actor))

    async def top_by_time(self) -> tuple[TopPerson, ...]:
        """Return whose builds ran longest."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.insights.top_by_build_time(actor))

    async def find(self, text: str, limit: int) -> tuple[UserRow, ...]:
        """Return some people whom a search finds."""
        actor, query = self._actor, ListQuery(search=text)
        found = await self._workspace.run(
            lambda w: w.users.slice(actor, query=query, start=PageStart(), limit=limit)
        )
        return found.rows
