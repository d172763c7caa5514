"""Erases people from the bin: by hand, and by themselves after some time."""

import asyncio
import json
import logging
from datetime import timedelta

from core.database.batches import in_batches
from core.database.database import Database
from core.database.fields.times import utc_now
from core.database.leases import Fence
from core.database.unit_of_work import UnitOfWork
from core.errors import AppError, ConflictError, ValidationError
from core.security.actors import Actor
from core.security.operations import Operation
from core.translation import _
from core.users import changes
from core.users.bulk import BATCH
from core.users.repository import UserRepository
from core.users.schemas import SESSIONS_TOPIC, TOPIC

KEPT_DAYS = 30
LONGEST_KEPT_DAYS = 3650
SETTING = "keep_deleted_days"
FIRST_AFTER_S = 20.0
EVERY_S = 24 * 3600.0

_log = logging.getLogger(__name__)


class Eraser:
    """Erases people for good, as ``schemas.erasure_rule`` says."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def erase(self, actor: Actor, user_id: int) -> None:
        """Erase somebody who lies in the bin.

        Raises:
            ConflictError: They do not.
            NotFoundError: They are gone already.
        """
        async with self._database.unit_of_work() as unit:
            repository = UserRepository(unit.session)
            stored = (await repository.some([user_id])).get(user_id)
            if stored is None:
                raise changes.gone()
            if stored["deleted_at"] is None:
                raise ConflictError(
                    _("“{name}” is not in the bin.").format(name=stored["username"]),
                    hint=_("Delete the user first; who lies in the bin can be erased."),
                )
            await repository.erase([user_id])
            unit.changed(TOPIC, SESSIONS_TOPIC)
            unit.record(changes.deed(actor, Operation.USERS_ERASE, stored))
            await unit.commit()

    async def erase_overdue(self, actor: Actor, fence: Fence | None = None) -> int:
        """Erase all who lie in the bin for too long, and return how many they were."""
        moment = utc_now() - timedelta(days=await self.kept_days())

        async def erase_some(unit: UnitOfWork) -> int:
            repository = UserRepository(unit.session)
            due = await repository.deleted_before(moment, BATCH)
            if due:
                await repository.erase([user["id"] for user in due])
                unit.changed(TOPIC, SESSIONS_TOPIC)
                told = {"after_days_in_bin": True}
                unit.record(
                    *(changes.deed(actor, Operation.USERS_ERASE, user, told) for user in due)
                )
            return len(due)

        return await in_batches(self._database, erase_some, fence=fence)

    async def keep_erasing(self, fence: Fence) -> None:
        """Erase who is overdue, soon and every day, until cancelled; a duty of the leader."""
        await asyncio.sleep(FIRST_AFTER_S)
        while True:
            try:
                erased = await self.erase_overdue(Actor.of_the_program(), fence)
                if erased:
                    _log.info("Erased %d users who lay in the bin for too long", erased)
            except AppError as error:
                _log.warning("Users in the bin were not erased: %s", error.title)
            await asyncio.sleep(EVERY_S)

    async def kept_days(self) -> int:
        """Return after how many days in the bin people are erased."""
        async with self._database.read() as session:
            stored = await UserRepository(session).setting(SETTING)
        try:
            days = json.loads(stored or "")
        except ValueError:
            return KEPT_DAYS
        return days if _is_possible(days) else KEPT_DAYS

    async def keep_days(self, actor: Actor, days: int) -> None:
        """Choose after how many days in the bin people are erased.

        Raises:
            ValidationError: It is not a number from 1 to 3,650.
        """
        if not _is_possible(days):
            text = _("Choose from 1 to {most} days.").format(most=LONGEST_KEPT_DAYS)
            raise ValidationError(_("The rule was not saved."), fields={SETTING: text})
        before = await self.kept_days()
        async with self._database.unit_of_work() as unit:
            await UserRepository(unit.session).set_setting(SETTING, json.dumps(days))
            unit.changed(TOPIC)
            unit.record(changes.rule_deed(actor, SETTING, before, days))
            await unit.commit()


def _is_possible(days: object) -> bool:
    return (
        isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= LONGEST_KEPT_DAYS
    )
