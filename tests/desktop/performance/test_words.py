"""Times, sizes and counts in words: also whole numbers, and with as few digits as help."""

import pytest

from core.performance.statements.schemas import PlanVerdict
from desktop.performance import words


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0 ms"), (0.042, "0.04 ms"), (4.23, "4.2 ms"), (18, "18.0 ms"), (212.4, "212 ms"),
     (1000, "1.0 s"), (42_300, "42 s"), (125_000, "2:05")],
)  # fmt: skip
def test_times(value: float, said: str) -> None:
    """Seen failing with whole numbers, which Qt does not take where it wants a fraction."""
    assert words.milliseconds(value) == said


def test_counts_and_changes() -> None:
    assert words.per_second(0) == "0/s"
    assert words.per_second(3) == "3.0/s"
    assert words.per_second(120.4) == "120/s"
    assert words.plain(3) == "3"
    assert words.plain(2.5) == "2.5"
    assert words.change_words(1_200_000) == "+1.2 MB"
    assert words.change_words(-1_200_000) == "−1.2 MB"
    assert words.byte_words(324_000_000.4) == "324.0 MB"


def test_a_plan_is_judged_in_a_word() -> None:
    assert words.verdict_badge(None) is None
    # Seen failing where each step without anything to tell was called “Other”.
    assert words.verdict_badge(PlanVerdict.OTHER) is None
    for verdict in set(PlanVerdict) - {PlanVerdict.OTHER}:
        badge = words.verdict_badge(verdict)
        assert badge is not None
        assert badge.word
    many = words.verdict_badge(PlanVerdict.FULL_SCAN, 2_000_000)
    assert many is not None
    assert many.word == "Reads 2,000,000 rows"
