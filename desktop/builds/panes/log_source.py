"""What the pages of a build ask of its log."""

from collections.abc import Sequence
from typing import Protocol

from core.builds.schemas import BuildLog, LogGroup, LogLevel, LogMatches
from desktop.tabs import TabContext
from desktop.widgets.log_view import LogSource, Needle


class LogReading(LogSource, Protocol):
    """A log that can be searched, too."""

    async def search(self, needle: Needle) -> LogMatches:
        """Return which lines hold what is searched for.

        Raises:
            ValidationError: The expression is none.
        """
        ...

    async def lines_of(self, levels: frozenset[LogLevel]) -> Sequence[int]:
        """Return the lines of these levels, ascending."""
        ...

    async def groups(self) -> Sequence[LogGroup]:
        """Return the groups, in order."""
        ...


class BuildLogSource:
    """The log of one build, as the core has it. All raise the ``AppError`` of the core."""

    def __init__(self, context: TabContext, build_id: int) -> None:
        self._workspace, self._actor = context.workspace, context.actor
        self.build_id = build_id

    async def lines(self, first: int, count: int) -> tuple[BuildLog, ...]:
        """Return the lines ``first`` to ``first + count - 1`` that exist."""
        actor, build_id = self._actor, self.build_id
        return await self._workspace.run(
            lambda w: w.logs.lines(actor, build_id=build_id, first=first, count=count)
        )

    async def search(self, needle: Needle) -> LogMatches:
        """Return which lines hold what is searched for."""
        actor, build_id = self._actor, self.build_id
        return await self._workspace.run(
            lambda w: w.logs.search(
                actor,
                build_id=build_id,
                text=needle.text,
                regular=needle.regular,
                case=needle.case,
            )
        )

    async def lines_of(self, levels: frozenset[LogLevel]) -> tuple[int, ...]:
        """Return the lines of these levels, ascending."""
        actor, build_id = self._actor, self.build_id
        return await self._workspace.run(
            lambda w: w.logs.lines_of(actor, build_id=build_id, levels=levels)
        )

    async def groups(self) -> tuple[LogGroup, ...]:
        """Return the groups, in order."""
        actor, build_id = self._actor, self.build_id
        return await self._workspace.run(lambda w: w.logs.groups(actor, build_id=build_id))
