"""What is asked of the core about triggers."""

from datetime import datetime

from core.triggers.schemas import TriggerCreate, TriggerRow
from desktop.tabs import TabContext


class TriggerCalls:
    """The calls of the service of triggers for one project, on behalf of the tab's actor.

    All raise the ``AppError`` with which the core refuses.
    """

    def __init__(self, context: TabContext, project_id: int) -> None:
        self._workspace, self._actor = context.workspace, context.actor
        self._project_id = project_id

    async def list_all(self) -> tuple[TriggerRow, ...]:
        """Return the triggers of the project, the oldest first."""
        actor, project_id = self._actor, self._project_id
        return await self._workspace.run(
            lambda w: w.triggers.list_of(actor, project_id=project_id)
        )

    async def preview(self, expression: str) -> tuple[datetime, ...]:
        """Return the next five times of a schedule."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.triggers.preview(actor, expression=expression, count=5)
        )

    async def save(self, trigger: TriggerRow | None, data: TriggerCreate) -> TriggerRow:
        """Store a new trigger, or change one that is still as told."""
        actor, project_id = self._actor, self._project_id
        if trigger is None:
            return await self._workspace.run(
                lambda w: w.triggers.create(actor, project_id=project_id, data=data)
            )
        return await self._workspace.run(
            lambda w: w.triggers.update(
                actor, trigger_id=trigger.id, version=trigger.version, data=data
            )
        )

    async def delete(self, trigger_id: int) -> None:
        """Remove a trigger; builds that it started stay."""
        actor = self._actor
        await self._workspace.run(lambda w: w.triggers.delete(actor, trigger_id=trigger_id))
