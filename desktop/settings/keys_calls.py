"""What the section of the keys asks of the core, each as one awaitable."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from core.security.actors import Actor, Origin
from core.security.schemas import KeyStatus, RotationReport, SealedCounts
from core.settings import KeyStorage
from core.translation import _
from desktop.core_thread import CoreClient, WorkspaceClient

if TYPE_CHECKING:
    from core.app import Core
    from core.security.key_service import KeyService

T = TypeVar("T")
Opened = tuple[WorkspaceClient, Actor]


class KeyCalls:
    """The calls of the keys, on behalf of who is in the workspace, or at the computer.

    All raise the ``AppError`` with which the core refuses.

    Args:
        opened: Returns the workspace with projects that is open, and who acts in it.
    """

    def __init__(self, core: CoreClient, opened: Callable[[], Opened | None]) -> None:
        self._core, self._opened = core, opened

    @property
    def workspace(self) -> str:
        """The name of the open workspace; empty where none is."""
        opened = self._opened()
        return opened[0].info.name if opened else ""

    @property
    def read_only(self) -> bool:
        """Whether nothing can be sealed anew in the open workspace."""
        opened = self._opened()
        return opened is None or bool(opened[0].info.read_only)

    async def status(self) -> KeyStatus:
        """Return where the keys lie and which there are."""
        return await self._ask(lambda keys, actor: keys.status(actor))

    async def counts(self) -> SealedCounts | None:
        """Return how much is sealed in the open workspace; None where none is open."""
        opened = self._opened()
        if opened is None:
            return None
        client, actor = opened
        return await client.run(lambda workspace: workspace.keys.counts(actor))

    async def rotate(self, *, new_key: bool) -> RotationReport | None:
        """Seal the open workspace anew, as a job that people see; None where none is open."""
        opened = self._opened()
        if opened is None:
            return None
        client, actor = opened
        title = _("Sealing {name} anew").format(name=client.info.name)
        workspace = client.workspace

        async def rotate(core: "Core") -> RotationReport:
            return await core.jobs.run(
                title,
                lambda progress: workspace.keys.rotate(
                    actor, progress=progress, new_key=new_key
                ),
            )

        return await self._core.run(rotate)

    async def export(self, target: Path, passphrase: str) -> int:
        """Write the keys into a file; one that is there was agreed to be replaced."""
        return await self._ask(
            lambda keys, actor: keys.export(
                actor, target=target, passphrase=passphrase, replace=True
            )
        )

    async def import_from(self, source: Path, passphrase: str) -> int:
        """Keep the keys of a file that are not here yet; return how many those are."""
        return await self._ask(
            lambda keys, actor: keys.import_from(actor, source=source, passphrase=passphrase)
        )

    async def move(self, target: KeyStorage) -> None:
        """Take the keys to the keyring or to the file."""
        await self._ask(lambda keys, actor: keys.move(actor, target=target))

    async def _ask(self, call: "Callable[[KeyService, Actor], Awaitable[T]]") -> T:
        opened = self._opened()
        if opened is not None:
            client, actor = opened
            return await client.run(lambda workspace: call(workspace.keys, actor))
        here = Actor.of_this_computer(Origin.DESKTOP)
        return await self._core.run(lambda core: call(core.keys, here))
