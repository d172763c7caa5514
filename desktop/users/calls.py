"""What several sections ask of the core, each as one awaitable."""

from core.projects.schemas import ProjectRow
from core.security.actors import Role
from desktop.tabs import TabContext


class SectionCalls:
    """The calls of services, on behalf of the tab's actor.

    All raise the ``AppError`` with which the core refuses.
    """

    def __init__(self, context: TabContext) -> None:
        self._workspace, self._actor = context.workspace, context.actor

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

    async def end_session(self, uid: str) -> None:
        """End a session."""
        actor = self._actor
        await self._workspace.run(lambda w: w.sign_in.end_session(actor, uid=uid))
