"""What somebody tries who means harm: races, hostile rows, and input that is far too long.

Each was seen to succeed before it was fenced off.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core import log
from core.errors import AppError, ValidationError
from core.security.actors import Actor, Origin, Role
from core.security.operations import Operation
from core.security.permissions import Gate, SessionEndedError, SignInNeededError
from core.sign_in.passwords import LONGEST
from core.sign_in.schemas import SecondFactorNeeded, SignedIn, SignInFailedError
from tests.core.sign_in.door import PASSWORD, Door, gathered
from tests.waiting import until

_OTHER = "walrus kumquat fjord"


def _meanwhile(
    door: Door, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Awaitable[object]]
) -> None:
    """Let something happen once, right after the next password was looked at."""
    verify = door.passwords.verify

    async def slow(password: str, stored: str | None) -> bool:
        right = await verify(password, stored)
        monkeypatch.undo()
        await happens()
        return right

    monkeypatch.setattr(door.passwords, "verify", slow)


async def _old_password_on(door: Door, actor: Actor, way: str) -> None:
    service = door.service
    if way == "change":
        await service.change_password(actor, old=PASSWORD, new=_OTHER)
    elif way == "disable":
        await service.disable_second_factor(actor, password=PASSWORD)
    elif way == "codes":
        await service.new_recovery_codes(actor, password=PASSWORD)
    else:
        await service.unlock(actor, PASSWORD)


@pytest.mark.parametrize("way", ["change", "disable", "codes", "unlock"])
async def test_a_reset_wins_over_the_old_password_that_is_being_verified(
    door: Door, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Failed by writing the intruder's password over the one of the reset."""
    admin = (await door.first()).actor
    bob = await door.add("bob")
    intruder = (await door.enter("bob")).actor
    await door.with_factor(intruder)
    made: list[str] = []

    async def reset() -> None:
        made.append(await door.service.reset_password(admin, user_id=bob))

    _meanwhile(door, monkeypatch, reset)
    with pytest.raises((SessionEndedError, SignInFailedError)):
        await _old_password_on(door, intruder, way)
    person = await door.service._person(bob)
    assert person.must_change_password
    assert person.totp_secret is not None
    assert await door.passwords.verify(made[0], person.password_hash)


async def test_of_two_changes_with_one_old_password_one_holds(door: Door) -> None:
    actor = (await door.first()).actor
    other = (await door.enter()).actor
    found = await gathered(
        door.service.change_password(actor, old=PASSWORD, new=_OTHER),
        door.service.change_password(other, old=PASSWORD, new=_OTHER + "2"),
    )
    assert sum(isinstance(one, SignedIn) for one in found) == 1


async def test_a_ticket_lets_one_in_though_several_codes_are_right(door: Door) -> None:
    """Failed by looking the ticket up before, and taking it after, the code was looked at."""
    secret, codes = await door.with_factor((await door.first()).actor)
    door.time.later(minutes=1)
    found = await door.service.sign_in("ada", PASSWORD, origin=Origin.DESKTOP, device="desk")
    assert isinstance(found, SecondFactorNeeded)
    tried = await gathered(
        *(
            door.service.second_factor(found.ticket, one)
            for one in (door.code(secret), codes[0])
        )
    )
    assert sum(isinstance(one, SignedIn) for one in tried) == 1
    door.time.later(minutes=5)
    assert len(door.service._tickets._tickets) == 0


async def test_a_wrong_code_does_not_use_up_the_ticket(door: Door) -> None:
    secret, _codes = await door.with_factor((await door.first()).actor)
    door.time.later(minutes=1)
    found = await door.service.sign_in("ada", PASSWORD, origin=Origin.DESKTOP, device="desk")
    assert isinstance(found, SecondFactorNeeded)
    with pytest.raises(SignInFailedError):
        await door.service.second_factor(found.ticket, "000000")
    assert await door.service.second_factor(found.ticket, door.code(secret))


@pytest.mark.expected_log("cannot be read")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE users SET role = 'root' WHERE username = 'kim'",
        "UPDATE users SET recovery_codes = '{' WHERE username = 'kim'",
        "UPDATE users SET last_sign_in_at = 'now' WHERE username = 'kim'",
        "UPDATE sessions SET expires_at = 'never' WHERE user_id = 2",
    ],
)
async def test_one_odd_row_keeps_nobody_else_in(door: Door, sql: str) -> None:
    """Failed by the end of the task that watches: who was disabled stayed for good."""
    await door.service.start()
    await door.first()
    await door.add("kim", Role.OPERATOR)
    await door.add("bob")
    kim, bob = (await door.enter("kim")).actor, (await door.enter("bob")).actor
    await door.change(sql)
    await door.service._presence.review()
    await door.change("UPDATE users SET active = 0 WHERE username = 'bob'")
    await until(lambda: _is_out(door, bob), "the end of the session")
    if not await _is_out(door, kim):
        assert door.gate.present(kim).role is not Role.ADMINISTRATOR
    await door.change("UPDATE users SET last_sign_in_at = NULL")
    await door.change("UPDATE sessions SET expires_at = '2030-01-01 00:00:00.000000'")


