"""What the page of the queue asks of the core."""

from core.builds.queue.schemas import QueueOverview
from core.projects.schemas import Priority
from desktop.tabs import TabContext


class QueueCalls:
    """The calls of services, on behalf of the tab's actor.

    All raise the ``AppError`` with which the core refuses.
    """

    def __init__(self, context: TabContext) -> None:
        self._workspace, self._actor = context.workspace, context.actor

    async def overview(self) -> QueueOverview:
        """Return what runs and what waits."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.queue.overview(actor))

    async def move(self, build_id: int, before: int | None) -> None:
        """Put a waiting build before another one, or at the end."""
        actor = self._actor
        await self._workspace.run(
            lambda w: w.queue.move(actor, build_id=build_id, before=before)
        )

    async def prioritise(self, build_id: int, priority: Priority) -> None:
        """Give a waiting build another priority."""
        actor = self._actor
        await self._workspace.run(
            lambda w: w.queue.prioritise(actor, build_id=build_id, priority=priority)
        )

    async def set_paused(self, *, paused: bool) -> None:
        """Let no build start, or let them start again."""
        actor = self._actor
        if paused:
            await self._workspace.run(lambda w: w.queue.pause(actor))
        else:
            await self._workspace.run(lambda w: w.queue.resume(actor))

    async def cancel(self, build_id: int) -> None:
        """Take a waiting build out of the queue, or end a running one."""
        actor = self._actor
        await self._workspace.run(lambda w: w.builds.cancel(actor, build_id=build_id))
