"""What the section of the rules for builds asks of the core."""

from collections.abc import Callable

from core.builds.rules.schemas import BuildRules
from core.security.actors import Actor
from core.security.operations import Operation, may
from core.translation import _
from desktop.core_thread import WorkspaceClient

Opened = tuple[WorkspaceClient, Actor]


class RulesCalls:
    """The rules of the workspace that was open when the settings were, and who acts in it.

    Args:
        opened: The workspace with projects, and the actor.
    """

    def __init__(self, opened: Opened) -> None:
        self._client, self._actor = opened

    @property
    def workspace(self) -> str:
        """The name of the workspace."""
        return self._client.info.name

    @property
    def refusal(self) -> str:
        """Why nothing can be changed, in words; empty where it can."""
        if self._client.info.read_only:
            return _("This workspace is open for reading only.")
        if not may(self._actor, Operation.BUILD_RULES_CHANGE):
            return _("Only administrators may change this.")
        return ""

    async def read(self) -> BuildRules:
        """Return the rules in force."""
        return await self._client.run(lambda w: w.build_rules.read(self._actor))

    async def change(self, changed: Callable[[BuildRules], BuildRules]) -> BuildRules:
        """Put in force what becomes of the rules as they are now."""
        rules = changed(await self.read())
        return await self._client.run(lambda w: w.build_rules.change(self._actor, rules=rules))
