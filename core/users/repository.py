"""Reads and writes people."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Label,
    RowMapping,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.tables import Build
from core.database.tables import table_of
from core.security.actors import Role
from core.sign_in.tables import UserSession
from core.users.rows import PLAIN_USER, STORED_PLAINLY, as_stored, in_stored_form
from core.users.tables import User, UserActivity

USER = table_of(User)
BUILD = table_of(Build)
_SESSION = table_of(UserSession)
ACTIVITY = table_of(UserActivity)

_NUMBERS_AT_ONCE = 10_000
_LAST_ID = text("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'users'), 0)")


def builds_of_user() -> ColumnElement[bool]:
    """Return the condition that somebody asked for a build."""
    return exists().where(BUILD.c.requested_by_uid == USER.c.uid)


def _builds() -> Label[int]:
    counted = select(func.count()).where(BUILD.c.requested_by_uid == USER.c.uid)
    return counted.scalar_subquery().label("builds")


ROW_COLUMNS: tuple[ColumnElement[Any], ...] = (
    USER.c.id,
    USER.c.uid,
    USER.c.version,
    *(as_stored(USER.c[name]) for name in STORED_PLAINLY),
    USER.c.role,
    USER.c.active,
    USER.c.note.is_not(None).label("has_note"),
    USER.c.password_hash.is_not(None).label("has_password"),
    USER.c.totp_secret.is_not(None).label("second_factor"),
    USER.c.last_sign_in_at,
    USER.c.last_active_at,
    USER.c.created_at,
    USER.c.updated_at,
    USER.c.deleted_at,
    _builds(),
)
"""What ``as_row`` needs."""

# With the values beside, these are looked up as they are in the cache of statements.
_ADD = insert(PLAIN_USER).returning(PLAIN_USER.c.id)
_CHANGE = (
    update(PLAIN_USER)
    .where(
        PLAIN_USER.c.id == bindparam("that_id"),
        PLAIN_USER.c.version == bindparam("that_version"),
    )
    .returning(PLAIN_USER.c.id)
)
_TAG = (
    update(USER)
    .where(USER.c.id == bindparam("that_id"))
    .values(
        tags=bindparam("tags"),
        updated_at=bindparam("updated_at"),
        version=USER.c.version + 1,
    )
)

_MANAGES = and_(
    USER.c.role == Role.ADMINISTRATOR.value,
    USER.c.active.is_(True),
    USER.c.deleted_at.is_(None),
    USER.c.password_hash.is_not(None),
)


class UserRepository:
    """The people of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, user_id: int) -> RowMapping | None:
        """Return ``ROW_COLUMNS`` of a person with the note; None where there is none."""
        query = select(*ROW_COLUMNS, USER.c.note).where(USER.c.id == user_id)
        return (await self._session.execute(query)).mappings().first()

    async def find_by_key(self, username_key: str) -> RowMapping | None:
        """Return a person as ``find`` does, by the caseless form of the user name."""
        query = select(*ROW_COLUMNS, USER.c.note).where(USER.c.username_key == username_key)
        return (await self._session.execute(query)).mappings().first()

    async def taken(
        self, usernames: Collection[str], emails: Collection[str], *, own: int | None = None
    ) -> tuple[dict[str, bool], dict[str, bool]]:
        """Return which caseless names and addresses others have, and who of them is deleted."""
        return (
            await self._holders(USER.c.username_key, usernames, own),
            await self._holders(USER.c.email_key, emails, own),
        )

    async def add(self, values: Mapping[str, object]) -> int:
        """Store a person and return the id.

        Raises:
            IntegrityError: The user name or e-mail address is somebody's.
        """
        return int(await self._session.scalar(_ADD, in_stored_form(values)) or 0)

    async def add_many(self, rows: Sequence[dict[str, object]]) -> tuple[int, ...]:
        """Store people in their stored form and return their ids, in the same order."""
        last = int(await self._session.scalar(_LAST_ID) or 0)
        ids = tuple(range(last + 1, last + 1 + len(rows)))
        numbered = [{**row, "id": number} for number, row in zip(ids, rows, strict=True)]
        await self._session.execute(insert(PLAIN_USER), numbered)
        return ids

    async def change(self, user_id: int, version: int, values: Mapping[str, object]) -> bool:
        """Change a person who still has this version.

        Raises:
            IntegrityError: The user name or e-mail address is somebody else's.
        """
        row = in_stored_form(values)
        row |= {"version": version + 1, "that_id": user_id, "that_version": version}
        return await self._session.scalar(_CHANGE, row) is not None

    async def ids(
        self, conditions: Sequence[ColumnElement[bool]], *, after: int, limit: int
    ) -> Sequence[int]:
        """Return ids behind one, in their order."""
        query = select(USER.c.id).where(USER.c.id > after, *conditions)
        return (await self._session.scalars(query.order_by(USER.c.id).limit(limit))).all()

    async def some(self, user_ids: Collection[int]) -> dict[int, RowMapping]:
        """Return what decides about a change of some people, by id."""
        columns = (
            USER.c.id,
            USER.c.uid,
            USER.c.username,
            USER.c.role,
            USER.c.active,
            USER.c.tags,
            USER.c.deleted_at,
            _MANAGES.label("manages"),
        )
        rows = await self._session.execute(select(*columns).where(USER.c.id.in_(user_ids)))
        return {row["id"]: row for row in rows.mappings()}

    async def change_some(self, user_ids: Collection[int], values: dict[str, object]) -> None:
        """Give some people the same new values."""
        await self._session.execute(
            update(USER)
            .where(USER.c.id.in_(user_ids))
            .values(**values, version=USER.c.version + 1)
        )

    async def set_tags(self, tags: Mapping[int, tuple[str, ...]], now: datetime) -> None:
        """Give each person other tags."""
        rows = [
            {"that_id": user_id, "tags": own, "updated_at": now}
            for user_id, own in tags.items()
        ]
        await self._session.execute(_TAG, rows)

    async def others_manage(self, user_ids: Collection[int]) -> bool:
        """Tell whether somebody else is an administrator who can sign in."""
        query = select(USER.c.id).where(_MANAGES).limit(len(user_ids) + 1)
        return bool(set((await self._session.scalars(query)).all()) - set(user_ids))

    async def end_sessions(self, user_ids: Collection[int], why: str, now: datetime) -> None:
        """End the open sessions of some people."""
        await self._session.execute(
            update(_SESSION)
            .where(_SESSION.c.user_id.in_(user_ids), _SESSION.c.ended_at.is_(None))
            .values(ended_at=now, ended_why=why, token_digest=_SESSION.c.uid)
        )

    async def erase(self, user_ids: Collection[int]) -> None:
        """Remove people and, by foreign keys and triggers, all that is theirs alone."""
        await self._session.execute(delete(USER).where(USER.c.id.in_(user_ids)))

    async def deleted_before(self, moment: datetime, limit: int) -> Sequence[RowMapping]:
        """Return id, uid and user name of people who lie in the bin for longer."""
        query = (
            select(USER.c.id, USER.c.uid, USER.c.username)
            .where(USER.c.deleted_at < moment)
            .order_by(USER.c.deleted_at)
            .limit(limit)
        )
        return (await self._session.execute(query)).mappings().all()

    async def setting(self, name: str) -> str | None:
        """Return a setting of the workspace as JSON text."""
        query = text("SELECT value FROM workspace_settings WHERE name = :name")
        value: str | None = await self._session.scalar(query, {"name": name})
        return value

    async def set_setting(self, name: str, value: str) -> None:
        """Keep a setting of the workspace, JSON text."""
        query = text(
            "INSERT INTO workspace_settings (name, value) VALUES (:name, :value)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        )
        await self._session.execute(query, {"name": name, "value": value})

    async def record_activity(
        self, user_id: int, kind: str, details: Mapping[str, object], now: datetime
    ) -> None:
        """Note what a person did, and when they were last active; their version stays.

        Of somebody who was erased meanwhile nothing is noted.
        """
        seen = update(USER).where(USER.c.id == user_id).values(last_active_at=now)
        if (await self._session.scalar(seen.returning(USER.c.id))) is not None:
            row = {"user_id": user_id, "kind": kind, "details": dict(details), "at": now}
            await self._session.execute(insert(ACTIVITY).values(**row))

    async def _holders(
        self, column: ColumnElement[Any], keys: Collection[str], own: int | None
    ) -> dict[str, bool]:
        found: dict[str, bool] = {}
        wanted = list(keys)
        for first in range(0, len(wanted), _NUMBERS_AT_ONCE):
            query = select(column, USER.c.deleted_at.is_not(None)).where(
                column.in_(wanted[first : first + _NUMBERS_AT_ONCE]),
                USER.c.id != (own if own is not None else 0),
            )
            rows = await self._session.execute(query)
            found.update(dict(rows.all()))
        return found
