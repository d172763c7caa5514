"""Rows and lines are told from each other, whatever is folded, filtered or dropped."""

from bisect import bisect_right

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.builds.schemas import LogGroup
from desktop.widgets.log_view.folds import MOST_GROUPS, Folds, Heading
from desktop.widgets.log_view.highlight import MOST_RANGES, Needle, finder
from desktop.widgets.log_view.row_map import RowMap

_LINES = st.integers(0, 40)


def _shown(lines: int, gap: tuple[int, int], hidden: list[tuple[int, int]]) -> list[int]:
    """Return the lines that have rows, as said in one sentence: the law."""
    first, count = gap
    beyond = range(first + 1, first + count) if count else range(0)
    return [
        line
        for line in range(lines)
        if line not in beyond and not any(a <= line <= b for a, b in hidden)
    ]


@st.composite
def _hidden(draw: st.DrawFn) -> list[tuple[int, int]]:
    pairs = draw(st.lists(st.tuples(_LINES, st.integers(0, 12)), max_size=5))
    return sorted((first, first + more) for first, more in pairs)


@settings(max_examples=150)
@given(_LINES, _LINES, st.integers(0, 15), _hidden(), st.integers(0, 20))
def test_rows_are_the_lines_that_are_not_hidden_also_after_growth(
    lines: int, gap_first: int, gap_lines: int, hidden: list[tuple[int, int]], more: int
) -> None:
    """Failed by lines that came back where a fold ends inside of another one."""
    hidden = [(a, min(b, lines - 1)) for a, b in hidden if 0 < a < lines]
    gap_lines = max(min(gap_lines, lines - gap_first), 0)
    row_map = RowMap(lines, gap_first, gap_lines, hidden)
    for mapped, total in ((row_map, lines), (row_map.grown(lines + more), lines + more)):
        expected = _shown(total, (gap_first, gap_lines), hidden)
        assert mapped.rows == len(expected)
        assert mapped.lines == total
        for row, line in enumerate(expected):
            dropped = gap_lines > 0 and line == gap_first
            assert mapped.line(row) == (None if dropped else line)
        for line in range(total):
            nearest = bisect_right(expected, line) - 1
            assert mapped.row(line) == max(nearest, 0)
            dropped = gap_lines > 0 and line == gap_first
            assert mapped.shows(line) == (line in expected and not dropped)


@settings(max_examples=100)
@given(_LINES, st.sets(st.integers(0, 60)), _LINES, st.integers(0, 10))
def test_only_some_lines_have_rows_and_dropped_ones_have_none(
    lines: int, chosen: set[int], gap_first: int, gap_lines: int
) -> None:
    row_map = RowMap(lines, gap_first, gap_lines, [(1, 5)], sorted(chosen))
    gap = range(gap_first, gap_first + gap_lines)
    expected = [line for line in sorted(chosen) if line < lines and line not in gap]
    assert [row_map.line(row) for row in range(row_map.rows)] == expected
    assert row_map.grown(lines + 100).rows == len(expected)
    spans = list(row_map.spans(0, row_map.rows - 1)) if expected else []
    assert [line for a, b in spans for line in range(a, b + 1)] == expected


def test_what_is_folded_between_rows_goes_with_them_and_the_gap_does_not() -> None:
    row_map = RowMap(100, 50, 10, [(11, 20)])
    assert list(row_map.spans(9, 11)) == [(9, 21)]
    assert list(row_map.spans(9, 10)) == [(9, 10)]
    gap = row_map.row(55)
    assert list(row_map.spans(gap - 1, gap + 1)) == [(49, 49), (60, 60)]
    assert list(row_map.spans(gap, gap)) == []


def test_a_million_lines_with_ten_thousand_folds_are_asked_by_bisection() -> None:
    """Counts the runs, not the time: growth must not copy them."""
    hidden = [(first + 1, first + 50) for first in range(0, 1_000_000, 100)]
    row_map = RowMap(1_000_000, 0, 0, hidden)
    assert row_map.rows == 1_000_000 - 10_000 * 50
    assert row_map.line(row_map.row(999_999)) == 999_999
    grown = row_map.grown(1_500_000)
    assert grown.rows == row_map.rows + 500_000
    assert grown._firsts is row_map._firsts


def test_groups_are_folded_and_revealed() -> None:
    folds = Folds()
    assert folds.take([LogGroup(10, 20, "outer"), LogGroup(12, 15, "in\x1b[1mner")])
    assert not folds.take([LogGroup(10, 20, "outer"), LogGroup(12, 15, "in\x1b[1mner")])
    folds.fold_all()
    assert list(folds.hidden()) == [(11, 20), (13, 15)]
    assert folds.heading(12) == Heading("inner", 3, folded=True)
    assert folds.around(14) == 12
    assert folds.around(18) == 10
    assert folds.around(21) is None
    assert folds.reveal(14)
    assert not folds.reveal(14)
    assert list(folds.hidden()) == []


def test_an_open_group_is_not_folded_and_one_with_an_error_stays_open() -> None:
    folds = Folds()
    folds.take([LogGroup(1, 5, "a"), LogGroup(6, 9, "b"), LogGroup(20, None, "c")])
    folds.fold_quiet([3, 15])
    assert list(folds.hidden()) == [(7, 9)]
    assert not folds.fold(20)
    assert folds.heading(20) == Heading("c", None, folded=False)
    assert folds.around(500) == 20


def test_a_group_that_is_gone_is_folded_no_more() -> None:
    folds = Folds()
    folds.take([LogGroup(1, 5, "a")])
    folds.fold(1)
    folds.take([LogGroup(1, 7, "a")])
    assert list(folds.hidden()) == [(2, 7)]
    folds.take([])
    assert list(folds.hidden()) == []


def test_far_too_many_groups_and_titles_without_end_do_no_harm() -> None:
    folds = Folds()
    title = "x" * 100_000
    folds.take([LogGroup(2 * n, 2 * n + 1, title) for n in range(3 * MOST_GROUPS)])
    folds.fold_all()
    row_map = RowMap(2_000_000, 0, 0, folds.hidden())
    assert row_map.rows == 2_000_000 - MOST_GROUPS
    heading = folds.heading(0)
    assert heading is not None
    assert len(heading.title) < 1_000


@pytest.mark.parametrize(
    ("needle", "line", "expected"),
    [
        (Needle("b"), "abcB", ((1, 2), (3, 4))),
        (Needle("b", case=True), "abcB", ((1, 2),)),
        (Needle("(a+)+"), "aa(a+)+", ((2, 7),)),
        (Needle("ö+", regular=True), "xöÖy", ((1, 3),)),
        (Needle("ö+", regular=True, case=True), "xöÖy", ((1, 2),)),
        (Needle("x*", regular=True), "axxb", ((1, 3),)),
        (Needle("(", regular=True), "(", ()),
        (Needle(""), "a", ()),
    ],
)
def test_what_is_searched_for_is_found_in_a_line(
    needle: Needle, line: str, expected: tuple[tuple[int, int], ...]
) -> None:
    assert finder(needle)(line) == expected


def test_an_expression_that_backtracks_elsewhere_and_many_matches_are_bounded() -> None:
    assert finder(Needle("(a+)+$", regular=True))("a" * 4_000 + "b") == ()
    assert len(finder(Needle("a"))("a" * 4_000)) == MOST_RANGES
