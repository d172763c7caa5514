"""“Remember on this computer”: a token in the keyring, and nothing where there is none."""

from pathlib import Path

import pytest

from core.app import Core
from core.security.actors import Origin
from core.security.system_keyring import SystemKeyring
from core.sign_in.remembering import SERVICE, RememberedToken
from core.sign_in.schemas import SignedIn
from tests.core.sign_in.door import Door, opened


async def _resume(door: Door) -> SignedIn | None:
    return await door.service.resume(origin=Origin.DESKTOP)


def _token(door: Door) -> str | None:
    assert door.keyring is not None
    return door.keyring.entries.get((SERVICE, door.workspace.info.uid))


async def test_who_is_remembered_comes_in_again_without_a_password(door: Door) -> None:
    await door.first()
    assert await door.service.can_remember() == ""
    assert await _resume(door) is None
    first = await door.enter(remember=True)
    token = _token(door)
    assert token is not None
    assert first.notices == ()
    assert token not in str(await door.column("SELECT token_digest FROM sessions"))
    again = door.another()
    door.time.later(days=20)
    found = await _resume(again)
    assert found is not None
    assert found.actor.session == first.actor.session
    assert (await again.service.sessions(found.actor))[0].remembered
    await door.close()
    await again.close()
    third = door.another()
    assert await _resume(third) is not None
    door.time.later(days=11)
    await third.close()
    fourth = door.another()
    assert await _resume(fourth) is None
    assert _token(door) is None
    await fourth.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE users SET active = 0",
        "UPDATE users SET deleted_at = '2030-01-01'",
        "UPDATE sessions SET ended_at = '2030-01-01', ended_why = 'ended'",
        "UPDATE sessions SET token_digest = uid",
        "UPDATE sessions SET remembered = 0",
        "DELETE FROM users",
        "UPDATE sessions SET created_at = '2999-01-01', expires_at = '2999-02-01'",
    ],
)
async def test_what_ended_meanwhile_is_not_resumed(door: Door, sql: str) -> None:
    await door.first()
    await door.enter(remember=True)
    await door.change(sql)
    again = door.another()
    assert await _resume(again) is None
    assert _token(door) is None
    await again.close()


async def test_a_locked_window_does_not_come_back_without_the_password(door: Door) -> None:
    """Seen failing without the mark: killing the locked window let anybody in."""
    await door.first()
    actor = (await door.enter(remember=True)).actor
    await door.service.lock(actor)
    again = door.another()
    assert await _resume(again) is None
    await again.close()


async def test_signing_out_forgets_and_a_must_change_stays_one(door: Door) -> None:
    admin = (await door.first()).actor
    await door.service.sign_out((await door.enter(remember=True)).actor)
    assert _token(door) is None
    await door.add("bob")
    password = await door.service.reset_password(admin, user_id=2)
    assert (await door.enter("bob", password, remember=True)).must_change_password
    again = door.another()
    found = await _resume(again)
    assert found is not None
    assert found.must_change_password
    await again.close()


async def test_without_a_keyring_nothing_is_remembered_and_that_is_said(
    core: Core, tmp_path: Path
) -> None:
    async with opened(core, tmp_path, keyring=False) as door:
        await door.first()
        assert "no keyring" in await door.service.can_remember()
        found = await door.enter(remember=True)
        assert len(found.notices) == 1
        assert "not remembered" in found.notices[0]
        assert not (await door.service.sessions(found.actor))[0].remembered
        assert await _resume(door) is None


async def test_a_keyring_that_fails_keeps_nobody_out(door: Door) -> None:
    assert door.keyring is not None
    await door.first()
    for fault in ("error", "forgets"):
        setattr(door.keyring, fault, OSError("locked") if fault == "error" else True)
        found = await door.enter(remember=True)
        assert "not remembered" in found.notices[0]
        assert await _resume(door) is None
        await door.service.sign_out(found.actor)
        setattr(door.keyring, fault, None if fault == "error" else False)


async def test_the_keyring_is_not_touched_where_the_person_chose_a_file(door: Door) -> None:
    assert door.keyring is not None
    keyring = door.keyring
    token = RememberedToken(SystemKeyring(lambda: keyring), "u", lambda: False)
    calls = keyring.calls
    assert "not to use the keyring" in await token.why_not()
    assert "not to use the keyring" in await token.keep("x")
    assert await token.get() is None
    await token.forget()
    assert keyring.calls == calls
