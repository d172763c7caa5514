"""Gives roles in single projects, and shows who has which right and uses it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.audit_trail import Deed, Subject
from core.database.database import Database
from core.database.fields.times import utc_now
from core.database.query.listing import Count
from core.database.query.schemas import FieldDescription, ListQuery, PageStart, Slice
from core.errors import ConflictError, NotFoundError
from core.rights.listing import listing
from core.rights.repository import RightsRepository, holders
from core.rights.schemas import ProjectRoleRow, RightsPage, RightsRow, RightUse
from core.security.actors import Actor, Role
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.translation import _

TOPIC = "rights"
PAGE_ROWS = 200

# What leaves a trace when it is used, so that its last use can be told.
TRACED = (
    Operation.BUILDS_QUEUE,
    Operation.PROJECTS_CREATE,
    Operation.PROJECTS_EDIT,
    Operation.PROJECTS_DELETE,
    Operation.PROJECTS_GRANT,
    Operation.PROJECTS_IMPORT,
    Operation.USERS_CREATE,
    Operation.USERS_EDIT,
    Operation.USERS_DEACTIVATE,
    Operation.USERS_DELETE,
    Operation.USERS_RESTORE,
    Operation.USERS_ERASE,
    Operation.USERS_IMPORT,
    Operation.USERS_EXPORT,
    Operation.PASSWORD_RESET,
    Operation.SECOND_FACTOR_RESET,
    Operation.SESSIONS_END,
    Operation.RULES_CHANGE,
    Operation.AUDIT_VERIFY,
    Operation.KEYS_ROTATE,
    Operation.KEYS_EXPORT,
)


class RightsService:
    """The rights of a workspace."""

    def __init__(self, database: Database, gate: Gate) -> None:
        self.gate = gate
        self._database = database
        self._listing = listing()

    @permitted(Operation.RIGHTS_REVIEW)
    async def fields(self, actor: Actor) -> tuple[FieldDescription, ...]:
        """Return what the list of the review may be filtered and sorted by."""
        return self._listing.describe()

    @permitted(Operation.RIGHTS_REVIEW)
    async def slice(
        self, actor: Actor, *, query: ListQuery, start: PageStart, limit: int
    ) -> Slice[RightsRow]:
        """Return rows of the review: people with more than a viewer's rights.

        Raises:
            QueryError: A field, operator, value or cursor does not fit.
        """
        async with self._database.read(snapshot=True) as session:
            found = await self._listing.slice(session, query, start, limit, where=holders())
            rows = await _review(session, found.rows)
        return Slice(rows, found.first, found.last, found.more_before, found.more_after)

    @permitted(Operation.RIGHTS_REVIEW)
    async def count(self, actor: Actor, *, query: ListQuery) -> Count:
        """Count the rows of the review.

        Raises:
            QueryError: A field, operator or value does not fit.
        """
        async with self._database.read() as session:
            return await self._listing.count(session, query, where=holders())

    @permitted(Operation.RIGHTS_REVIEW)
    async def review(
        self, actor: Actor, *, after: str = "", limit: int = PAGE_ROWS
    ) -> RightsPage:
        """Return people with more than a viewer's rights, by name.

        Args:
            actor: Who asks.
            after: The ``username_key`` to go on after, empty for the first page.
            limit: How many at most.
        """
        async with self._database.read(snapshot=True) as session:
            repository = RightsRepository(session)
            people = await repository.holders(after=after, limit=limit + 1)
            rows = await _review(session, [person._mapping for person in people[:limit]])
        return RightsPage(rows, more=len(people) > limit)

    @permitted(Operation.RIGHTS_REVIEW)
    async def roles_of(self, actor: Actor, *, user_id: int) -> tuple[ProjectRoleRow, ...]:
        """Return the roles that one person has in single projects, by their names."""
        async with self._database.read(snapshot=True) as session:
            repository = RightsRepository(session)
            person = await repository.person(user_id)
            if person is None:
                return ()
            roles = await repository.roles_of([user_id])
            builds = await repository.builds([person.uid])
        return tuple(_project_role(one, person.uid, builds) for one in roles)

    @permitted(Operation.PROJECTS_GRANT)
    async def grant(
        self, actor: Actor, *, project_id: int, user_id: int, role: Role | None
    ) -> None:
        """Give a person a role in one project; None takes it away.

        Raises:
            NotFoundError: The person or the project is gone.
            ConflictError: The person may do that everywhere already.
        """
        async with self._database.unit_of_work() as unit:
            repository = RightsRepository(unit.session)
            person, project = (
                await repository.person(user_id),
                await repository.project(project_id),
            )
            if person is None or project is None:
                raise NotFoundError(
                    _("This person or project is gone."),
                    hint=_("Somebody else may have deleted it."),
                )
            if role is not None and Role(person.role).covers(role):
                raise ConflictError(
                    _("“{name}” may do that in every project already.").format(
                        name=person.username
                    ),
                    hint=_("Choose a role above the one in the workspace."),
                )
            before = await repository.role(project_id, user_id)
            if role is None:
                await repository.revoke(project_id, user_id)
            else:
                await repository.grant(_granted(actor, project_id, user_id, role))
            unit.changed(TOPIC, "users")
            unit.record(_deed(actor, person, project.name, before, role))
            await unit.commit()


def _granted(actor: Actor, project_id: int, user_id: int, role: Role) -> dict[str, object]:
    return {
        "project_id": project_id,
        "user_id": user_id,
        "role": role.value,
        "granted_by": actor.user,
        "granted_at": utc_now(),
    }


def _deed(
    actor: Actor, person: Row[Any], project: str, before: str | None, role: Role | None
) -> Deed:
    changes = {"project": project, "role": [before, role.value if role else None]}
    subject = Subject("user", person.uid, person.username)
    return Deed(actor, Operation.PROJECTS_GRANT.key, subject, changes)


async def _review(session: AsyncSession, people: Sequence[RowMapping]) -> tuple[RightsRow, ...]:
    """Return what is told of people: their rights, and when each was used last."""
    repository = RightsRepository(session)
    roles = await repository.roles_of([person["id"] for person in people])
    uids = [person["uid"] for person in people]
    operations = [operation.key for operation in TRACED]
    deeds = await repository.deeds(uids, operations)
    builds = await repository.builds(uids)
    return tuple(_row(person, roles, deeds, builds) for person in people)


def _row(
    person: RowMapping,
    roles: Sequence[Row[Any]],
    deeds: Mapping[tuple[str, str], datetime],
    builds: Mapping[tuple[str, int], datetime],
) -> RightsRow:
    role, who = Role(person["role"]), person["uid"]
    asked = [at for (uid, _project), at in builds.items() if uid == who]
    used = {operation.key: deeds.get((who, operation.key)) for operation in TRACED}
    used[Operation.BUILDS_QUEUE.key] = max(asked, default=None)
    return RightsRow(
        user_id=person["id"],
        uid=who,
        username=person["username"],
        display_name=person["display_name"],
        role=role,
        active=person["active"],
        second_factor=person["totp_secret"] is not None,
        last_sign_in_at=person["last_sign_in_at"],
        rights=tuple(
            RightUse(operation.key, used[operation.key])
            for operation in TRACED
            if operation.role is not Role.VIEWER and role.covers(operation.role)
        ),
        projects=tuple(
            _project_role(one, who, builds) for one in roles if one.user_id == person["id"]
        ),
    )


def _project_role(
    role: Row[Any], uid: str, builds: Mapping[tuple[str, int], datetime]
) -> ProjectRoleRow:
    return ProjectRoleRow(
        project_id=role.project_id,
        project=role.name,
        role=Role(role.role),
        granted_by=role.granted_by,
        granted_at=role.granted_at,
        last_used_at=builds.get((uid, role.project_id)),
    )
