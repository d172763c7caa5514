"""Figures as people read them."""

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QLocale

from desktop import figures

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _english() -> object:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    yield
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (12_400_000, "12.4 MB"), (5 * 10**9, "5.0 GB")],
)
def test_sizes(count: int, words: str) -> None:
    assert figures.size(count) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0:00"), (-3, "0:00"), (42.9, "0:42"), (725, "12:05"), (3723, "1:02:03")],
)
def test_durations(seconds: float, words: str) -> None:
    assert figures.duration(seconds) == words


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=7), "5/13/26"),
    ],
)
def test_how_long_ago(passed: timedelta, words: str) -> None:
    assert figures.ago(NOW - passed, NOW) == words


def test_numbers_are_parted_as_the_locale_does() -> None:
    assert figures.number(1_234_567) == "1,234,567"
    assert figures.percent(0.875) == "88 %"
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    assert figures.number(1_234_567) == "1.234.567"
    assert figures.decimal(1234.56, 1) == "1.234,6"
    QLocale.setDefault(QLocale.c())
    assert figures.number(1_234_567) == "1,234,567"


def test_moments_of_no_country_are_written_by_the_standard() -> None:
    """Seen failing as "20 5 2026", which is how Qt writes a date of no country."""
    assert figures.brief(NOW).startswith("5/20/26")
    QLocale.setDefault(QLocale.c())
    assert figures.brief(NOW).startswith("2026-05-2")
    assert figures.ago(NOW - timedelta(days=7), NOW).startswith("2026-05-1")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("0", "0"),
        ("-12", "-12"),
        ("123", "123"),
        ("-1234.50", "-1,234.50"),
        (
            "98765432109876543210.000000000000000001",
            "98,765,432,109,876,543,210.000000000000000001",
        ),
    ],
)
def test_long_numbers_keep_all_digits(written: str, words: str) -> None:
    """Fails when a float stands between: it keeps sixteen digits."""
    assert figures.digits(written) == words
