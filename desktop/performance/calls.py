"""How pages ask the core: each call as one awaitable, on behalf of the tab's actor."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from core.security.actors import Actor
from core.security.operations import Operation, may
from core.translation import _
from desktop.tabs import TabContext

if TYPE_CHECKING:
    from core.performance.service import Performance

T = TypeVar("T")


class PageCalls:
    """The calls of services; all raise the ``AppError`` with which the core refuses."""

    def __init__(self, context: TabContext) -> None:
        self._workspace, self._actor = context.workspace, context.actor

    async def ask(self, call: "Callable[[Performance, Actor], Awaitable[T]]") -> T:
        """Await a call of the services of performance."""
        actor = self._actor
        return await self._workspace.run(lambda w: call(w.performance, actor))

    def refusal(self, operation: Operation) -> str:
        """Return why something may not be done, in words; empty where it may."""
        if may(self._actor, operation):
            return ""
        return _("This needs the role {role}.").format(role=_role_words(operation))


def _role_words(operation: Operation) -> str:
    words = {"viewer": _("viewer"), "operator": _("operator")}
    return words.get(operation.role.value, _("administrator"))
