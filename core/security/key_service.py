"""What can be asked of the keys: where they lie, a new one, taking them elsewhere."""

import asyncio
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.completion import to_the_end
from core.errors import AppError, ConflictError
from core.files import create_atomically, write_atomically
from core.paths import real
from core.security.actors import Actor
from core.security.keys import transfer
from core.security.keys.errors import KeyStoreError
from core.security.keys.transfer import KeyTransferError
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.security.schemas import KeyInfo, KeyStatus
from core.security.sealing import Sealer
from core.security.system_keyring import AT_ONCE_S, PATIENT_S, KeyringUnavailableError
from core.settings import KeyStorage
from core.translation import _

_FIXED_BY = "BUILDBENCH_KEY_STORAGE"
_WORKSPACE_SUFFIX = ".buildbench"

_log = logging.getLogger(__name__)


class KeyService:
    """The keys of the person at this computer.

    Args:
        sealer: Seals with them.
        gate: Who is let through; of a workspace, or one for this computer.
    """

    def __init__(self, sealer: Sealer, gate: Gate) -> None:
        self.gate = gate
        self._sealer = sealer
        self._keys = sealer.keys

    @permitted(Operation.KEYS_READ)
    async def status(self, actor: Actor) -> KeyStatus:
        """Return where the keys lie and which there are; what cannot be read is said in it."""
        return await asyncio.to_thread(self._status)

    @permitted(Operation.KEYS_EXPORT)
    async def export(
        self,
        actor: Actor,
        *,
        target: Path,
        passphrase: str,
        replace: bool = False,
    ) -> int:
        """Write all keys into a file that the passphrase protects; return how many.

        Args:
            actor: On whose behalf.
            target: The file; its owner alone may read it.
            passphrase: At least twelve characters.
            replace: Whether a file that is there may be replaced.

        Raises:
            ValidationError: The passphrase is too short.
            KeyTransferError: The file lies in the folder of a workspace, is there already, or
                cannot be written; or there are no keys.
            KeyStoreError: The keys cannot be read.
        """
        transfer.check_passphrase(passphrase)
        count = await asyncio.to_thread(self._export, target, passphrase, replace)
        await self._record(actor, Operation.KEYS_EXPORT, {"exported": count})
        return count

    @permitted(Operation.KEYS_EXPORT)
    async def import_from(self, actor: Actor, *, source: Path, passphrase: str) -> int:
        """Keep the keys of a file that are not here yet, and return how many those are.

        No key that is here is replaced, and the one that seals goes on sealing.

        Raises:
            KeyTransferError: The file cannot be read as keys, or not with this passphrase.
            KeyConsentNeededError: There is no keyring, and no consent to a file.
            KeyStoreError: They could not be kept.
        """
        count = await to_the_end(asyncio.to_thread(self._import, source, passphrase))
        await self._record(actor, Operation.KEYS_EXPORT, {"imported": count})
        return count

    @permitted(Operation.KEYS_EXPORT)
    async def move(self, actor: Actor, *, target: KeyStorage) -> None:
        """Take all keys to the keyring or to the file, and make new ones there.

        They are removed from where they were once they can be read where they are to be.

        Raises:
            KeyStoreError: They are where they were.
            ConflictError: The environment says where they lie.
        """
        if _FIXED_BY in os.environ:
            raise ConflictError(
                _("The keys cannot be moved."),
                detail=_("The environment variable {name} says where they lie.").format(
                    name=_FIXED_BY
                ),
                hint=_("Start Buildbench without it."),
            )
        await to_the_end(asyncio.to_thread(self._keys.move, target))
        await self._record(actor, Operation.KEYS_EXPORT, {"moved_to": target.value})

    async def _record(
        self, actor: Actor, operation: Operation, changes: Mapping[str, object]
    ) -> None:
        """Tell the log who did what; a workspace has an audit trail besides."""
        _log.info("%s: %s %s", actor.user, operation.key, dict(changes))

    def _status(self) -> KeyStatus:
        problem = keyring_problem = ""
        home: KeyStorage | None = None
        keys: tuple[KeyInfo, ...] = ()
        try:
            self._keys.in_keyring.keyring.check(wait_s=AT_ONCE_S)
        except KeyringUnavailableError as error:
            keyring_problem = error.detail
        try:
            held = self._keys.held(wait_s=PATIENT_S, anew=True)
        except KeyStoreError as error:
            problem = error.as_text()
        else:
            home = held.home
            seals = held.at_home[-1:]
            keys = tuple(
                KeyInfo(key.id, key.made_at, key in seals, key.genuine)
                for key in reversed(held.keys)
            )
            if held.problem is not None and home is not None:
                problem = held.problem.as_text()
        file = self._keys.file
        return KeyStatus(
            home=home,
            file=file.path,
            file_exists=file.exists(),
            keyring_problem=keyring_problem,
            problem=problem,
            was_exposed=file.was_exposed,
            fixed=_FIXED_BY in os.environ,
            keys=keys,
        )

    def _export(self, target: Path, passphrase: str, replace: bool) -> int:
        _refuse_workspaces(target)
        keys = tuple(key for key in self._keys.held(wait_s=PATIENT_S).keys if key.genuine)
        if not keys:
            raise KeyTransferError(
                _("There are no keys yet."), hint=_("The first secret makes one.")
            )
        content = transfer.pack(keys, passphrase)
        try:
            (write_atomically if replace else create_atomically)(target, content)
        except OSError as error:
            raise KeyTransferError(
                _("The keys were not exported."),
                detail=f"{target}: {error.strerror or error}",
                hint=_("Choose another folder or name."),
            ) from error
        return len(keys)

    def _import(self, source: Path, passphrase: str) -> int:
        try:
            with source.open("rb") as file:
                content = file.read(transfer.LARGEST_FILE)
        except OSError as error:
            raise KeyTransferError(
                _("The file cannot be read."),
                detail=f"{source}: {error.strerror or error}",
                hint=_("Choose the file that “Export” wrote."),
            ) from error
        return self._keys.take(transfer.unpack(content, passphrase))


def _refuse_workspaces(target: Path) -> None:
    """Keep keys out of folders of workspaces: who takes one along must not get both.

    Raises:
        KeyTransferError: The file would lie in such a folder, or beside a workspace.
    """
    for folder in _folders_above(target):
        if folder.name.endswith(_WORKSPACE_SUFFIX):
            raise _beside_workspace(folder)
    beside = real(target).parent
    try:
        found = next(beside.glob("*" + _WORKSPACE_SUFFIX), None)
    except OSError:
        return  # writing will say why it cannot be reached
    if found is not None:
        raise _beside_workspace(found)


def _folders_above(target: Path) -> Iterator[Path]:
    yield from target.absolute().parents
    yield from real(target).parents


def _beside_workspace(folder: Path) -> AppError:
    return KeyTransferError(
        _("Keys are not written beside a workspace."),
        detail=_("Whoever gets the folder with “{name}” would get its keys as well.").format(
            name=folder.name
        ),
        hint=_("Choose another folder, best on another disk."),
    )
