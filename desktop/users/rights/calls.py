"""What the section asks of the core, each as one awaitable."""

from core.database.query.schemas import (
    FieldDescription,
    Filter,
    ListQuery,
    Operator,
    PageStart,
    Slice,
)
from core.rights.schemas import RightsRow
from core.security.actors import Role
from desktop.users.calls import SectionCalls
from desktop.widgets.paged_table import Counted

_NAMED = 4


class RightsCalls(SectionCalls):
    """The list of rights, and the roles in projects."""

    async def fields(self) -> tuple[FieldDescription, ...]:
        """Return what the list may be filtered and sorted by."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.rights.fields(actor))

    async def slice(self, query: ListQuery, start: PageStart, limit: int) -> Slice[RightsRow]:
        """Return rows of the list."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.rights.slice(actor, query=query, start=start, limit=limit)
        )

    async def count(self, query: ListQuery) -> Counted:
        """Count the rows of the list."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.rights.count(actor, query=query))

    async def without_factor(self) -> tuple[int, tuple[str, ...]]:
        """Return how many active administrators have no second factor, and some names."""
        query = ListQuery(without_factor_filters())
        found = await self.slice(query, PageStart(), _NAMED)
        counted = await self.count(query)
        return counted.value, tuple(row.username for row in found.rows)


def without_factor_filters() -> tuple[Filter, ...]:
    """Return what holds of active administrators without a second factor."""
    return (
        Filter("role", Operator.EQ, Role.ADMINISTRATOR.value),
        Filter("second_factor", Operator.EQ, False),
        Filter("active", Operator.EQ, True),
    )
