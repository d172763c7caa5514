"""Sessions: their limits, their lists, their ends; what changes reaches who is here at once."""

import asyncio
from collections.abc import Callable

import pytest

from core.app import Core, open_core
from core.database.change_watch import POLL_S
from core.errors import NotFoundError, PermissionDeniedError
from core.events import Event
from core.security.actors import Actor, Origin, Role
from core.security.operations import Operation
from core.security.permissions import SessionEndedError
from core.settings import load_settings
from core.sign_in.schemas import AccessChanged, SignInRules
from tests.core.sign_in.door import PASSWORD, Door
from tests.waiting import until


def _is_in(door: Door, actor: Actor) -> bool:
    try:
        door.gate.require(actor, Operation.PROJECTS_READ)
    except SessionEndedError:
        return False
    return True


async def _later(door: Door, **delta: float) -> None:
    door.time.later(**delta)
    await door.service._presence.review()


async def test_a_session_ends_when_nobody_does_anything(door: Door) -> None:
    await door.first()
    actor = (await door.enter()).actor
    for _hour in range(30):
        door.service.seen(actor)
        await _later(door, hours=1)
    assert _is_in(door, actor)
    await _later(door, hours=11, minutes=1)
    assert not _is_in(door, actor)
    assert [e.session for e in door.events if isinstance(e, AccessChanged)][-1:] == [
        actor.session
    ]
    rows = await door.column("SELECT ended_why FROM sessions WHERE ended_at IS NOT NULL")
    assert "expired" in rows


async def test_a_session_ends_after_the_longest_time_whatever_is_done(door: Door) -> None:
    await door.first()
    actor = (await door.enter()).actor
    for _day in range(29):
        door.service.seen(actor)
        await _later(door, hours=11.9)
        door.service.seen(actor)
        await _later(door, hours=11.9)
    door.service.seen(actor)
    assert _is_in(door, actor)
    for _time in range(3):
        await _later(door, hours=11)
        door.service.seen(actor)
    assert not _is_in(door, actor)


@pytest.mark.parametrize("days", [-400, -1])
@pytest.mark.parametrize("seen_after", [False, True])
async def test_setting_the_clock_back_makes_no_session_longer(
    door: Door, days: int, seen_after: bool
) -> None:
    """Seen failing with the time of day alone, and with a last sign of life in the future."""
    await door.first()
    actor = (await door.enter()).actor
    door.time.set_day(days=days)
    if seen_after:
        door.service.seen(actor)
        await _later(door, hours=1)
        door.service.seen(actor)
        door.time.set_day(days=days)
    await _later(door, hours=11)
    assert _is_in(door, actor)
    await _later(door, hours=2)
    assert not _is_in(door, actor)


async def test_what_a_script_asks_keeps_its_session(door: Door) -> None:
    await door.first()
    found = await door.service.sign_in("ada", PASSWORD, origin=Origin.SCRIPT, device="x")
    actor = found.actor  # type: ignore[union-attr]
    for _hour in range(20):
        assert _is_in(door, actor)
        await _later(door, hours=1)
    await _later(door, hours=12)
    assert not _is_in(door, actor)


async def test_being_seen_is_written_at_most_once_a_minute(door: Door) -> None:
    await door.first()
    actor = (await door.enter()).actor
    written = set()
    for _second in range(180):
        door.service.seen(actor)
        await _later(door, seconds=1)
        query = f"SELECT last_seen_at FROM sessions WHERE uid = '{actor.session}'"
        written.update(await door.column(query))
    assert len(written) == 3


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("UPDATE users SET active = 0 WHERE username = 'bob'", "deactivated"),
        ("UPDATE users SET deleted_at = '2030-01-01' WHERE username = 'bob'", "deactivated"),
        ("DELETE FROM users WHERE username = 'bob'", "gone"),
        ("UPDATE sessions SET ended_at = '2030-01-01', ended_why = 'ended'", "ended"),
    ],
)
async def test_a_session_ends_with_its_reason(door: Door, sql: str, why: str) -> None:
    """Seen failing with a keeper that looked every few seconds only."""
    await door.service.start()
    await door.first()
    await door.add("bob")
    actor = (await door.enter("bob")).actor
    over = _told_of(door.core, actor)
    async with asyncio.timeout(30):
        await door.change(sql)
        assert why in await over
    assert not _is_in(door, actor)


async def test_a_user_disabled_by_another_process_is_out(core: Core, door: Door) -> None:
    """The other process is another core on the same file, with a bus of its own."""
    assert POLL_S < 0.5  # a second is what was promised
    await door.service.start()
    await door.first()
    await door.add("bob", Role.OPERATOR)
    actor = (await door.enter("bob")).actor
    over = _told_of(core, actor)
    async with open_core(load_settings()) as other:
        there = await other.workspaces.open(door.workspace.info.path)
        async with there.database.unit_of_work() as unit:
            connection = await unit.session.connection()
            await connection.exec_driver_sql("UPDATE users SET active = 0 WHERE id = 2")
            unit.changed("users")
            await unit.commit()
        async with asyncio.timeout(30):
            assert "deactivated" in await over
        assert not _is_in(door, actor)
        await other.workspaces.close(there)


