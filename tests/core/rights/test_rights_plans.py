"""How the review of rights is read: by indexes, also beside many who only look on."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event, text

from core.database.query.schemas import ListQuery, PageStart
from core.rights.service import RightsService
from core.security.actors import Actor, Role
from tests.core.rights.test_rights import person
from tests.core.running import Bench

Ask = Callable[[RightsService, Actor], Awaitable[object]]


async def _slice(rights: RightsService, actor: Actor) -> object:
    return await rights.slice(actor, query=ListQuery(), start=PageStart(), limit=50)


async def _count(rights: RightsService, actor: Actor) -> object:
    return await rights.count(actor, query=ListQuery())


async def _review(rights: RightsService, actor: Actor) -> object:
    return await rights.review(actor)


@pytest.mark.parametrize("ask", [_slice, _count, _review])
async def test_people_are_found_by_their_roles(bench: Bench, ask: Ask) -> None:
    """Seen failing with ``role != 'viewer'``, and without the sign before ``deleted_at``."""
    await person(bench, "ada", Role.ADMINISTRATOR)
    steps = await _steps(bench, ask)
    assert any("ix_users_role" in step for step in steps)
    assert not any("ix_users_deleted_at" in step or "SCAN users" in step for step in steps)


async def test_last_uses_are_looked_up_one_by_one(bench: Bench) -> None:
    """Seen failing with a maximum over all that somebody ever did."""
    await person(bench, "ada", Role.ADMINISTRATOR)
    steps = await _steps(bench, _review)
    trail = [step for step in steps if "audit_entries" in step]
    assert trail
    assert all("actor_uid=? AND operation=?" in step for step in trail)


async def test_a_role_that_there_is_not_gives_no_rights(bench: Bench) -> None:
    """Seen failing with a review that nobody could open any more."""
    project = await bench.project()
    ada = await person(bench, "ada", Role.ADMINISTRATOR)
    bob = await person(bench, "bob")
    rights = bench.workspace.rights
    await rights.grant(
        bench.actor, project_id=project.id, user_id=bob.user_id or 0, role=Role.OPERATOR
    )
    async with bench.workspace.database.unit_of_work() as unit:
        await unit.session.execute(text("UPDATE project_roles SET role = 'god'"))
        await unit.session.execute(
            text("UPDATE users SET role = 'god' WHERE id = :id"), {"id": ada.user_id}
        )
        await unit.commit()
    assert [row.projects for row in (await rights.review(bench.actor)).rows] == [()]
    assert await rights.roles_of(bench.actor, user_id=bob.user_id or 0) == ()


async def _steps(bench: Bench, ask: Ask) -> list[str]:
    """Return how the database looks for what is asked."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, values: Any, *_rest: object) -> None:
        asked.append((sql, values))

    reader = bench.workspace.database.reader
    event.listen(reader.sync_engine, "before_cursor_execute", note)
    try:
        await ask(bench.workspace.rights, bench.actor)
    finally:
        event.remove(reader.sync_engine, "before_cursor_execute", note)
    steps: list[str] = []
    async with reader.connect() as connection:
        for sql, values in asked:
            if sql.startswith("SELECT"):
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
                steps += [row["detail"] for row in plan.mappings()]
    return steps
