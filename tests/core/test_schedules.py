"""Times of schedules: changes to summer time and back, jumps of the clock, the zone itself."""

import itertools
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.schedules import LocalZone, next_time, problem_with, times_after
from core.triggers.followed import Followed

BERLIN = ZoneInfo("Europe/Berlin")


def berlin(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=BERLIN, fold=fold)  # type: ignore[arg-type,misc]


def times(expression: str, moment: datetime, count: int) -> list[datetime]:
    return [t.astimezone(BERLIN) for t in times_after(expression, moment, BERLIN, count)]


@pytest.mark.parametrize(
    "expression",
    [
        "", "* * * *", "* * * * * *", "61 * * * *", "a b c d e", "0 0 31 2 *", "@daily",
        "* * * * 8",
    ],
)  # fmt: skip
def test_what_is_no_schedule(expression: str) -> None:
    assert problem_with(expression)


@pytest.mark.parametrize("expression", ["* * * * *", "0 3 * * MON-FRI", "*/5 8-18 1,15 * *"])
def test_what_is_a_schedule(expression: str) -> None:
    assert problem_with(expression) == ""


def test_an_hour_that_is_skipped() -> None:
    """On 29 March 2026 there is no 2:30 in Berlin: it fires right after the gap, once."""
    found = times("30 2 * * *", berlin(2026, 3, 28, 12), 3)
    assert found[0] == berlin(2026, 3, 29, 3, 0)
    assert found[1] == berlin(2026, 3, 30, 2, 30)


def test_an_hour_that_comes_twice() -> None:
    """On 25 October 2026 there are two 2:30 in Berlin: it fires in the first alone."""
    found = times("30 2 * * *", berlin(2026, 10, 24, 12), 2)
    assert found[0].astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert found[1] == berlin(2026, 10, 26, 2, 30)


def test_each_minute_goes_on_through_both() -> None:
    for start in (berlin(2026, 3, 29, 1, 50), berlin(2026, 10, 25, 1, 50)):
        found = [t.astimezone(UTC) for t in times("*/10 * * * *", start, 20)]
        steps = {later - earlier for earlier, later in itertools.pairwise(found)}
        assert steps == {timedelta(minutes=10)}


def test_a_clock_that_is_put_back() -> None:
    """A little: what was met is not met again. A long way: times are new.

    Seen failing without the look at when it fired last.
    """
    fired = berlin(2026, 5, 1, 12, 0)
    little = next_time("0 * * * *", fired - timedelta(seconds=2), fired, BERLIN)
    assert little == berlin(2026, 5, 1, 13, 0)
    far = next_time("0 * * * *", fired - timedelta(days=400), fired, BERLIN)
    assert far == fired - timedelta(days=400) + timedelta(hours=1)
    assert next_time("0 * * * *", fired, None, BERLIN) == berlin(2026, 5, 1, 13)


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.usefixtures("in_berlin")
def test_the_zone_of_this_computer_is_that_of_the_system() -> None:
    """Seen failing with a fixed offset, as ``astimezone()`` gives it."""

    @settings(max_examples=200)
    @given(moment=MOMENTS | st.sampled_from([
        datetime(2026, month, day, hour, minute, tzinfo=UTC)
        for month, day in ((3, 29), (10, 25)) for hour in (0, 1, 2) for minute in (0, 30, 59)
    ]))  # fmt: skip
    def law(moment: datetime) -> None:
        ours, theirs = moment.astimezone(LocalZone()), moment.astimezone(BERLIN)
        assert ours.replace(tzinfo=None) == theirs.replace(tzinfo=None)
        assert (ours.fold, ours.utcoffset()) == (theirs.fold, theirs.utcoffset())
        assert ours.astimezone(UTC) == moment
        assert ours.tzname() == theirs.tzname()

    law()


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize(
    "expression", ["30 2 * * *", "*/7 * * * *", "0 2,3 * * SUN", "0 0 1 * *"]
)
def test_schedules_are_the_same_in_both(expression: str) -> None:
    for start in (berlin(2026, 3, 27), berlin(2026, 10, 23)):
        assert times_after(expression, start, LocalZone(), 300) == times_after(
            expression, start, BERLIN, 300
        )


@given(builds=st.lists(st.tuples(st.integers(1, 50), st.booleans()), max_size=40))
def test_which_builds_were_looked_at(builds: list[tuple[int, bool]]) -> None:
    followed = Followed()
    for build_id, ended in builds:
        followed = followed.looked_at(build_id, ended=ended)
    last = dict(builds)
    assert followed.open == {build_id for build_id, ended in last.items() if not ended}
    assert followed.upto == max(last, default=0)
    assert Followed.stored(followed.as_text()) == followed


@pytest.mark.parametrize("text", ["", "abc", "1:2,x", ":", "-1:", "1:-2", "٣:"])
def test_what_nobody_remembered_like_that(text: str) -> None:
    assert Followed.stored(text) is None
