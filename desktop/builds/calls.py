"""What the tab asks of the core, each as one awaitable."""

from pathlib import Path
from typing import TYPE_CHECKING

from core.builds.schemas import BuildPage, BuildRequest, BuildRow, LogSummary
from core.errors import NotFoundError
from core.projects.schemas import ProjectCreate, ProjectRow
from core.translation import _
from desktop.tabs import TabContext

if TYPE_CHECKING:
    from core.app import Core

_PAGE = 200


class Calls:
    """The calls of services, on behalf of the tab's actor.

    All raise the ``AppError`` with which the core refuses.
    """

    def __init__(self, context: TabContext) -> None:
        self._workspace, self._actor = context.workspace, context.actor

    async def projects(self) -> tuple[tuple[ProjectRow, ...], dict[int, BuildRow]]:
        """Return all projects, and by project the build of it that runs."""
        actor = self._actor
        rows = await self._workspace.run(lambda w: w.projects.list_all(actor))
        running = await self._workspace.run(lambda w: w.builds.running(actor))
        return rows, {build.project_id: build for build in running}

    async def stored(self, project_id: int) -> ProjectRow:
        """Return a project as it is stored now."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.projects.get(actor, project_id=project_id))

    async def create(self, data: ProjectCreate) -> ProjectRow:
        """Store a new project."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.projects.create(actor, data=data))

    async def update(self, project: ProjectRow, data: ProjectCreate) -> ProjectRow:
        """Change a project that is still as ``project`` tells."""
        actor, project_id, version = self._actor, project.id, project.version
        return await self._workspace.run(
            lambda w: w.projects.update(
                actor, project_id=project_id, version=version, data=data
            )
        )

    async def delete(self, project_id: int) -> None:
        """Delete a project with its builds."""
        actor = self._actor
        await self._workspace.run(lambda w: w.projects.delete(actor, project_id=project_id))

    async def queue(self, project_id: int, request: BuildRequest) -> BuildRow:
        """Queue a build."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.builds.queue(actor, project_id=project_id, request=request)
        )

    async def retry(self, build_id: int) -> BuildRow:
        """Queue what a build ran once more."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.builds.retry(actor, build_id=build_id))

    async def annotate(self, build_id: int, note: str) -> BuildRow:
        """Keep a note about a build."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.builds.annotate(actor, build_id=build_id, note=note)
        )

    async def pin(self, build_id: int, *, pinned: bool) -> BuildRow:
        """Keep log and artifacts of a build whatever is removed, or no longer."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.builds.pin(actor, build_id=build_id, pinned=pinned)
        )

    async def cancel(self, build_id: int) -> BuildRow:
        """Cancel a build."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.builds.cancel(actor, build_id=build_id))

    async def page(self, project_id: int, before: int | None = None) -> BuildPage:
        """Return 200 builds of a project with numbers below ``before``, the newest first."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.builds.list_page(
                actor, project_id=project_id, before=before, limit=_PAGE
            )
        )

    async def summary(self, build_id: int) -> LogSummary | None:
        """Return how much log a build has; None when it went with its project."""
        actor = self._actor
        try:
            return await self._workspace.run(lambda w: w.logs.summary(actor, build_id=build_id))
        except NotFoundError:
            return None

    async def save_log(self, build: BuildRow, target: Path, *, plain: bool = False) -> None:
        """Write the whole log of a build into a file, as a job that people see.

        Args:
            plain: As text without escape sequences, not as it was printed.
        """
        title = _("Saving the log of {project} #{number}").format(
            project=build.project, number=build.number
        )
        actor, workspace = self._actor, self._workspace.workspace

        async def save(core: "Core") -> int:
            return await core.jobs.run(
                title,
                lambda progress: workspace.logs.save(
                    actor, build_id=build.id, target=target, progress=progress, plain=plain
                ),
            )

        await self._workspace.core.run(save)
