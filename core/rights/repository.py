"""Reads who may do what; writes the roles in projects."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    TableValuedAlias,
    and_,
    delete,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.tables import Build
from core.database.tables import AuditEntry, table_of
from core.projects.tables import Project
from core.rights.tables import ProjectRole
from core.security.actors import Role
from core.users.tables import User

_BUILD = table_of(Build)
_ENTRY = table_of(AuditEntry)
_PROJECT = table_of(Project)
ROLE = table_of(ProjectRole)
USER = table_of(User)


_NOT_IN_BIN = USER.c.deleted_at.is_(None)
_ROLES = tuple(role.value for role in Role)
_ABOVE_VIEWER = tuple(role.value for role in Role if role is not Role.VIEWER)


def holders() -> Sequence[ColumnElement[bool]]:
    """Return what holds of people with more than a viewer's rights, somewhere.

    Both ways are found by an index, so that the many who only look on are not gone through;
    the index of roles is taken only where the bin is spoken of beside the roles.
    """
    by_role = and_(_NOT_IN_BIN, USER.c.role.in_(_ABOVE_VIEWER))
    return (or_(by_role, and_(_NOT_IN_BIN, USER.c.id.in_(select(ROLE.c.user_id)))),)


class RightsRepository:
    """The rights as one session sees them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def holders(self, *, after: str, limit: int) -> Sequence[Row[Any]]:
        """Return people with more than a viewer's rights, by the keys of their names."""
        query = select(USER).where(*holders(), USER.c.username_key > after)
        query = query.order_by(USER.c.username_key).limit(limit)
        return (await self._session.execute(query)).all()

    async def roles_of(self, user_ids: Sequence[int]) -> Sequence[Row[Any]]:
        """Return the roles in projects of some people, with the names of the projects."""
        query = (
            select(ROLE, _PROJECT.c.name)
            .join(_PROJECT, _PROJECT.c.id == ROLE.c.project_id)
            .where(ROLE.c.user_id.in_(user_ids), ROLE.c.role.in_(_ROLES))
            .order_by(_PROJECT.c.name)
        )
        return (await self._session.execute(query)).all()

    async def deeds(
        self, uids: Sequence[str], operations: Sequence[str]
    ) -> dict[tuple[str, str], datetime]:
        """Return when each of some people did what last, by ``uid`` and operation.

        Each is looked up by itself: who did most has as many entries as the whole trail.
        """
        who, what = _values(uids, "who"), _values(operations, "what")
        last = (
            select(_ENTRY.c.at)
            .where(_ENTRY.c.actor_uid == who.c.value, _ENTRY.c.operation == what.c.value)
            .order_by(_ENTRY.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = select(who.c.value, what.c.value, last).select_from(who.join(what, true()))
        rows = await self._session.execute(query)
        return {(uid, operation): at for uid, operation, at in rows if at is not None}

    async def builds(self, uids: Sequence[str]) -> dict[tuple[str, int], datetime]:
        """Return when each of some people asked last for a build, by ``uid`` and project."""
        query = (
            select(_BUILD.c.requested_by_uid, _BUILD.c.project_id, func.max(_BUILD.c.queued_at))
            .where(_BUILD.c.requested_by_uid.in_(uids))
            .group_by(_BUILD.c.requested_by_uid, _BUILD.c.project_id)
        )
        rows = await self._session.execute(query)
        return {(uid, project): at for uid, project, at in rows}

    async def person(self, user_id: int) -> Row[Any] | None:
        """Return a person who is not in the bin."""
        query = select(USER).where(USER.c.id == user_id, USER.c.deleted_at.is_(None))
        return (await self._session.execute(query)).first()

    async def project(self, project_id: int) -> Row[Any] | None:
        """Return a project."""
        query = select(_PROJECT).where(_PROJECT.c.id == project_id)
        return (await self._session.execute(query)).first()

    async def role(self, project_id: int, user_id: int) -> str | None:
        """Return the role of a person in a project."""
        query = select(ROLE.c.role).where(
            ROLE.c.project_id == project_id, ROLE.c.user_id == user_id
        )
        found: str | None = await self._session.scalar(query)
        return found

    async def grant(self, values: dict[str, object]) -> None:
        """Give a role in a project, or another one than before."""
        statement = insert(ROLE).values(values)
        changed = {name: statement.excluded[name] for name in _GRANTED}
        keys = [ROLE.c.project_id, ROLE.c.user_id]
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=keys, set_=changed)
        )

    async def revoke(self, project_id: int, user_id: int) -> None:
        """Take the role in a project away."""
        await self._session.execute(
            delete(ROLE).where(ROLE.c.project_id == project_id, ROLE.c.user_id == user_id)
        )


_GRANTED = ("role", "granted_by", "granted_at")


def _values(several: Sequence[str], name: str) -> TableValuedAlias:
    """Return texts as a table of one column."""
    return func.json_each(json.dumps(list(several))).table_valued("value", name=name)
