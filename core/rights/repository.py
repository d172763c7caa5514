"""Reads who may do what; writes the roles in projects."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, or_, select
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


class RightsRepository:
    """The rights as one session sees them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def holders(self, *, after: str, limit: int) -> Sequence[Row[Any]]:
        """Return people with more than a viewer's rights, by the keys of their names."""
        granted = select(ROLE.c.user_id)
        query = (
            select(USER)
            .where(
                USER.c.deleted_at.is_(None),
                USER.c.username_key > after,
                or_(USER.c.role != Role.VIEWER.value, USER.c.id.in_(granted)),
            )
            .order_by(USER.c.username_key)
            .limit(limit)
        )
        return (await self._session.execute(query)).all()

    async def roles_of(self, user_ids: Sequence[int]) -> Sequence[Row[Any]]:
        """Return the roles in projects of some people, with the names of the projects."""
        query = (
            select(ROLE, _PROJECT.c.name)
            .join(_PROJECT, _PROJECT.c.id == ROLE.c.project_id)
            .where(ROLE.c.user_id.in_(user_ids))
            .order_by(_PROJECT.c.name)
        )
        return (await self._session.execute(query)).all()

    async def deeds(self, uids: Sequence[str]) -> dict[tuple[str, str], datetime]:
        """Return when each of some people did what last, by ``uid`` and operation."""
        query = (
            select(_ENTRY.c.actor_uid, _ENTRY.c.operation, func.max(_ENTRY.c.at))
            .where(_ENTRY.c.actor_uid.in_(uids))
            .group_by(_ENTRY.c.actor_uid, _ENTRY.c.operation)
        )
        rows = await self._session.execute(query)
        return {(uid, operation): at for uid, operation, at in rows}

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
