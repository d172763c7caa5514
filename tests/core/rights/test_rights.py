"""Roles in single projects, and the review of who may do what."""

import uuid

import pytest
from sqlalchemy import insert

from core.builds.schemas import BuildState
from core.database.fields.times import utc_now
from core.database.tables import table_of
from core.errors import ConflictError, NotFoundError, PermissionDeniedError
from core.security.actors import Actor, Origin, Role
from core.security.operations import Operation
from core.users.tables import User
from tests.core.running import Bench


async def person(bench: Bench, name: str, role: Role = Role.VIEWER) -> Actor:
    """Store a person and let a session of theirs in."""
    uid, now = str(uuid.uuid4()), utc_now()
    values = {
        "uid": uid,
        "version": 1,
        "username": name,
        "username_key": name,
        "display_name": name.title(),
        "role": role.value,
        "active": True,
        "preferences": {},
        "balance_minor": 0,
        "balance_currency": "USD",
        "tags": [],
        "must_change_password": False,
        "recovery_codes": [],
        "created_at": now,
        "updated_at": now,
    }
    async with bench.workspace.database.unit_of_work() as unit:
        result = await unit.session.execute(
            insert(table_of(User)).values(values).returning(table_of(User).c.id)
        )
        user_id = result.scalar_one()
        await unit.commit()
    return admitted(bench, Actor(name, role, Origin.SCRIPT, uid, user_id, uid))


def admitted(bench: Bench, actor: Actor) -> Actor:
    """Let a session in, as signing in does."""
    bench.workspace.gate.let_in(actor)
    return actor


async def test_a_role_in_a_project_lets_a_viewer_build_there(bench: Bench) -> None:
    """Seen failing when a call's project was not looked at, and when any project would do."""
    first, second = await bench.project(), await bench.project()
    ada = await person(bench, "ada")
    assert ada.user_id is not None
    with pytest.raises(PermissionDeniedError):
        await bench.workspace.builds.queue(ada, project_id=first.id)
    await bench.workspace.rights.grant(
        bench.actor, project_id=first.id, user_id=ada.user_id, role=Role.OPERATOR
    )
    now = admitted(
        bench,
        Actor("ada", Role.VIEWER, Origin.SCRIPT, ada.session, ada.user_id, ada.uid,
              {first.id: Role.OPERATOR}),
    )  # fmt: skip
    build = await bench.workspace.builds.queue(now, project_id=first.id)
    assert (await bench.end(build.id)).state is BuildState.SUCCESS
    other = await bench.workspace.builds.queue(bench.actor, project_id=second.id)
    for call in (
        bench.workspace.builds.queue(now, project_id=second.id),
        bench.workspace.builds.cancel(now, build_id=other.id),
        bench.workspace.projects.delete(now, project_id=first.id),
    ):
        with pytest.raises(PermissionDeniedError):
            await call
    await bench.end(other.id)
    with pytest.raises(ConflictError):
        await bench.workspace.builds.cancel(now, build_id=build.id)


async def test_the_review_tells_who_may_what_and_when_it_was_used(bench: Bench) -> None:
    project = await bench.project(name="api")
    viewer = await person(bench, "vera")
    helper = await person(bench, "hal")
    operator = await person(bench, "olga", Role.OPERATOR)
    administrator = await person(bench, "adam", Role.ADMINISTRATOR)
    assert viewer.user_id
    assert helper.user_id
    rights = bench.workspace.rights
    await rights.grant(
        administrator, project_id=project.id, user_id=helper.user_id, role=Role.OPERATOR
    )
    build = await bench.workspace.builds.queue(operator, project_id=project.id)
    await bench.end(build.id)
    rows = {row.username: row for row in (await rights.review(administrator)).rows}
    assert list(rows) == ["adam", "hal", "olga"]
    used = {use.operation: use.last_used_at for use in rows["olga"].rights}
    assert set(used) == {Operation.BUILDS_QUEUE.key}
    assert used[Operation.BUILDS_QUEUE.key] == build.queued_at
    adam = {use.operation: use.last_used_at for use in rows["adam"].rights}
    assert adam[Operation.PROJECTS_GRANT.key] is not None
    assert adam[Operation.USERS_ERASE.key] is None
    assert rows["adam"].last_used_at == adam[Operation.PROJECTS_GRANT.key]
    (granted,) = rows["hal"].projects
    assert (granted.project, granted.role, granted.granted_by) == ("api", Role.OPERATOR, "adam")
    assert granted.last_used_at is None
    page = await rights.review(administrator, after="adam", limit=1)
    assert [row.username for row in page.rows] == ["hal"]
    assert page.more


async def test_a_grant_is_changed_taken_back_and_recorded(bench: Bench) -> None:
    project = await bench.project(name="api")
    hal = await person(bench, "hal")
    assert hal.user_id
    for role in (Role.OPERATOR, Role.ADMINISTRATOR, None):
        await bench.workspace.rights.grant(
            bench.actor, project_id=project.id, user_id=hal.user_id, role=role
        )
    assert (await bench.workspace.rights.review(bench.actor)).rows == ()
    page = await bench.workspace.audit.history(bench.actor, kind="user", uid=hal.uid)
    assert [row.changes["role"] for row in page.rows] == [
        ["administrator", None],
        ["operator", "administrator"],
        [None, "operator"],
    ]


async def test_what_makes_no_sense_is_refused(bench: Bench) -> None:
    project = await bench.project()
    olga = await person(bench, "olga", Role.OPERATOR)
    assert olga.user_id
    grant = bench.workspace.rights.grant
    with pytest.raises(ConflictError):
        await grant(
            bench.actor, project_id=project.id, user_id=olga.user_id, role=Role.OPERATOR
        )
    with pytest.raises(NotFoundError):
        await grant(bench.actor, project_id=999, user_id=olga.user_id, role=Role.ADMINISTRATOR)
    with pytest.raises(NotFoundError):
        await grant(bench.actor, project_id=project.id, user_id=999, role=Role.OPERATOR)
    with pytest.raises(PermissionDeniedError):
        await grant(olga, project_id=project.id, user_id=olga.user_id, role=Role.ADMINISTRATOR)
