"""Codes of an authenticator: each good once; recovery codes; and who may take them away."""

import json

import pyotp
import pytest

from core.errors import ConflictError
from core.security.actors import Origin, Role
from core.security.sealing import TamperedError
from core.sign_in.schemas import (
    SecondFactorNeeded,
    SignedIn,
    SignInFailedError,
    TooManyAttemptsError,
)
from tests.core.sign_in.door import PASSWORD, WRONG, Door, gathered


async def _ticket(door: Door, name: str = "ada") -> str:
    found = await door.service.sign_in(name, PASSWORD, origin=Origin.DESKTOP, device="")
    assert isinstance(found, SecondFactorNeeded)
    assert found.ticket not in repr(found)
    return found.ticket


async def test_a_code_is_asked_for_once_it_is_in_force(door: Door) -> None:
    admin = (await door.first()).actor
    setup = await door.service.begin_second_factor(admin)
    assert setup.secret not in repr(setup)
    parsed = pyotp.parse_uri(setup.uri)
    assert (parsed.secret, parsed.name, parsed.issuer) == (
        setup.secret, "Ada", "Buildbench asking",
    )  # fmt: skip
    with pytest.raises(SignInFailedError):
        await door.service.confirm_second_factor(admin, code="000000")
    await door.enter()
    code = door.code(setup.secret)
    recovery = await door.service.confirm_second_factor(admin, code=f"{code[:3]} {code[3:]}")
    assert len(set(recovery)) == 10
    assert await door.service.recovery_codes_left(admin) == 10
    ticket = await _ticket(door)
    with pytest.raises(SignInFailedError, match="was used already"):
        await door.service.second_factor(ticket, code)
    door.time.later(seconds=30)
    assert await door.service.second_factor(ticket, door.code(setup.secret))
    with pytest.raises(ConflictError):
        await door.service.begin_second_factor(admin)


async def test_of_fifty_equal_codes_one_is_accepted(door: Door) -> None:
    """In three processes; seen failing with the step read before it is written."""
    admin = (await door.first()).actor
    secret, _codes = await door.with_factor(admin)
    door.time.later(minutes=1)
    doors = [door, door.another(), door.another()]
    code, person = door.code(secret), await door.service._person(1)
    taken = await gathered(
        *(doors[n % 3].service._use_code(admin, person, code) for n in range(50))
    )
    assert sorted(map(str, taken)) == ["False"] * 49 + ["True"]
    door.time.later(minutes=1)
    code, ticket = door.code(secret), await _ticket(door)
    found = await gathered(*(door.service.second_factor(ticket, code) for _time in range(50)))
    assert sum(isinstance(one, SignedIn) for one in found) == 1
    for one in doors[1:]:
        await one.close()


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (1, True), (2, False)])
async def test_clocks_may_differ_by_one_step(door: Door, steps: int, good: bool) -> None:
    secret, _codes = await door.with_factor((await door.first()).actor)
    door.time.later(minutes=5)
    ticket, code = await _ticket(door), door.code(secret, steps=steps)
    if good:
        await door.service.second_factor(ticket, code)
        return
    with pytest.raises(SignInFailedError):
        await door.service.second_factor(ticket, code)


async def test_no_step_before_one_that_was_used_is_good(door: Door) -> None:
    secret, _codes = await door.with_factor((await door.first()).actor)
    door.time.later(minutes=5)
    person = await door.service._person(1)

    async def is_good(steps: int) -> bool:
        code = door.code(secret, steps=steps)
        return await door.service._use_code(person_here, person, code)

    person_here = door.service._presence.actors[0]
    assert await is_good(1)
    assert [await is_good(steps) for steps in (-1, 0, 1)] == [False] * 3


async def test_guessing_codes_is_slowed_like_guessing_passwords(door: Door) -> None:
    """Seen failing with attempts on a ticket that were not counted."""
    await door.with_factor((await door.first()).actor)
    looked_at = 0
    for n in range(60):
        door.time.later(seconds=10)
        try:
            await door.service.second_factor(await _ticket(door), f"{n:06}")
        except SignInFailedError:
            looked_at += 1
        except TooManyAttemptsError:
            pass
    assert looked_at <= 5


