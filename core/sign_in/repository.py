"""Reads and writes what signing in keeps of people, their sessions and their delays.

Of the table of users it writes the columns of signing in alone; the first administrator,
made before anybody may use the user service, is the exception.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Row,
    Select,
    String,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.tables import AuditEntry, WorkspaceSetting, table_of
from core.rights.tables import ProjectRole
from core.security.actors import Role
from core.security.sealed import Sealed
from core.sign_in.tables import UserSession
from core.users.tables import User, UserActivity

_USER = table_of(User)
_ACTIVITY = table_of(UserActivity)
_SESSION = table_of(UserSession)
_PROJECT_ROLE = table_of(ProjectRole)
_AUDIT = table_of(AuditEntry)
_SETTING = table_of(WorkspaceSetting)

_ADMINISTRATOR = and_(
    _USER.c.role == Role.ADMINISTRATOR.value,
    _USER.c.active,
    _USER.c.deleted_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of somebody who may sign in."""

    id: int
    uid: str
    username: str
    username_key: str
    display_name: str
    email: str | None
    role: Role
    active: bool
    password_hash: str | None = field(repr=False)
    password_changed_at: datetime | None
    must_change_password: bool
    totp_secret: Sealed | None
    totp_last_step: int | None
    recovery_codes: tuple[str, ...] = field(repr=False)
    last_sign_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session with its person, as both stand now."""

    uid: str
    person: Person
    remembered: bool
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    locked_at: datetime | None
    ended_at: datetime | None
    ended_why: str


class SignInRepository:
    """The people and sessions of one database session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def anybody_has_a_password(self) -> bool:
        """Tell whether there is, or was, somebody who could sign in."""
        query = select(_USER.c.id).where(text("password_hash IS NOT NULL")).limit(1)
        return await self._session.scalar(query) is not None

    async def an_administrator_can_sign_in(self) -> bool:
        """Tell whether there is an administrator who has a password."""
        has_one = _USER.c.password_hash.is_not(None)
        query = select(_USER.c.id).where(_ADMINISTRATOR, has_one).limit(1)
        return await self._session.scalar(query) is not None

    async def administrators(self) -> Sequence[Person]:
        """Return all who administer the workspace, by name."""
        query = _people().where(_ADMINISTRATOR).order_by(_USER.c.username_key)
        return [_person(row) for row in await self._session.execute(query)]

    async def named(self, username_key: str) -> Person | None:
        """Return the person of this name, None where there is none or they are in the bin."""
        return await self._one(_USER.c.username_key == username_key)

    async def person(self, user_id: int) -> Person | None:
        """Return a person, None where there is none or they are in the bin."""
        return await self._one(_USER.c.id == user_id)

    async def taken(self, username_key: str, email_key: str | None) -> tuple[bool, bool]:
        """Tell whether a user name, and an address, belong to somebody already."""
        name = select(_USER.c.id).where(_USER.c.username_key == username_key)
        email = select(_USER.c.id).where(_USER.c.email_key == email_key)
        return (
            await self._session.scalar(name) is not None,
            email_key is not None and await self._session.scalar(email) is not None,
        )

    async def add_person(self, values: Mapping[str, Any]) -> int:
        """Store a new person and return the id."""
        result = await self._session.execute(
            insert(_USER).values(**values).returning(_USER.c.id)
        )
        return int(result.scalar_one())

    async def change_person(self, user_id: int, **values: Any) -> None:
        """Write columns of signing in."""
        await self._session.execute(update(_USER).where(_USER.c.id == user_id).values(**values))

    async def remove_second_factor(self, user_id: int) -> None:
        """Forget secret, steps and recovery codes."""
        await self.change_person(
            user_id, totp_secret=None, totp_last_step=None, recovery_codes=[]
        )

    async def take_step(self, user_id: int, step: int) -> bool:
        """Use up a time step of codes; False when it, or a later one, was used before."""
        query = (
            update(_USER)
            .where(_USER.c.id == user_id)
            .where(or_(_USER.c.totp_last_step.is_(None), _USER.c.totp_last_step < step))
            .values(totp_last_step=step)
            .returning(_USER.c.id)
        )
        return (await self._session.execute(query)).first() is not None

    async def note_activity(self, user_id: int, kind: str, at: datetime) -> None:
        """Note that a person did something."""
        await self._session.execute(
            insert(_ACTIVITY).values(user_id=user_id, kind=kind, at=at, details={})
        )
        await self.change_person(user_id, last_active_at=at)

    async def failures_since(self, person: Person) -> int:
        """Return how many attempts failed on an account since its person was there last."""
        query = select(func.count()).where(
            _AUDIT.c.subject_kind == "user",
            _AUDIT.c.subject_uid == person.uid,
            _AUDIT.c.operation == "sign_in.failed",
        )
        if person.last_sign_in_at is not None:
            query = query.where(_AUDIT.c.at > person.last_sign_in_at)
        return int(await self._session.scalar(query) or 0)

    async def failures_after(self, moment: datetime, most: int) -> Sequence[str]:
        """Return the names, of accounts that are somebody's, of the last attempts that failed.

        Args:
            moment: Not what was before.
            most: At most so many, the newest first.
        """
        newest = (
            select(_AUDIT.c.subject, _AUDIT.c.at)
            .where(_AUDIT.c.operation == "sign_in.failed")
            .order_by(_AUDIT.c.id.desc())
            .limit(most)
        )
        return [name for name, at in await self._session.execute(newest) if at > moment]

    async def project_roles(self, users: Collection[int]) -> dict[int, dict[int, Role]]:
        """Return the roles in single projects, by person."""
        found: dict[int, dict[int, Role]] = {}
        query = select(
            _PROJECT_ROLE.c.user_id, _PROJECT_ROLE.c.project_id, _PROJECT_ROLE.c.role
        ).where(_PROJECT_ROLE.c.user_id.in_(users))
        for user_id, project_id, role in await self._session.execute(query):
            found.setdefault(user_id, {})[project_id] = _role(role)
        return found

    async def add_session(self, **values: Any) -> None:
        """Store a new session."""
        await self._session.execute(insert(_SESSION).values(**values))

    async def session_of_token(self, digest: str) -> StoredSession | None:
        """Return the session of a token, None where there is none."""
        found = await self._stored(_SESSION.c.token_digest == digest)
        return found[0] if found else None

    async def sessions_named(self, uids: Collection[str]) -> dict[str, StoredSession]:
        """Return the sessions of these names that there are."""
        return {one.uid: one for one in await self._stored(_SESSION.c.uid.in_(uids))}

    async def change_session(self, uid: str, **values: Any) -> None:
        """Write columns of a session."""
        await self._session.execute(
            update(_SESSION).where(_SESSION.c.uid == uid).values(**values)
        )

    async def end_sessions(
        self, why: str, at: datetime, *conditions: Any
    ) -> Sequence[tuple[str, int]]:
        """End the open sessions that fulfil all conditions; return their names and people."""
        query = (
            update(_SESSION)
            .where(_SESSION.c.ended_at.is_(None), *conditions)
            .values(ended_at=at, ended_why=why, token_digest=_SESSION.c.uid)
            .returning(_SESSION.c.uid, _SESSION.c.user_id)
        )
        return [(uid, user) for uid, user in await self._session.execute(query)]

    async def forget_sessions(self, before: datetime) -> None:
        """Delete the sessions that ended before a moment."""
        await self._session.execute(delete(_SESSION).where(_SESSION.c.ended_at < before))

    async def session_rows(self, *conditions: Any, limit: int) -> Sequence[Row[Any]]:
        """Return sessions with the names of their people, those seen last first."""
        query = (
            select(_SESSION, _USER.c.username)
            .join(_USER, _USER.c.id == _SESSION.c.user_id)
            .where(*conditions)
            .order_by(_SESSION.c.ended_at.is_not(None), _SESSION.c.last_seen_at.desc())
            .limit(limit)
        )
        return (await self._session.execute(query)).all()

    async def setting(self, name: str) -> object:
        """Return a setting of the workspace, None where there is none."""
        query = select(_SETTING.c.value).where(_SETTING.c.name == name)
        stored = await self._session.scalar(query)
        try:
            return json.loads(stored or "null")
        except ValueError:
            return None

    async def set_setting(self, name: str, value: object) -> None:
        """Keep a setting of the workspace."""
        await self._session.execute(
            text("INSERT OR REPLACE INTO workspace_settings (name, value) VALUES (:name, :v)"),
            {"name": name, "v": json.dumps(value)},
        )

    async def _one(self, condition: Any) -> Person | None:
        query = _people().where(condition, _USER.c.deleted_at.is_(None))
        row = (await self._session.execute(query)).first()
        return None if row is None else _person(row)

    async def _stored(self, condition: Any) -> list[StoredSession]:
        query = (
            _people()
            .add_columns(*(column.label(f"s_{column.name}") for column in _SESSION.c))
            .join(_SESSION, _SESSION.c.user_id == _USER.c.id)
            .where(condition)
        )
        return [_stored_session(row) for row in await self._session.execute(query)]


