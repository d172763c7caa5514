"""What the comparison of builds asks of the core."""

from collections.abc import Sequence

from core.builds.schemas import BuildRow
from core.builds.statistics.schemas import Comparison
from desktop.tabs import TabContext

_OFFERED = 50


class CompareCalls:
    """The calls of services, on behalf of the tab's actor."""

    def __init__(self, context: TabContext) -> None:
        self._workspace, self._actor = context.workspace, context.actor

    async def builds_before(self, build: BuildRow) -> Sequence[BuildRow]:
        """Return the last 50 builds of the same project before this one, the newest first."""
        actor = self._actor
        page = await self._workspace.run(
            lambda w: w.builds.list_page(
                actor, project_id=build.project_id, before=build.number, limit=_OFFERED
            )
        )
        return page.rows

    async def compare(self, first: int, second: int) -> Comparison:
        """Return how two builds differ."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.statistics.compare(actor, first=first, second=second)
        )