async def test_a_ticket_is_good_once_and_for_five_minutes(door: Door) -> None:
    secret, _codes = await door.with_factor((await door.first()).actor)
    ticket = await _ticket(door)
    door.time.later(minutes=5)
    with pytest.raises(SignInFailedError, match="too long"):
        await door.service.second_factor(ticket, door.code(secret))
    ticket = await _ticket(door)
    await door.service.second_factor(ticket, door.code(secret))
    for name in (ticket, "", "made up"):
        with pytest.raises(SignInFailedError, match="too long"):
            await door.service.second_factor(name, door.code(secret))


@pytest.mark.parametrize("change", ["active = 0", "password_changed_at = '2031-01-01'"])
async def test_a_ticket_is_void_when_the_account_changed(door: Door, change: str) -> None:
    secret, _codes = await door.with_factor((await door.first()).actor)
    door.time.later(minutes=1)
    ticket = await _ticket(door)
    await door.change(f"UPDATE users SET {change}")
    with pytest.raises(SignInFailedError):
        await door.service.second_factor(ticket, door.code(secret))


async def test_recovery_codes_are_good_once_each_and_stored_as_digests(door: Door) -> None:
    """Twenty at once with the same code; seen failing with the list read outside the unit."""
    admin = (await door.first()).actor
    secret, codes = await door.with_factor(admin)
    stored = str(await door.column("SELECT recovery_codes FROM users"))
    assert not [one for one in codes if one in stored or one.replace("-", "") in stored]
    assert secret not in str(await door.column("SELECT totp_secret FROM users"))
    person = await door.service._person(1)
    used = await gathered(
        *(door.service._use_code(admin, person, codes[0]) for _time in range(20))
    )
    assert used.count(True) == 1
    await door.service.second_factor(await _ticket(door), f" {codes[1].upper()} ")
    with pytest.raises(SignInFailedError):
        await door.service.second_factor(await _ticket(door), codes[1])
    assert await door.service.recovery_codes_left(admin) == 8
    door.time.later(minutes=16)
    with pytest.raises(SignInFailedError):
        await door.service.new_recovery_codes(admin, password=WRONG)
    fresh = await door.service.new_recovery_codes(admin, password=PASSWORD)
    assert await door.service.recovery_codes_left(admin) == 10
    with pytest.raises(SignInFailedError):
        await door.service.second_factor(await _ticket(door), codes[2])
    door.time.later(minutes=16)
    await door.service.second_factor(await _ticket(door), fresh[0])
    used_keys = [k for k, _s, _c in await door.trail() if "recovery_code_used" in k]
    assert len(used_keys) == 3


async def test_the_factor_is_removed_by_password_or_by_an_administrator(door: Door) -> None:
    admin = (await door.first()).actor
    user = await door.add("bob", Role.VIEWER)
    bob = (await door.enter("bob")).actor
    await door.with_factor(bob)
    with pytest.raises(SignInFailedError):
        await door.service.disable_second_factor(bob, password=WRONG)
    await door.service.disable_second_factor(bob, password=PASSWORD)
    assert await door.service.recovery_codes_left(bob) is None
    await door.enter("bob")
    door.time.later(minutes=1)
    await door.with_factor(bob)
    await door.service.reset_second_factor(admin, user_id=user)
    await door.enter("bob")
    set_ = [json.loads(c) for k, s, c in await door.trail() if k.startswith("second_factor.")]
    assert set_ == [{"set": True}, {"set": False}, {"set": True}, {"set": False}]
    with pytest.raises(ConflictError):
        await door.service.new_recovery_codes(bob, password=PASSWORD)
    with pytest.raises(ConflictError):
        await door.service.confirm_second_factor(bob, code="123456")


async def test_a_secret_of_somebody_else_is_told_as_tampering(door: Door) -> None:
    admin = (await door.first()).actor
    await door.with_factor(admin)
    await door.add("bob")
    await door.change(
        "UPDATE users SET totp_secret = (SELECT totp_secret FROM users WHERE id = 1)"
    )
    with pytest.raises(TamperedError):
        await door.service.second_factor(await _ticket(door, "bob"), "123456")