def sessions_of(user_id: int, *, but: Iterable[str] = ()) -> tuple[Any, ...]:
    """Return the conditions for the sessions of a person, without those named."""
    return (_SESSION.c.user_id == user_id, _SESSION.c.uid.not_in(list(but)))


def session_named(uid: str) -> tuple[Any, ...]:
    """Return the condition for one session."""
    return (_SESSION.c.uid == uid,)


def overdue(now: datetime, idle_since: datetime, oldest: datetime) -> tuple[Any, ...]:
    """Return the conditions for sessions that are beyond a limit."""
    idle = and_(_SESSION.c.last_seen_at <= idle_since, ~_SESSION.c.remembered)
    return (or_(_SESSION.c.expires_at <= now, _SESSION.c.created_at <= oldest, idle),)


def ended_before(moment: datetime) -> Any:
    """Return the condition for sessions that ended before a moment."""
    return _SESSION.c.ended_at < moment


def still_open() -> Any:
    """Return the condition for sessions that did not end."""
    return _SESSION.c.ended_at.is_(None)


def _people() -> Select[Any]:
    names = {*Person.__dataclass_fields__, "deleted_at"} - {"recovery_codes"}
    codes = type_coerce(_USER.c.recovery_codes, String).label("recovery_codes")
    return select(*(_USER.c[name] for name in names), codes)


def _person(row: Row[Any]) -> Person:
    values = {name: row._mapping[name] for name in Person.__dataclass_fields__}
    active = bool(row.active) and row.deleted_at is None
    codes = _codes(row.recovery_codes)
    changed = {"role": _role(row.role), "active": active, "recovery_codes": codes}
    return Person(**{**values, **changed})


def _role(stored: object) -> Role:
    """Return the role of a row that anybody may have written; an unknown one allows least."""
    try:
        return Role(str(stored))
    except ValueError:
        return Role.VIEWER


def _codes(stored: str | None) -> tuple[str, ...]:
    try:
        codes = json.loads(stored or "[]")
    except (ValueError, RecursionError):
        return ()
    return tuple(map(str, codes)) if isinstance(codes, list) else ()


def _stored_session(row: Row[Any]) -> StoredSession:
    return StoredSession(
        uid=row.s_uid,
        person=_person(row),
        remembered=bool(row.s_remembered),
        created_at=row.s_created_at,
        last_seen_at=row.s_last_seen_at,
        expires_at=row.s_expires_at,
        locked_at=row.s_locked_at,
        ended_at=row.s_ended_at,
        ended_why=row.s_ended_why or "",
    )
