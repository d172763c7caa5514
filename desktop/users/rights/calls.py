"""What the section asks of the core, each as one awaitable."""

from core.database.query.schemas import (
    FieldDescription,
    Filter,
    ListQuery,
    Operator,
    PageStart,
    Slice,
)
from core.projects.schemas import ProjectRow
from core.rights.schemas import RightsRow
from core.security.actors import Role
from desktop.tabs import TabContext
from desktop.widgets.paged_table import Counted

_NAMED = 4


class RightsCalls:
    """The calls of services, on behalf of the tab's actor.

    All raise the ``AppError`` with which the core refuses.
    """

    def __init__(self, context: TabContext) -> None:
        self._workspace, self._actor = context.workspace, context.actor

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

    async def projects(self) -> tuple[ProjectRow, ...]:
        """Return the projects of the workspace."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.projects.list_all(actor))

    async def grant(self, project_id: int, user_id: int, role: Role | None) -> None:
        """Give a person a role in one project; None takes it away."""
        actor = self._actor
        await self._workspace.run(
            lambda w: w.rights.grant(actor, project_id=project_id, user_id=user_id, role=role)
        )


def without_factor_filters() -> tuple[Filter, ...]:
    """Return what holds of active administrators without a second factor."""
    return (
        Filter("role", Operator.EQ, Role.ADMINISTRATOR.value),
        Filter("second_factor", Operator.EQ, False),
        Filter("active", Operator.EQ, True),
    )
