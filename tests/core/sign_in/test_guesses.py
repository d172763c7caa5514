"""How often an account may be tried, and that nobody is locked out for good."""

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.app import Core
from core.database.audit_trail import Deed, Subject
from core.errors import AppError
from core.events import NoticeRaised
from core.security.actors import Actor, Origin
from core.sign_in.guesses import LIMIT, PAUSES, WINDOW, Guesses
from core.sign_in.schemas import SignInFailedError, TooManyAttemptsError
from tests.core.sign_in.delays_alone import delays_alone
from tests.core.sign_in.door import PASSWORD, WRONG, Door, FakeClock, gathered
from tests.waiting import until

REFUSAL = Deed(
    Actor.of_this_computer(Origin.SCRIPT), "sign_in.refused", Subject("user", "", "")
)


async def _wrong(door: Door, name: str = "ada") -> AppError:
    with pytest.raises((SignInFailedError, TooManyAttemptsError)) as told:
        await door.enter(name, WRONG)
    return told.value


@pytest.mark.parametrize("name", ["ada", "nobody"])
async def test_pauses_grow_and_the_right_password_waits_as_well(door: Door, name: str) -> None:
    """Seen failing with the failures counted after the verification, and only of people."""
    await door.first()
    for pause in PAUSES[:-1]:
        assert isinstance(await _wrong(door, name), SignInFailedError)
        if pause:
            verified = door.passwords.verified
            with pytest.raises(TooManyAttemptsError) as told:
                await door.enter(name, PASSWORD)
            assert told.value.wait_s == pause
            assert str(pause) in told.value.hint
            assert door.passwords.verified == verified
        door.time.later(seconds=pause)
    if name == "ada":
        await door.enter()
        assert isinstance(await _wrong(door), SignInFailedError)
        assert isinstance(await _wrong(door), SignInFailedError)


async def test_a_flood_of_guesses_verifies_ten(door: Door) -> None:
    """200 at once, again and again for a quarter of an hour, through three processes.

    Seen failing with the attempt reserved after the verification.
    """
    await door.first()
    doors = [door, door.another(), door.another()]
    before = sum(one.passwords.verified for one in doors)
    for _minute in range(14):
        await gathered(*(doors[n % 3].enter("ada", WRONG) for n in range(60)))
        door.time.later(minutes=1)
    assert sum(one.passwords.verified for one in doors) - before == LIMIT
    trail = await door.trail()
    assert sum(key == "sign_in.failed" for key, _subject, _changes in trail) == LIMIT
    assert sum(key == "sign_in.refused" for key, _subject, _changes in trail) <= LIMIT
    for one in doors[1:]:
        await one.close()


async def test_refusals_are_recorded_once_and_their_number_later(door: Door) -> None:
    await door.first()
    for _attempt in range(3):
        await _wrong(door)
    for _attempt in range(50):
        assert isinstance(await _wrong(door), TooManyAttemptsError)
    door.time.later(seconds=2)
    await door.enter()
    trail = await door.trail()
    assert [key for key, _s, _c in trail].count("sign_in.refused") == 1
    assert json.loads(trail[-1][2]) == {"refused_before": 50}


async def test_the_last_administrator_is_never_locked_out_for_good(door: Door) -> None:
    await door.first()
    for _attempt in range(60):
        await _wrong(door)
        door.time.later(seconds=30)
    door.time.later(minutes=15)
    await door.enter()


@pytest.mark.parametrize("days", [-4000, -1, 1, 4000])
async def test_a_clock_that_was_set_locks_nobody_out(door: Door, days: int) -> None:
    """Seen failing with moments in the future counted as they stand."""
    await door.first()
    for _attempt in range(40):
        await _wrong(door)
        door.time.later(seconds=60)
    door.time.set_day(days=days)
    door.time.later(minutes=15)
    await door.enter()


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=60)
    | st.lists(st.integers(50, 90), min_size=25, max_size=60)
)
def test_in_any_quarter_of_an_hour_ten_are_looked_at(waits: list[int]) -> None:
    """A law over all rhythms of guessing; seen failing with a counter per fixed window."""
    asyncio.run(_guess_in_rhythm(waits))


