"""People for tests, and actors of each role among them."""

from typing import Any

import pytest
from sqlalchemy import text

from core.security.actors import Actor, Origin, Role
from core.users.schemas import UserCreate, UserDetails, UserEdit, UserProfile, new_user
from core.users.service import UserService
from core.workspaces.workspace import Workspace


def new(username: str, **fields: Any) -> UserCreate:
    """Return the input of a new person; fields that are not given have something."""
    values = {"username": username, "display_name": username.title(), **fields}
    return new_user(values)


def edit_of(details: UserDetails, **fields: Any) -> UserEdit:
    """Return an edit that leaves all as it is but for these fields."""
    names = UserEdit.model_fields.keys() - {"note"}
    kept = {name: getattr(details.row, name) for name in names}
    return UserEdit.model_validate({**kept, **fields})


def profile_of(details: UserDetails, **fields: Any) -> UserProfile:
    """Return an edit of one's own that leaves all as it is but for these fields."""
    kept = {name: getattr(details.row, name) for name in UserProfile.model_fields}
    return UserProfile.model_validate({**kept, **fields})


class People:
    """A workspace with people, some of whom are signed in."""

    def __init__(self, workspace: Workspace, actor: Actor) -> None:
        self.workspace = workspace
        self.owner = actor

    @property
    def service(self) -> UserService:
        """The service."""
        return self.workspace.users

    async def add(self, username: str, **fields: Any) -> UserDetails:
        """Store a person."""
        return await self.service.create(self.owner, data=new(username, **fields))

    async def manager(self, username: str) -> UserDetails:
        """Store an administrator who could sign in; the password is none."""
        added = await self.add(username, role=Role.ADMINISTRATOR)
        await self.write("UPDATE users SET password_hash = 'x' WHERE id = :id", id=added.row.id)
        return await self.service.get(self.owner, user_id=added.row.id)

    async def signed_in(self, username: str, role: Role, **fields: Any) -> Actor:
        """Store a person and let them in."""
        added = await self.add(username, role=role, **fields)
        return self.let_in(added)

    def let_in(self, person: UserDetails) -> Actor:
        """Return a person as an actor who is signed in."""
        row = person.row
        actor = Actor(
            row.username, row.role, Origin.DESKTOP, f"session {row.id}", row.id, row.uid
        )
        self.workspace.gate.let_in(actor)
        return actor

    async def session_of(self, user_id: int) -> None:
        """Store a session that is open."""
        await self.write(
            "INSERT INTO sessions (uid, user_id, token_digest, origin, device, remembered,"
            " created_at, last_seen_at, expires_at) VALUES ('s' || :id, :id, 't' || :id,"
            " 'desktop', 'here', 0, '2026-01-01', '2026-01-01', '2036-01-01')",
            id=user_id,
        )

    async def write(self, statement: str, **parameters: object) -> None:
        """Write past the service."""
        async with self.workspace.database.unit_of_work() as unit:
            await unit.session.execute(text(statement), parameters)
            await unit.commit()

    async def read(self, statement: str, **parameters: object) -> list[tuple[Any, ...]]:
        """Read past the service."""
        async with self.workspace.database.read() as session:
            return [tuple(row) for row in await session.execute(text(statement), parameters)]

    async def deeds(self, uid: str) -> list[str]:
        """Return the operations in the audit trail about somebody, the first first."""
        query = (
            "SELECT operation FROM audit_entries"
            " WHERE subject_kind = 'user' AND subject_uid = :uid ORDER BY id"
        )
        return [row[0] for row in await self.read(query, uid=uid)]


@pytest.fixture
def people(workspace: Workspace, actor: Actor) -> People:
    """Return the workspace with nobody in it yet."""
    return People(workspace, actor)
