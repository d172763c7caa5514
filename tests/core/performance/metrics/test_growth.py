"""The forecast of growth: robust against steps, silent where little is known."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.performance.metrics.growth import FEWEST_POINTS, Forecast, Point, forecast

START = datetime(2026, 1, 1, tzinfo=UTC)
UNKNOWN = Forecast(None, None)


def line(count: int, *, start: float = 1e9, per_day: float, hours: float = 24) -> list[Point]:
    """Return points on a line."""
    return [
        Point(START + timedelta(hours=hours * number), start + per_day * number * hours / 24)
        for number in range(count)
    ]


def later(points: list[Point], days: int) -> list[Point]:
    """Return points that come some days later."""
    return [Point(point.at + timedelta(days=days), point.size) for point in points]


@given(st.integers(FEWEST_POINTS, 400), st.floats(1, 1e10), st.floats(0, 1e13), st.randoms())
def test_a_line_goes_on(count: int, per_day: float, free: float, random: object) -> None:
    """Failed by a slope per second, and by points that had to be in order."""
    points = line(count, per_day=per_day)
    random.shuffle(points)  # type: ignore[attr-defined]
    found = forecast(points, now=START, disk_free=free)
    assert found.bytes_per_day == pytest.approx(per_day, rel=1e-3)
    days = free / per_day
    if days < 3_600:
        assert found.full_at is not None
        assert found.full_at - START == pytest.approx(timedelta(days=days), rel=2e-3)
    elif days > 3_700:
        assert found.full_at is None


@given(
    st.lists(st.tuples(st.integers(0, 39), st.floats(0, 1e14)), max_size=6),
    st.floats(1e3, 1e9),
)
def test_odd_points_change_little(odd: list[tuple[int, float]], per_day: float) -> None:
    """Of 40 points 6 are anything at all; a line of least squares failed this."""
    points = line(40, start=0.0, per_day=per_day)
    for number, size in odd:
        points[number] = Point(points[number].at, size)
    found = forecast(points, now=START)
    assert found.bytes_per_day == pytest.approx(per_day, rel=0.25)
    assert found.full_at is None


@pytest.mark.parametrize(
    "points",
    [
        [],
        line(FEWEST_POINTS - 1, per_day=1e6),
        line(60, per_day=1e6, hours=1),
        line(30, per_day=0.0),
        line(30, per_day=-1e6),
        [Point(START, size) for size in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)],
        # It grew once, by an import, and not since.
        [*line(15, start=1e6, per_day=0.0), *later(line(15, per_day=0.0), 15)],
    ],
    ids=["none", "few", "an hour each", "level", "shrinking", "at once", "one step"],
)  # fmt: skip
def test_nothing_is_said_where_little_is_known(points: list[Point]) -> None:
    assert forecast(points, now=START, disk_free=1e9) == UNKNOWN


def test_a_vacuum_does_not_hide_the_growth() -> None:
    """Failed by the slope from the first point to the last."""
    before = line(60, per_day=1e7)
    after = later(line(20, start=5e8, per_day=1e7), 60)
    found = forecast([*before, *after], now=START, disk_free=1e9)
    assert found.bytes_per_day == pytest.approx(1e7, rel=0.05)
    assert found.full_at == pytest.approx(START + timedelta(days=100), abs=timedelta(days=6))
