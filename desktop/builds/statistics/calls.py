"""What the page of statistics asks of the core."""

from core.builds.schemas import BuildRow
from core.builds.statistics.schemas import BuildStatistics, ProjectStatistics
from desktop.tabs import TabContext


class StatisticsCalls:
    """The calls of services, on behalf of the tab's actor.

    All raise the ``AppError`` with which the core refuses.
    """

    def __init__(self, context: TabContext) -> None:
        self._workspace, self._actor = context.workspace, context.actor

    async def overview(self, days: int) -> BuildStatistics:
        """Return the figures of all projects."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.statistics.overview(actor, days=days))

    async def of_project(self, project_id: int, days: int) -> ProjectStatistics:
        """Return the figures of one project."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.statistics.of_project(actor, project_id=project_id, days=days)
        )

    async def build(self, build_id: int) -> BuildRow:
        """Return one build."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.builds.get(actor, build_id=build_id))