@pytest.mark.expected_log("Watching what concerns signing in failed")
async def test_who_watches_goes_on_after_any_error(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sign_in.watcher._AGAIN_S", 0.0)
    errors: list[Exception] = [RuntimeError("odd"), KeyError("odder")]
    looked = asyncio.Event()

    async def look() -> None:
        if errors:
            raise errors.pop()
        looked.set()

    monkeypatch.setattr(door.service._presence.watcher, "_look", look)
    await door.service.start()
    door.service._presence.watcher.wake()
    async with asyncio.timeout(30):
        await looked.wait()


async def _is_out(door: Door, actor: Actor) -> bool:
    try:
        door.gate.require(actor, Operation.PROJECTS_READ)
    except AppError:
        return True
    return False


@pytest.mark.parametrize(
    "stored",
    [
        "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHRzb21l$RdescudvJCsgt3ub+b4dWQ",
        "$argon2id$v=19$m=8,t=4294967295,p=1$c29tZXNhbHRzb21l$RdescudvJCsgt3ub+b4dWQ",
        "$argon2id$v=19$m=2097152,t=9,p=255$c29tZXNhbHRzb21l$RdescudvJCsgt3ub+b4dWQ",
        "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21l$RdescudvJCsgt3ub+b4dWQ",
        "gärbage",
        "",
        "$argon2id$v=19$m=8,t=1,p=1$" + "A" * 1_000_000,
    ],
)
async def test_a_hash_from_elsewhere_costs_no_more_than_ours(
    door: Door, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed by asking for 4 TiB, by running for ever, and by an error that was nobody's."""
    await door.first()
    await door.change("UPDATE users SET password_hash = :stored", stored=stored)
    asked: list[Any] = []
    hasher = door.passwords._hasher
    monkeypatch.setattr(hasher, "verify", lambda _typed, kept: asked.append(kept))
    with pytest.raises(SignInFailedError):
        await door.enter()
    # The same work as ever, on a hash that is nobody's.
    assert [one.split("$")[3] for one in asked] == ["m=8,t=1,p=1"]
    assert asked != [stored]


async def test_a_million_letters_take_no_more_work_than_a_thousand(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed by normalising, rating and hiding all of them, on the loop."""
    actor = (await door.first()).actor
    looked_at: list[int] = []

    def counting(text: str) -> str:
        looked_at.append(len(text))
        return text

    monkeypatch.setattr("core.sign_in.quality.prepared", counting)
    monkeypatch.setattr("core.sign_in.passwords.prepared", counting)
    before = len(log._secrets)
    for typed in ("a" * 1_000_000, "kumquat\n" * 125_000):
        report = await door.service.password_report(typed)
        assert "It is too long: 1024 characters are enough." in report.issues
        with pytest.raises(ValidationError):
            await door.service.change_password(actor, old=PASSWORD, new=typed)
        with pytest.raises(SignInFailedError):
            await door.enter(password=typed)
    assert max(looked_at) <= 4 * LONGEST + 1
    assert len(log._secrets) <= before + 10


async def test_a_password_that_is_taken_opens_in_each_form_of_unicode(door: Door) -> None:
    """Failed for those that are too long as they are typed, but not in the form compared."""
    actor = (await door.first()).actor
    letters = "".join(f"{c}e\N{COMBINING ACUTE ACCENT}" for c in "bcdfghjklm" * 50)
    assert len(letters) > LONGEST
    await door.service.change_password(actor, old=PASSWORD, new=letters)
    assert await door.enter(password=letters)
    with pytest.raises(SignInFailedError):
        await door.enter(password=letters + "x" * 5_000)


async def test_a_new_password_is_not_the_old_one_in_another_form(door: Door) -> None:
    actor = (await door.first()).actor
    with pytest.raises(ValidationError, match="not changed") as told:
        await door.service.change_password(
            actor, old=PASSWORD, new=PASSWORD.replace(" ", "\N{NO-BREAK SPACE}")
        )
    assert "old password" in told.value.fields["new"]


def test_without_a_session_only_the_program_itself_passes() -> None:
    """Failed for whoever said to be a plug-in, in whatever role."""
    gate = Gate(open_here=False)
    for origin in (Origin.DESKTOP, Origin.SCRIPT, Origin.PLUGIN):
        with pytest.raises(SignInNeededError):
            gate.require(Actor("eve", Role.ADMINISTRATOR, origin), Operation.PROJECTS_READ)
    assert gate.present(Actor.of_the_program()) == Actor.of_the_program()


def test_nobody_passes_for_a_person_without_their_session() -> None:
    """Failed by an entry of the audit trail, or a profile, under the person's ``uid``."""
    gate = Gate(open_here=True)
    said = Actor("eve", Role.OPERATOR, Origin.SCRIPT, user_id=1, uid="of ada")
    now = gate.present(said)
    assert (now.user_id, now.uid, now.role) == (None, "", Role.OPERATOR)