async def _guess_in_rhythm(waits: list[int]) -> None:
    clock = FakeClock()
    async with delays_alone() as database:
        guesses = Guesses(database, "salt", clock.clock())
        account = guesses.account("ada")
        looked_at, waited = [], []
        for wait in waits:
            clock.later(seconds=wait)
            try:
                await guesses.reserve(account, refusal=REFUSAL)
            except TooManyAttemptsError as error:
                waited.append(error.wait_s)
                continue
            looked_at.append(clock.day)
        assert all(0 < wait_s <= WINDOW.total_seconds() for wait_s in waited)
        for start in looked_at:
            assert sum(start <= at < start + WINDOW for at in looked_at) <= LIMIT


async def test_a_success_takes_back_its_own_attempt_alone(door: Door) -> None:
    """Seen failing with a success that forgot the failures before it."""
    await door.first()
    for _round in range(LIMIT):
        assert isinstance(await _wrong(door), SignInFailedError)
        door.time.later(seconds=1)
        if _round < LIMIT - 1:
            for _entry in range(3):
                await door.enter()
                door.time.later(seconds=1)
    assert isinstance(await _wrong(door), TooManyAttemptsError)


async def test_accounts_do_not_share_their_delays_and_old_ones_are_forgotten(
    door: Door,
) -> None:
    await door.first()
    await door.add("bob")
    for n in range(40):
        await _wrong(door, f"nobody {n}")
        await _wrong(door, "bob")
    await door.enter()
    assert await door.column("SELECT count(*) FROM sign_in_delays") == [42]
    door.time.later(minutes=16)
    await door.enter()
    assert await door.column("SELECT count(*) FROM sign_in_delays") == [1]
    assert "nobody" not in str(await door.column("SELECT account FROM sign_in_delays"))


async def test_administrators_here_are_told_of_unusual_attempts(core: Core, door: Door) -> None:
    """Also of those made in another process, which only writes them down."""
    elsewhere = door.another()
    await door.service.start()
    await door.first()
    await door.add("bob")
    told = [e for e in door.events if isinstance(e, NoticeRaised)]
    assert told == []
    for _attempt in range(12):
        await _wrong(elsewhere, "bob")
        door.time.later(seconds=20)

    def notices() -> list[str]:
        return [e.detail for e in door.events if isinstance(e, NoticeRaised)]

    await until(notices, "a notice")
    await until(lambda: door.service._alerts.watcher._news.is_set() is False, "a look")
    await door.service._alerts.look()
    assert len(notices()) == 1
    assert "bob" in notices()[0]
    door.time.later(minutes=16)
    for n in range(25):
        await _wrong(elsewhere, f"guess{n}")
    await door.service._alerts.look()
    await until(lambda: len(notices()) == 2, "a second notice")
    assert "all accounts together" in notices()[1]
    await elsewhere.close()


async def test_a_viewer_is_not_told_of_attempts(door: Door) -> None:
    await door.first()
    admin = (await door.enter()).actor
    await door.add("bob")
    await door.enter("bob")
    for actor in door.service._presence.actors:
        if actor.uid == admin.uid:
            await door.service.sign_out(actor)
    for _attempt in range(12):
        await _wrong(door, "bob")
        door.time.later(seconds=20)
    await door.service._alerts.look()
    assert not [e for e in door.events if isinstance(e, NoticeRaised)]


async def test_a_flood_of_unknown_names_does_not_fill_the_trail(door: Door) -> None:
    await door.first()
    for n in range(120):
        await _wrong(door, f"nobody{n}")
    assert len(await door.trail()) <= 103
    door.time.later(minutes=16)
    await _wrong(door, "nobody")
    assert json.loads((await door.trail())[-1][2])["not_recorded"] == 20
