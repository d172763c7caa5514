"""What is asked of the core about projects alone."""

from core.projects.detection.schemas import Detected
from core.projects.removal.schemas import Consequences
from core.projects.schemas import ProjectRow
from desktop.tabs import TabContext


class ProjectCalls:
    """The calls of the service of projects, on behalf of the tab's actor.

    All raise the ``AppError`` with which the core refuses.
    """

    def __init__(self, context: TabContext) -> None:
        self._workspace, self._actor = context.workspace, context.actor

    async def detect(self, path: str) -> Detected:
        """Return what a folder tells about the project in it."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.projects.detect(actor, path=path))

    async def duplicate(self, project_id: int, name: str) -> ProjectRow:
        """Store a copy of a project under another name."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.projects.duplicate(actor, project_id=project_id, name=name)
        )

    async def set_active(self, project: ProjectRow, *, active: bool) -> ProjectRow:
        """Let builds of a project run, or no more."""
        actor, project_id, version = self._actor, project.id, project.version
        return await self._workspace.run(
            lambda w: w.projects.set_active(
                actor, project_id=project_id, version=version, active=active
            )
        )

    async def consequences(self, project_id: int) -> Consequences:
        """Return what is gone once a project is deleted."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.projects.consequences(actor, project_id=project_id)
        )
