"""The keys, as a workspace that is sealed with them sees them: counts and rotation."""

import asyncio
import json
from collections.abc import Mapping

from sqlalchemy import text

from core.completion import to_the_end
from core.database.audit_trail import Deed, Subject
from core.database.database import Database
from core.progress import Progress
from core.security.actors import Actor
from core.security.key_service import KeyService
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.security.rotation import Rotation, count_sealed
from core.security.schemas import RotationReport, SealedCounts
from core.security.sealing import Sealer
from core.security.system_keyring import PATIENT_S

_MARK = "key_rotation"


class WorkspaceKeys(KeyService):
    """The keys, and what is sealed with them in one workspace."""

    def __init__(self, sealer: Sealer, gate: Gate, database: Database) -> None:
        super().__init__(sealer, gate)
        self._database = database

    @permitted(Operation.KEYS_READ)
    async def counts(self, actor: Actor) -> SealedCounts:  # noqa: ARG002
        """Return how many sealed values there are, and how many under older keys."""
        held = await asyncio.to_thread(self._keys.held, wait_s=PATIENT_S)
        prefix = self._sealer.prefix() if held.at_home else ""
        async with self._database.read(snapshot=True) as session:
            return await count_sealed(session, prefix)

    @permitted(Operation.KEYS_ROTATE)
    async def rotate(
        self, actor: Actor, *, progress: Progress, new_key: bool = True
    ) -> RotationReport:
        """Make a new key and seal everything anew with it, as a job that can be cancelled.

        One that was cut off is gone on with, with the key that was made for it. Keys are
        never deleted: backups and other workspaces may need them.

        Args:
            actor: On whose behalf.
            progress: Is told how far it is.
            new_key: Otherwise the present key is taken, as after an import or a rotation
                in another workspace.

        Raises:
            KeyConsentNeededError: There is no keyring, and no consent to a file.
            KeyStoreError: The new key could not be kept; nothing was changed.
            ReadOnlyError: The workspace is open for reading.
        """
        _ = self._database.writer  # refuses what is open for reading before a key is made
        if new_key:
            await self._new_key(actor)
        report = await Rotation(self._database, self._sealer, progress).run()
        if not report.left:
            await self._mark(None)
        done = {
            "key": report.key,
            "resealed": report.resealed,
            "unreadable": report.unreadable_count,
            "left": report.left,
        }
        await self._record(actor, Operation.KEYS_ROTATE, done)
        return report

    async def _record(
        self, actor: Actor, operation: Operation, changes: Mapping[str, object]
    ) -> None:
        await super()._record(actor, operation, changes)
        if self._database.read_only:
            return
        async with self._database.unit_of_work() as unit:
            unit.record(Deed(actor, operation.key, Subject("keys", "", ""), changes))
            await unit.commit()

    async def _new_key(self, actor: Actor) -> None:
        """Make a key, unless a rotation to the present one was cut off."""
        held = await asyncio.to_thread(self._keys.held, wait_s=PATIENT_S)
        present = held.at_home[-1] if held.at_home else None
        if present is not None and present.genuine and await self._marked() == present.id:
            return
        key = await to_the_end(asyncio.to_thread(self._keys.make))
        await self._mark(key.id)
        await self._record(actor, Operation.KEYS_ROTATE, {"new_key": key.id})

    async def _marked(self) -> object:
        query = text("SELECT value FROM workspace_settings WHERE name = :name")
        async with self._database.read() as session:
            stored = await session.scalar(query, {"name": _MARK})
        try:
            return json.loads(stored or "null")
        except ValueError:
            return None

    async def _mark(self, key: str | None) -> None:
        """Note to which key a rotation is under way; None once it is at its end."""
        async with self._database.unit_of_work() as unit:
            await unit.session.execute(
                text("DELETE FROM workspace_settings WHERE name = :name"), {"name": _MARK}
            )
            if key is not None:
                await unit.session.execute(
                    text("INSERT INTO workspace_settings (name, value) VALUES (:name, :value)"),
                    {"name": _MARK, "value": json.dumps(key)},
                )
            await unit.commit()
