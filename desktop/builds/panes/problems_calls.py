"""What the page of problems asks of the core."""

import asyncio
from typing import TYPE_CHECKING

from core.builds.schemas import BuildRow, LogSummary, Problem
from desktop.builds.panes.log_source import BuildLogSource
from desktop.builds.panes.problems_editor import Place, arguments, detected, find
from desktop.tabs import TabContext

if TYPE_CHECKING:
    from core.app import Core


class ProblemsCalls:
    """Calls on behalf of the tab's actor. All raise the ``AppError`` of the core."""

    def __init__(self, context: TabContext) -> None:
        self._context = context

    def log(self, build_id: int) -> BuildLogSource:
        """Return the log of a build."""
        return BuildLogSource(self._context, build_id)

    async def problems(self, build_id: int) -> tuple[Problem, ...]:
        """Return what was found in the log of a build."""
        actor = self._context.actor
        return await self._context.workspace.run(
            lambda w: w.logs.problems(actor, build_id=build_id)
        )

    async def summary(self, build_id: int) -> LogSummary:
        """Return how much log a build has."""
        actor = self._context.actor
        return await self._context.workspace.run(
            lambda w: w.logs.summary(actor, build_id=build_id)
        )

    async def find(self, build: BuildRow, problem: Problem) -> tuple[Place, list[str]]:
        """Return where a problem is, and the command of the editor that opens it.

        The command is empty where no editor is named in the settings and none is known here.
        """

        async def look(core: "Core") -> tuple[Place, list[str]]:
            return await asyncio.to_thread(
                _look, build.directory, problem, core.settings.current.editor_command
            )

        return await self._context.workspace.core.run(look)


def _look(directory: str, problem: Problem, command: str) -> tuple[Place, list[str]]:
    place = find(directory, problem.file, problem.row, problem.column)
    return place, arguments(command.strip() or detected(), place)
