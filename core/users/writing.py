"""Stores new and edited people, each in one unit of work."""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from core.database.database import Database
from core.database.fields.emails import email_key
from core.database.fields.names import username_key
from core.database.fields.times import utc_now
from core.database.unit_of_work import UnitOfWork
from core.errors import ConflictError, NotFoundError, ValidationError
from core.security.actors import Actor, Role
from core.security.operations import Operation
from core.translation import _
from core.users import changes
from core.users.bulk import ENDED_WHY
from core.users.notes import Notes
from core.users.repository import UserRepository
from core.users.rows import as_row, in_stored_form
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
Stored = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to become of a person who was at ``version`` when that was decided."""

    user_id: int
    version: int
    data: UserProfile


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
        stored = {
            **values,
            "id": user_id,
            "has_note": values["note"] is not None,
            "has_password": values["password_hash"] is not None,
            "second_factor": False,
            "builds": 0,
        }
        return UserDetails(as_row(stored), data.note or None)

    async def create_many(self, actor: Actor, data: Sequence[UserCreate]) -> tuple[int, ...]:
        """Store new people, all or none, and return their ids in the same order.

        Raises:
            RowsRefusedError: Some fields cannot be taken; it names the rows and fields.
        """
        return await self.store_all(actor, data, ())

    async def store_all(
        self, actor: Actor, new: Sequence[UserCreate], edits: Sequence[Edit]
    ) -> tuple[int, ...]:
        """Store new and edited people, all or none, and return the ids of the new ones.

        Raises:
            RowsRefusedError: Some cannot be stored; it names the rows, counted over the new
                and then the edited ones, and the fields.
        """
        refuse(_twice(new))
        rows = [in_stored_form(await self._new(one)) for one in new]
        deeds = [
            changes.deed(actor, Operation.USERS_CREATE, row, changes.told_of_new(one))
            for one, row in zip(new, rows, strict=True)
        ]
        edited = [(one, await self._edited(one.user_id, one.data)) for one in edits]
        async with self._database.unit_of_work() as unit:
            repository = UserRepository(unit.session)
            await _refuse_taken(repository, new)
            ids = await repository.add_many(rows) if rows else ()
            for row, (one, values) in enumerate(edited, len(new)):
                await self._edit_row(unit, actor, row, one, values)
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
        values = await self._edited(user_id, data)
        edit = Edit(user_id, version, data)
        async with self._database.unit_of_work() as unit:
            stored, after = await self._edit_in(unit, actor, edit, values, operation)
            if stored["version"] == version:
                await unit.commit()
        whole = isinstance(data, UserEdit)
        if stored["version"] != version:
            theirs = await self.details(stored, whole=whole)
            raise UserConflictError(version, theirs, changes.differing(base, data, theirs))
        return await self.details(after, whole=whole)

    async def details(self, stored: Mapping[Any, Any], *, whole: bool = True) -> UserDetails:
        """Return a person; where it is the whole, with the note, or why it cannot be opened."""
        if not whole:
            return UserDetails(as_row(stored))
        note, problem = await self._notes.open(stored["note"], stored["uid"])
        return UserDetails(as_row(stored), note, problem)

    async def _edit_row(
        self, unit: UnitOfWork, actor: Actor, row: int, edit: Edit, values: Values
    ) -> None:
        """Edit one of many; what is wrong with it is told of its row."""
        operation = Operation.USERS_EDIT
        try:
            stored, _after = await self._edit_in(unit, actor, edit, values, operation)
        except ValidationError as error:
            refuse([RefusedRow(row, name, text) for name, text in error.fields.items()])
        except (ConflictError, NotFoundError) as error:
            refuse([RefusedRow(row, "", error.title)])
        else:
            if stored["version"] != edit.version:
                text = _("“{name}” was changed in the meantime.")
                refuse([RefusedRow(row, "", text.format(name=stored["username"]))])

    async def _edit_in(
        self, unit: UnitOfWork, actor: Actor, edit: Edit, values: Values, operation: Operation
    ) -> tuple[Stored, Stored]:
        """Change somebody who is still at that version; return what was, and what would be."""
        found = await UserRepository(unit.session).find(edit.user_id)
        if found is None or found["deleted_at"] is not None:
            raise changes.gone()
        stored = dict(found)
        after = {**stored, **values, "version": stored["version"] + 1}
        after["has_note"] = after["note"] is not None
        if stored["version"] == edit.version:
            before, now = as_row(stored), as_row(after)
            await self._change(unit, actor, before, now, values, edit.data, operation)
        return stored, after

    async def _change(
        self, unit: UnitOfWork, actor: Actor, before: UserRow, after: UserRow, values: Values,
        data: UserProfile, operation: Operation,
    ) -> None:  # fmt: skip
        repository = UserRepository(unit.session)
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

    async def _edited(self, user_id: int, data: UserProfile) -> Values:
        """Return the new columns; the note among them only where it is another one."""
        if not isinstance(data, UserEdit):
            return {**changes.profile_values(data), "updated_at": utc_now()}
        values = {**changes.user_values(data), "updated_at": utc_now()}
        if data.note is None:
            return values
        async with self._database.read() as session:
            stored = await UserRepository(session).find(user_id)
        if stored is None:
            raise changes.gone()
        note, problem = await self._notes.open(stored["note"], stored["uid"])
        if problem:
            raise changes.not_saved({"note": problem})
        if data.note != (note or ""):
            values["note"] = await self._notes.seal(data.note, stored["uid"])
        return values


def refuse(refused: Sequence[RefusedRow]) -> None:
    """Raise what is wrong with rows, if anything is.

    Raises:
        RowsRefusedError: There are refused rows.
    """
    if refused:
        raise RowsRefusedError(tuple(refused))


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
