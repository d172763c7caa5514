"""The bin: deleting, restoring, erasing, and what stays of whom."""

from datetime import timedelta

import pytest

from core.database.fields.times import utc_now
from core.database.query.schemas import ListQuery, PageStart
from core.errors import ConflictError, NotFoundError, ValidationError
from core.events import Changed, Event
from core.security.actors import Actor, Role
from core.users import erasing
from core.users.schemas import erasure_rule
from tests.core.running import Bench
from tests.core.users.people import People
from tests.waiting import until


@pytest.fixture
def topics(bench: Bench) -> set[str]:
    """Return the topics that were told as changed."""
    found: set[str] = set()

    def note(told: Event) -> None:
        if isinstance(told, Changed):
            found.update(told.topics)

    bench.core.events.subscribe(note)
    return found


async def sessions(people: People) -> list[tuple[object, ...]]:
    return await people.read(
        "SELECT user_id, ended_at IS NOT NULL, ended_why, token_digest = uid FROM sessions"
        " ORDER BY user_id"
    )


async def test_into_the_bin_and_back(people: People, topics: set[str]) -> None:
    """Seen failing without an end of the sessions in the same transaction."""
    ada, bob = await people.add("ada", tags=["x"]), await people.add("bob")
    for one in (ada, bob):
        await people.session_of(one.row.id)
    topics.clear()
    deleted = await people.service.delete(people.owner, user_id=ada.row.id)
    assert (deleted.deleted, deleted.version) == (True, 2)
    assert deleted.deleted_at is not None
    assert {"users", "sessions"} <= topics
    assert await sessions(people) == [
        (ada.row.id, 1, "deleted", 1),
        (bob.row.id, 0, None, 0),
    ]
    again = await people.service.delete(people.owner, user_id=ada.row.id)
    assert again == deleted
    for method in (people.service.deactivate, people.service.activate):
        with pytest.raises(ConflictError, match="bin"):
            await method(people.owner, user_id=ada.row.id)
    back = await people.service.restore(people.owner, user_id=ada.row.id)
    assert (back.deleted, back.active, back.tags) == (False, True, ("x",))
    assert await people.deeds(ada.row.uid) == ["users.create", "users.delete", "users.restore"]


async def test_whoever_is_deactivated_is_signed_out(people: People, topics: set[str]) -> None:
    ada = await people.add("ada")
    await people.session_of(ada.row.id)
    topics.clear()
    row = await people.service.deactivate(people.owner, user_id=ada.row.id)
    assert not row.active
    assert {"users", "sessions"} <= topics
    assert await sessions(people) == [(ada.row.id, 1, "inactive", 1)]
    row = await people.service.activate(people.owner, user_id=ada.row.id)
    assert (row.active, row.version) == (True, 3)


async def test_erasing_leaves_the_name_at_builds_and_in_the_audit_trail(
    people: People, bench: Bench
) -> None:
    ada = await people.add(
        "ada", email="ada@example.com", tags=["x"], note="n", role=Role.OPERATOR
    )
    actor = await people.signed_in("boss", Role.ADMINISTRATOR)
    project = await bench.project("true")
    build = await people.workspace.builds.queue(people.let_in(ada), project_id=project.id)
    await people.session_of(ada.row.id)
    await people.write(
        "INSERT INTO project_roles SELECT id, :user, 'operator', 'boss', '2026-01-01'"
        " FROM projects",
        user=ada.row.id,
    )
    with pytest.raises(ConflictError, match="not in the bin"):
        await people.service.erase(actor, user_id=ada.row.id)
    await people.service.delete(actor, user_id=ada.row.id)
    await people.service.erase(actor, user_id=ada.row.id)
    for table in ("sessions", "user_activity", "user_tags", "project_roles"):
        assert await people.read(f"SELECT * FROM {table}") == []
    assert await people.read("SELECT username FROM users") == [("boss",)]
    for call in (people.service.get, people.service.erase, people.service.restore):
        with pytest.raises(NotFoundError):
            await call(actor, user_id=ada.row.id)
    found = await people.service.slice(
        actor, query=ListQuery(search="ada@ex"), start=PageStart(), limit=9
    )
    assert found.rows == ()
    kept = await people.read("SELECT requested_by FROM builds WHERE id = :id", id=build.id)
    assert kept == [("ada",)]
    query = "SELECT DISTINCT subject FROM audit_entries WHERE subject_uid = :uid"
    told = await people.read(query, uid=ada.row.uid)
    assert told == [("ada",)]
    assert (await people.deeds(ada.row.uid))[-1] == "users.erase"
    new = await people.add("ada", email="ada@example.com")
    assert new.row.id > ada.row.id


async def test_whoever_lies_in_the_bin_for_too_long_is_erased(people: People) -> None:
    service, owner = people.service, people.owner
    assert await service.keep_deleted_days(owner) == 30
    assert "30 days" in erasure_rule(30)
    assert "1 day." in erasure_rule(1)
    old, young, kept = [await people.add(name) for name in ("old", "young", "kept")]
    for one, days in ((old, 8), (young, 6)):
        await service.delete(owner, user_id=one.row.id)
        moment = (utc_now() - timedelta(days=days)).replace(tzinfo=None)
        await people.write(
            "UPDATE users SET deleted_at = :at WHERE id = :id", at=str(moment), id=one.row.id
        )
    assert await service.erase_overdue(owner) == 0
    for days in (0, 3651, True, -1):
        with pytest.raises(ValidationError):
            await service.set_keep_deleted_days(owner, days=days)
    await service.set_keep_deleted_days(owner, days=7)
    assert await service.keep_deleted_days(owner) == 7
    assert await service.erase_overdue(owner) == 1
    names = await people.read("SELECT username FROM users ORDER BY id")
    assert names == [("young",), ("kept",)]
    assert (await people.deeds(old.row.uid))[-1] == "users.erase"
    assert not (await service.get(owner, user_id=kept.row.id)).row.deleted


async def test_the_leader_erases_soon_after_its_start(
    bench: Bench, people: People, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing with a leader that only ran the queue of builds."""
    ada = await people.add("ada")
    await people.service.delete(actor, user_id=ada.row.id)
    await people.write("UPDATE users SET deleted_at = '2020-01-01 00:00:00.000000'")
    monkeypatch.setattr(erasing, "FIRST_AFTER_S", 0)
    path = people.workspace.info.path
    await bench.core.workspaces.close(people.workspace)
    opened = await bench.core.workspaces.open(path)
    again = People(opened, actor)

    async def erased() -> bool:
        return await again.read("SELECT id FROM users") == []

    await until(erased, "the end of who lay in the bin")
    operation = "SELECT actor FROM audit_entries WHERE operation = 'users.erase'"
    assert await again.read(operation) == [("Buildbench",)]