def _told_of(core: Core, actor: Actor) -> "asyncio.Future[str]":
    found: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    drop: list[Callable[[], None]] = []

    def on_event(event: Event) -> None:
        if not isinstance(event, AccessChanged) or event.session != actor.session:
            return
        if event.actor is None and not found.done():
            found.set_result(event.why)
            drop[0]()

    drop.append(core.events.subscribe(on_event))
    return found


async def test_a_new_role_holds_at_once_for_who_is_here(door: Door) -> None:
    await door.service.start()
    await door.first()
    await door.add("bob", Role.ADMINISTRATOR)
    actor = (await door.enter("bob")).actor
    door.gate.require(actor, Operation.USERS_CREATE)
    await door.change("UPDATE users SET role = 'viewer' WHERE username = 'bob'")
    await until(lambda: door.gate.present(actor).role is Role.VIEWER, "the new role")
    with pytest.raises(PermissionDeniedError):
        door.gate.require(actor, Operation.USERS_CREATE)
    changed = [e for e in door.events if isinstance(e, AccessChanged) and e.actor]
    assert changed[-1].actor is not None
    assert changed[-1].actor.role is Role.VIEWER
    await door.change(
        "INSERT INTO projects (id, uid, version, name, description, type, path, command,"
        " environment, secrets, grace_s, terminal, active, created_at, updated_at) VALUES"
        " (7, 'p', 1, 'p', '', 'custom', '/', 'true', '{}', '{}', 5, 0, 1, '2030-01-01',"
        " '2030-01-01')"
    )
    await door.change(
        "INSERT INTO project_roles VALUES (7, 2, 'operator', 'ada', '2030-01-01')"
    )
    await until(lambda: door.gate.present(actor).project_roles == {7: Role.OPERATOR}, "a grant")
    door.gate.require(actor, Operation.BUILDS_QUEUE, project_id=7)


async def test_sessions_are_listed_and_ended(door: Door) -> None:
    admin = (await door.first()).actor
    await door.add("bob")
    here, there = (await door.enter("bob")).actor, (await door.enter("bob")).actor
    rows = await door.service.sessions(here)
    assert {row.uid for row in rows} == {here.session, there.session}
    assert [row.uid for row in rows if row.current] == [here.session]
    assert {row.device for row in rows} == {"desk"}
    with pytest.raises(PermissionDeniedError):
        await door.service.all_sessions(here)
    with pytest.raises(PermissionDeniedError):
        await door.service.end_session(here, uid=admin.session or "")
    assert len(await door.service.all_sessions(admin)) == 3
    assert len(await door.service.all_sessions(admin, user_id=2)) == 2
    assert await door.service.end_other_sessions(here) == 1
    await door.service._presence.review()
    assert _is_in(door, here)
    assert not _is_in(door, there)
    await door.service.end_session(admin, uid=here.session or "")
    await door.service._presence.review()
    assert not _is_in(door, here)
    for uid in (here.session or "", "made up"):
        with pytest.raises(NotFoundError):
            await door.service.end_session(admin, uid=uid)
    assert len(await door.service.all_sessions(admin)) == 1
    assert len(await door.service.all_sessions(admin, open_only=False)) == 3


async def test_a_changed_password_ends_all_other_sessions(door: Door) -> None:
    await door.first()
    here, there = (await door.enter()).actor, (await door.enter()).actor
    await door.service.change_password(here, old=PASSWORD, new="violin tundra 71 x")
    await door.service._presence.review()
    assert (_is_in(door, here), _is_in(door, there)) == (True, False)


async def test_rules_hold_at_once(door: Door) -> None:
    admin = (await door.first()).actor
    user = (await door.enter()).actor
    rules = SignInRules(session_longest=60, session_idle=30, shortest_password=20)
    await door.service.change_rules(admin, rules=rules)
    assert await door.service.rules(user) == rules
    assert not (await door.service.password_report("violin tundra 71 x")).valid
    door.service.seen(user)
    await _later(door, minutes=31)
    assert not _is_in(door, user)
    await door.change("UPDATE workspace_settings SET value = '[1' WHERE name = 'sign_in_rules'")
    await door.enter()
    keys = [changes for key, _s, changes in await door.trail() if key == "rules.change"]
    assert len(keys) == 1
    assert "session_longest" in keys[0]


async def test_sessions_end_with_the_window_and_at_the_next_start(door: Door) -> None:
    await door.first()
    other = door.another()
    await other.enter()
    open_ones = "SELECT count(*) FROM sessions WHERE ended_at IS NULL"
    assert await door.column(open_ones) == [2]
    await other.close()
    assert await door.column(open_ones) == [1]
    door.time.later(hours=13)
    third = door.another()
    await third.service.start()
    assert await door.column(open_ones) == [0]
    await third.close()
    door.time.later(days=91)
    fourth = door.another()
    await fourth.service.start()
    assert await door.column("SELECT count(*) FROM sessions") == [0]
    await fourth.close()
