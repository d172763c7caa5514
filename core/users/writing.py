"""Stores new and edited people, each in one unit of work."""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError

from core.database.database import Database
from core.database.fields.emails import email_key
from core.database.fields.names import username_key
from core.database.fields.times import utc_now
from core.database.unit_of_work import UnitOfWork
from core.security.actors import Actor, Role
from core.security.operations import Operation
from core.translation import _
from core.users import changes
from core.users.bulk import ENDED_WHY
from core.users.notes import Notes
from core.users.repository import UserRepository
from core.users.rows import as_row
from core.users.schemas import (
    SESSIONS_TOPIC,
    TOPIC,
    BulkKind,
    RefusedRow,
    RowsRefusedError,
    UserConflictError,
    UserCreate,
    UserDetails,
    UserEdit,
    UserProfile,
    UserRow,
)

HashPassword = Callable[[UserCreate], Awaitable[str]]
Values = dict[str, object]


class Writer:
    """Stores people; it validates and seals before it takes the write lock.

    Args:
        hash_password: Returns what is stored of a new person's password; raises
            ``ValidationError`` for one that is not good enough.
    """

    def __init__(self, database: Database, notes: Notes, hash_password: HashPassword) -> None:
        self._database = database
        self._notes = notes
        self._hash_password = hash_password

    async def create(self, actor: Actor, data: UserCreate) -> UserDetails:
        """Store a new person.

        Raises:
            ValidationError: A field cannot be taken; the error names it.
        """
        values = await self._new(data)
        async with self._database.unit_of_work() as unit:
            repository = UserRepository(unit.session)
            try:
                user_id = await repository.add(values)
            except IntegrityError:
                raise await _taken(repository, data) from None
            unit.changed(TOPIC)
            told = changes.told_of_new(data)
            unit.record(changes.deed(actor, Operation.USERS_CREATE, values, told))
            await unit.commit()
        return UserDetails(as_row({**values, **_derived(values), "id": user_id}), data.note)

    async def create_many(self, actor: Actor, data: Sequence[UserCreate]) -> tuple[int, ...]:
        """Store new people, all or none, and return their ids in the same order.

        Raises:
            RowsRefusedError: Some fields cannot be taken; it names the rows and fields.
        """
        refuse(_twice(data))
        rows = [await self._new(one) for one in data]
        deeds = [
            changes.deed(actor, Operation.USERS_CREATE, row, changes.told_of_new(one))
            for one, row in zip(data, rows, strict=True)
        ]
        async with self._database.unit_of_work() as unit:
            repository = UserRepository(unit.session)
            await _refuse_taken(repository, data)
            ids = await repository.add_many(rows)
            unit.changed(TOPIC)
            unit.record(*deeds)
            await unit.commit()
        return ids

    async def edit(
        self, actor: Actor, user_id: int, version: int, data: UserProfile,
        operation: Operation, base: UserDetails | None,
    ) -> UserDetails:  # fmt: skip
        """Change a person who is still at ``version``.

        Raises:
            ValidationError: A field cannot be taken; the error names it.
            UserConflictError: Somebody else changed the person in the meantime.
            ConflictError: The last administrator would lose the rights.
            NotFoundError: The person is gone, or lies in the bin.
        """
        values, note = await self._edited(user_id, data)
        conflict: Mapping[Any, Any] | None = None
        async with self._database.unit_of_work() as unit:
            repository = UserRepository(unit.session)
            stored = await repository.find(user_id)
            if stored is None or stored["deleted_at"] is not None:
                raise changes.gone()
            if stored["version"] == version:
                row = await self._change(unit, actor, dict(stored), values, data, operation)
            else:
                conflict = dict(stored)
        if conflict is not None:
            whole = isinstance(data, UserEdit)
            theirs = await self.details(conflict) if whole else UserDetails(as_row(conflict))
            raise UserConflictError(version, theirs, changes.differing(base, data, theirs))
        return UserDetails(row, note)

    async def details(self, stored: Mapping[Any, Any]) -> UserDetails:
        """Return a person with the opened note, or why it cannot be opened."""
        note, problem = await self._notes.open(stored["note"], stored["uid"])
        return UserDetails(as_row(stored), note, problem)

    async def _change(
        self, unit: UnitOfWork, actor: Actor, stored: dict[str, Any], values: Values,
        data: UserProfile, operation: Operation,
    ) -> UserRow:  # fmt: skip
        repository = UserRepository(unit.session)
        before = as_row(stored)
        merged = {**stored, **values, "version": before.version + 1}
        after = as_row({**merged, **_derived(merged)})
        await _check_rights(repository, actor, before, after)
        try:
            await repository.change(before.id, before.version, values)
        except IntegrityError:
            raise await _taken(repository, data, own=before.id) from None
        unit.changed(TOPIC)
        if (before.role, before.active) != (after.role, after.active):
            unit.changed(SESSIONS_TOPIC)
        if before.active and not after.active:
            why = ENDED_WHY[BulkKind.DEACTIVATE]
            await repository.end_sessions([before.id], why, after.updated_at)
        told = changes.told_of_edit(before, after, note="note" in values)
        unit.record(changes.deed(actor, operation, before, told))
        await unit.commit()
        return after

    async def _new(self, data: UserCreate) -> Values:
        uid, now = str(uuid.uuid4()), utc_now()
        hashed = None if data.password is None else await self._hash_password(data)
        return {
            **changes.user_values(data),
            "uid": uid,
            "version": 1,
            "note": await self._notes.seal(data.note, uid),
            "password_hash": hashed,
            "password_changed_at": None if hashed is None else now,
            "must_change_password": hashed is not None and data.must_change_password,
            "totp_secret": None,
            "recovery_codes": [],
            "last_sign_in_at": None,
            "last_active_at": None,
            "created_at": now,
            "updated_at": now,
            "deleted_at": None,
        }

    async def _edited(self, user_id: int, data: UserProfile) -> tuple[Values, str | None]:
        """Return the new columns and the note; the note of a profile is not touched."""
        if not isinstance(data, UserEdit):
            return {**changes.profile_values(data), "updated_at": utc_now()}, None
        values = {**changes.user_values(data), "updated_at": utc_now()}
        async with self._database.read() as session:
            stored = await UserRepository(session).find(user_id)
        if stored is None:
            raise changes.gone()
        note, problem = await self._notes.open(stored["note"], stored["uid"])
        if data.note is None or (data.note or None) == note:
            return values, note
        if problem:
            raise changes.not_saved({"note": problem})
        values["note"] = await self._notes.seal(data.note, stored["uid"])
        return values, data.note or None


