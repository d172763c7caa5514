"""Keeps people: who they are, what they may do, and what becomes of them."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from core.database.database import Database
from core.database.fields.names import username_key
from core.database.fields.times import utc_now
from core.database.query.listing import Count
from core.database.query.schemas import FieldDescription, ListQuery, Page, PageStart, Slice
from core.database.unit_of_work import UnitOfWork
from core.errors import ConflictError, PermissionDeniedError
from core.progress import Progress
from core.security.actors import Actor
from core.security.operations import Operation, may
from core.security.permissions import Gate, permitted
from core.translation import _
from core.users import bulk, changes
from core.users.erasing import Eraser
from core.users.listing import contact_fields_in, listing, not_in_bin, with_whole_order
from core.users.masking import masked
from core.users.repository import UserRepository
from core.users.rows import as_row
from core.users.schemas import (
    CONTACT_FIELDS,
    TOPIC,
    BulkChange,
    BulkKind,
    BulkReport,
    UserCreate,
    UserDetails,
    UserEdit,
    UserProfile,
    UserRow,
)
from core.users.writing import Writer

_SEARCHED_BY_ALL = ("username", "display_name")


class UserService:
    """The people of a workspace; the note of a person is read by administrators alone."""

    def __init__(self, database: Database, gate: Gate, writer: Writer) -> None:
        self.gate = gate
        self._database = database
        self._writer = writer
        self._eraser = Eraser(database)
        self._listing = listing()

    @permitted(Operation.USERS_READ)
    async def fields(self, actor: Actor) -> tuple[FieldDescription, ...]:
        """Return what this actor may filter and sort the list by."""
        return self._listing.describe(except_=self._hidden_from(actor))

    @permitted(Operation.USERS_READ)
    async def slice(
        self, actor: Actor, *, query: ListQuery, start: PageStart, limit: int,
        total: int | None = None,
    ) -> Slice[UserRow]:  # fmt: skip
        """Return rows of the list; people in the bin only where the query asks for them.

        Args:
            total: How many rows there are, where known: far positions are then found sooner.

        Raises:
            PermissionDeniedError: The query names a field that is masked for this actor.
            QueryError: A field, operator, value or cursor does not fit.
        """
        self._check_asked(actor, query)
        asked, limits = with_whole_order(query), self._limits(actor, query)
        async with self._database.read(snapshot=True) as session:
            found = await self._listing.slice(
                session, asked, start, limit, total=total, **limits
            )
        return dataclasses.replace(found, rows=self._shown(actor, found.rows))

    @permitted(Operation.USERS_READ)
    async def count(
        self, actor: Actor, *, query: ListQuery, at_most: int | None = None
    ) -> Count:
        """Count the rows of the list, in a read of its own that a cancellation ends.

        Args:
            at_most: Stop counting there; the count is then not exact.

        Raises:
            PermissionDeniedError: The query names a field that is masked for this actor.
            QueryError: A field, operator or value does not fit.
        """
        self._check_asked(actor, query)
        limits = self._limits(actor, query)
        async with self._database.read() as session:
            return await self._listing.count(session, query, at_most, **limits)

    @permitted(Operation.USERS_READ)
    async def page(
        self, actor: Actor, *, query: ListQuery, page: int, per_page: int
    ) -> Page[UserRow]:
        """Return a numbered page, counted from 1, with the number of all rows.

        Raises:
            PermissionDeniedError: The query names a field that is masked for this actor.
            QueryError: A field, operator or value does not fit.
        """
        total = (await self.count(actor, query=query)).value
        start = PageStart(position=(max(page, 1) - 1) * per_page)
        found = await self.slice(actor, query=query, start=start, limit=per_page, total=total)
        return Page(found.rows, total, max(page, 1), per_page, -(-total // per_page))

    @permitted(Operation.USERS_READ)
    async def get(self, actor: Actor, *, user_id: int) -> UserDetails:
        """Return one person, also from the bin.

        Raises:
            NotFoundError: The person is gone.
        """
        async with self._database.read() as session:
            stored = await UserRepository(session).find(user_id)
        return await self._details(actor, stored)

    @permitted(Operation.USERS_READ)
    async def find_by_username(self, actor: Actor, *, username: str) -> UserDetails:
        """Return the person of a user name, in whatever case it is written.

        Raises:
            NotFoundError: There is none.
        """
        async with self._database.read() as session:
            stored = await UserRepository(session).find_by_key(username_key(username))
        return await self._details(actor, stored)

    @permitted(Operation.USERS_CREATE)
    async def create(self, actor: Actor, *, data: UserCreate) -> UserDetails:
        """Store a new person.

        Raises:
            ValidationError: A field cannot be taken; the error names it.
        """
        return await self._writer.create(actor, data)

    @permitted(Operation.USERS_CREATE)
    async def create_many(self, actor: Actor, *, data: Sequence[UserCreate]) -> tuple[int, ...]:
        """Store new people, all or none, and return their ids in the same order.

        Raises:
            RowsRefusedError: Some fields cannot be taken; it names the rows and fields.
        """
        return await self._writer.create_many(actor, data)

    @permitted(Operation.USERS_EDIT)
    async def edit(
        self, actor: Actor, *, user_id: int, version: int, data: UserEdit,
        base: UserDetails | None = None,
    ) -> UserDetails:  # fmt: skip
        """Change a person who is still at ``version``.

        Args:
            base: What the edit began with; a conflict then tells who changed what.

        Raises:
            ValidationError: A field cannot be taken; the error names it.
            UserConflictError: Somebody else changed the person in the meantime.
            ConflictError: The last administrator would lose the rights.
            NotFoundError: The person is gone, or lies in the bin.
        """
        operation = Operation.USERS_EDIT
        return await self._writer.edit(actor, user_id, version, data, operation, base)

    @permitted(Operation.PROFILE_READ)
    async def profile(self, actor: Actor) -> UserDetails:
        """Return the actor's own row, nothing masked, without the note about them.

        Raises:
            ConflictError: The actor is no user of this workspace.
            NotFoundError: The actor was erased.
        """
        async with self._database.read() as session:
            stored = await UserRepository(session).find(_own_id(actor))
        if stored is None:
            raise changes.gone()
        return UserDetails(as_row(stored))

    @permitted(Operation.PROFILE_EDIT)
    async def edit_profile(
        self, actor: Actor, *, version: int, data: UserProfile, base: UserDetails | None = None
    ) -> UserDetails:
        """Change what people may change of themselves; tags and rights they may not.

        Raises:
            ValidationError: A field cannot be taken; the error names it.
            UserConflictError: Somebody else changed the person in the meantime.
            ConflictError: The actor is no user of this workspace.
        """
        names = UserProfile.model_fields
        own = UserProfile.model_construct(**{name: getattr(data, name) for name in names})
        operation = Operation.PROFILE_EDIT
        return await self._writer.edit(actor, _own_id(actor), version, own, operation, base)

    @permitted(Operation.USERS_DEACTIVATE)
    async def deactivate(self, actor: Actor, *, user_id: int) -> UserRow:
        """Let somebody sign in no more and end their sessions; errors as ``delete``."""
        return await self._change_one(actor, user_id, BulkKind.DEACTIVATE)

    @permitted(Operation.USERS_DEACTIVATE)
    async def activate(self, actor: Actor, *, user_id: int) -> UserRow:
        """Let somebody sign in again; errors as ``delete``."""
        return await self._change_one(actor, user_id, BulkKind.ACTIVATE)

    @permitted(Operation.USERS_DELETE)
    async def delete(self, actor: Actor, *, user_id: int) -> UserRow:
        """Put somebody into the bin and end their sessions.

        Raises:
            ConflictError: It is the actor, or the last administrator who can sign in.
            NotFoundError: The person is gone.
        """
        return await self._change_one(actor, user_id, BulkKind.DELETE)

    @permitted(Operation.USERS_RESTORE)
    async def restore(self, actor: Actor, *, user_id: int) -> UserRow:
        """Take somebody out of the bin; errors as ``delete``."""
        return await self._change_one(actor, user_id, BulkKind.RESTORE)

    @permitted(Operation.USERS_ERASE)
    async def erase(self, actor: Actor, *, user_id: int) -> None:
        """Erase somebody who lies in the bin, for good, as ``erasure_rule`` says.

        Raises:
            ConflictError: They do not.
            NotFoundError: They are gone already.
        """
        await self._eraser.erase(actor, user_id)

    @permitted(Operation.USERS_ERASE)
    async def erase_overdue(self, actor: Actor) -> int:
        """Erase all who lie in the bin for too long, and return how many they were."""
        return await self._eraser.erase_overdue(actor)

    @permitted(Operation.RULES_READ)
    async def keep_deleted_days(self, actor: Actor) -> int:
        """Return after how many days in the bin people are erased."""
        return await self._eraser.kept_days()

    @permitted(Operation.RULES_CHANGE)
    async def set_keep_deleted_days(self, actor: Actor, *, days: int) -> None:
        """Choose after how many days in the bin people are erased.

        Raises:
            ValidationError: It is not a number from 1 to 3,650.
        """
        await self._eraser.keep_days(actor, days)

    @permitted(Operation.USERS_EDIT)
    async def change_many(
        self, actor: Actor, *, selection: Sequence[int] | ListQuery, change: BulkChange,
        progress: Progress,
    ) -> BulkReport:  # fmt: skip
        """Change many people, in units of work of some hundreds each.

        Where it is cancelled, what was changed before stays; ``progress`` says how many.

        Raises:
            ValidationError: The change names no role, or no tag.
            QueryError: The query of the selection cannot be asked.
        """
        self.gate.require(actor, bulk.OPERATIONS[change.kind])
        checked = bulk.checked(change)
        ids = await self._selected(actor, selection)
        total = bulk.Outcome()
        for batch in bulk.batches(ids):
            total.add(await bulk.apply(self._database, actor, batch, checked))
            progress.report(total.asked / len(ids), total.in_words(len(ids)))
        return total.report()

    async def _change_one(self, actor: Actor, user_id: int, kind: BulkKind) -> UserRow:
        outcome = await bulk.apply(self._database, actor, (user_id,), BulkChange(kind))
        async with self._database.read() as session:
            stored = await UserRepository(session).find(user_id)
        if stored is None:
            raise changes.gone()
        if outcome.skipped:
            raise ConflictError(outcome.skipped[0].reason, hint=outcome.skipped[0].hint)
        return as_row(stored)

    async def _selected(self, actor: Actor, selection: Sequence[int] | ListQuery) -> list[int]:
        """Return the ids of a selection, each once, in their order."""
        if not isinstance(selection, ListQuery):
            return sorted(set(selection))
        self._check_asked(actor, selection)
        asked = ListQuery(selection.filters, selection.search)
        async with self._database.read(snapshot=True) as session:
            return await self._listing.keys(session, asked, **self._limits(actor, asked))

    async def _details(self, actor: Actor, stored: Mapping[Any, Any] | None) -> UserDetails:
        if stored is None:
            raise changes.gone()
        if may(self.gate.present(actor), Operation.USERS_READ_NOTE):
            return await self._writer.details(stored)
        return UserDetails(self._shown(actor, (as_row(stored),))[0])

    def _shown(self, actor: Actor, rows: Sequence[UserRow]) -> tuple[UserRow, ...]:
        if not self._hidden_from(actor):
            return tuple(rows)
        return tuple(row if row.id == actor.user_id else masked(row) for row in rows)

    def _hidden_from(self, actor: Actor) -> tuple[str, ...]:
        sees_all = may(self.gate.present(actor), Operation.USERS_READ_CONTACT)
        return () if sees_all else CONTACT_FIELDS

    def _limits(self, actor: Actor, query: ListQuery) -> dict[str, Any]:
        """Return what the list shows, and looks through, to this actor."""
        hidden = self._hidden_from(actor)
        return {
            "where": not_in_bin(query),
            "except_": hidden,
            "searched": _SEARCHED_BY_ALL if hidden else None,
        }

    def _check_asked(self, actor: Actor, query: ListQuery) -> None:
        """Refuse what would tell masked data by asking for it again and again."""
        named = [one for one in contact_fields_in(query) if one in self._hidden_from(actor)]
        if named:
            raise PermissionDeniedError(
                _("You may not filter or sort by the field “{field}”.").format(field=named[0]),
                detail=_("Contact data of others is shown to administrators only."),
                hint=_("Remove it from the filters, or ask an administrator."),
                details={"field": named[0]},
            )


async def record_activity(
    unit: UnitOfWork, user_id: int, kind: str, details: Mapping[str, object] | None = None
) -> None:
    """Note in a unit of work what somebody did, such as ``build_queued``."""
    await UserRepository(unit.session).record_activity(user_id, kind, details or {}, utc_now())
    unit.changed(TOPIC)


def _own_id(actor: Actor) -> int:
    if actor.user_id is None:
        raise ConflictError(
            _("You are no user of this workspace."),
            detail=_("It is open on this computer, and nobody signed in."),
            hint=_("Sign in to have a profile."),
        )
    return actor.user_id