def refuse(refused: Sequence[RefusedRow]) -> None:
    """Raise what is wrong with rows, if anything is.

    Raises:
        RowsRefusedError: There are refused rows.
    """
    if refused:
        raise RowsRefusedError(tuple(refused))


def _derived(values: Mapping[str, object]) -> Values:
    """Return the columns of a row that are made of others, where nothing was built yet."""
    return {
        "has_note": values["note"] is not None,
        "has_password": values.get("password_hash") is not None or values.get("has_password"),
        "second_factor": values.get("second_factor", False),
        "builds": values.get("builds", 0),
    }


def _twice(data: Sequence[UserCreate]) -> list[RefusedRow]:
    """Return the rows that have a name or address of an earlier one."""
    names: dict[str, int] = {}
    emails: dict[str, int] = {}
    refused = []
    for row, one in enumerate(data):
        first = names.setdefault(username_key(one.username), row)
        if first != row:
            text = _("Row {row} has this user name, too.").format(row=first + 1)
            refused.append(RefusedRow(row, "username", text))
        if one.email and (first := emails.setdefault(email_key(one.email), row)) != row:
            text = _("Row {row} has this e-mail address, too.").format(row=first + 1)
            refused.append(RefusedRow(row, "email", text))
    return refused


async def _refuse_taken(repository: UserRepository, data: Sequence[UserCreate]) -> None:
    held = await repository.taken(
        [username_key(one.username) for one in data],
        [email_key(one.email) for one in data if one.email],
    )
    if not any(held):
        return
    refuse(
        [
            RefusedRow(row, field, message)
            for row, one in enumerate(data)
            for field, message in changes.taken_fields(held, one).items()
        ]
    )


async def _taken(
    repository: UserRepository, data: UserProfile, own: int | None = None
) -> Exception:
    """Return the error of a name or address that is somebody's; the write lock is held."""
    names = [username_key(data.username)] if isinstance(data, UserEdit) else []
    emails = [email_key(data.email)] if data.email else []
    held = await repository.taken(names, emails, own=own)
    return changes.not_saved(changes.taken_fields(held, data))


async def _check_rights(
    repository: UserRepository, actor: Actor, before: UserRow, after: UserRow
) -> None:
    """Keep one administrator who can sign in; the write lock is held, so it stays true."""
    if before.active and not after.active and before.id == actor.user_id:
        raise changes.not_saved({"active": _("You cannot deactivate yourself.")})
    managed = before.role is Role.ADMINISTRATOR and before.active and before.has_password
    manages = after.role is Role.ADMINISTRATOR and after.active
    if managed and not manages and not await repository.others_manage([before.id]):
        raise changes.last_administrator(before.username)
