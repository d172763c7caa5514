"""Problems in the output of compilers, linters and test runners.

The files of ``problem_samples`` are what the tools printed; only paths of the machine are
replaced.
"""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.builds.logs.escapes import as_shown
from core.builds.logs.problems.finder import ProblemFinder, problems_in, sighted_text
from core.builds.schemas import Problem
from tests.core.builds.problem_answers import EXPECTED, WRITTEN, Told

SAMPLES = Path(__file__).parent / "problem_samples"
INNOCENT = [
    "main.c:3:5: note: each undeclared identifier is reported only once",
    "In file included from a.c:1:",
    "0 errors, 0 warnings",
    "12:30:45 error rate is low",
    "Compiling error-chain v0.12.4",
    "see https://example.com:443: error: no",
    "  1) first of a list",
    'File "x.txt", line 3',
    "-- Looking for error.h - found",
    "tests/test_x.py::test_y PASSED",
    "error: could not compile `x` (lib) due to 2 previous errors",
    "error: pathspec 'x' did not match any file(s) known to git",
    "make[1]: Leaving directory '/src'",
]


def told(problem: Problem) -> Told:
    """Return a problem as the tables above show it."""
    return (
        problem.line, problem.severity.value, problem.tool, problem.file, problem.row,
        problem.column, problem.message,
    )  # fmt: skip


def assert_told(text: bytes, expected: list[Told]) -> None:
    found = [told(problem) for problem in problems_in(text)]
    assert [one[:6] for one in found] == [one[:6] for one in expected]
    for one, wanted in zip(found, expected, strict=True):
        assert one[6].startswith(wanted[6])


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_tools_printed(name: str) -> None:
    assert_told((SAMPLES / f"{name}.txt").read_bytes(), EXPECTED[name])


def test_each_sample_is_expected() -> None:
    assert {file.stem for file in SAMPLES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("text", sorted(WRITTEN))
def test_what_other_tools_print(text: str) -> None:
    assert_told(text.encode(), WRITTEN[text])


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_lines(text: str) -> None:
    assert problems_in(text.encode()) == []


_ALL = sorted(
    [*(file.read_bytes() for file in SAMPLES.iterdir()), *(text.encode() for text in WRITTEN)]
)


def cut_at(lines: list[bytes], places: list[int]) -> list[Problem]:
    """Find problems in lines that come in several stretches."""
    finder = ProblemFinder()
    for begin, end in pairwise([0, *places, len(lines)]):
        finder.feed(sighted_text(begin, as_shown(b"".join(lines[begin:end]))))
    finder.end()
    return sorted(finder.problems, key=lambda problem: problem.line)


def lines_of(text: bytes) -> list[bytes]:
    return [line + b"\n" for line in text.removesuffix(b"\n").split(b"\n")]


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(_ALL), max_size=4),
    st.lists(st.integers(0, 200), max_size=8),
    st.integers(0, 3),
)
def test_problems_are_the_same_wherever_a_log_is_cut(
    parts: list[bytes], cuts: list[int], filler: int
) -> None:
    """Seen to fail when a stretch was looked at before the next one was there."""
    between = b"plain line\n" * 2_000 * filler
    lines = lines_of(between.join(b"".join(lines_of(part)) for part in parts))
    places = sorted({cut * len(lines) // 200 for cut in cuts})
    assert cut_at(lines, places) == problems_in(b"".join(lines))


@pytest.mark.parametrize("part", _ALL)
def test_problems_are_the_same_wherever_a_sample_is_cut(part: bytes) -> None:
    """Seen to fail when the lines before those that wait were forgotten."""
    filler, sample = [b"plain line\n"] * 4_000, lines_of(part)
    lines = [*filler, *sample, *filler]
    whole = problems_in(b"".join(lines))
    for place in range(0, len(sample) + 1, 1 + len(sample) // 8):
        # The second cut is as far behind as lines wait.
        for behind in (0, 1_380):
            places = [len(filler) + place, len(filler) + place + behind]
            assert cut_at(lines, places) == whole


def test_the_first_problems_that_differ_are_kept() -> None:
    lines = [b"x.c:%d: error: bad" % (number % 2_000 + 1) for number in range(6_000)]
    found = problems_in(b"\n".join(lines))
    assert [problem.row for problem in found] == list(range(1, 1_001))
    assert problems_in(b"\n".join([lines[0]] * 5_000)) == problems_in(lines[0])


def test_hostile_lines_are_linear() -> None:
    """Each of these takes a backtracking engine minutes."""
    long = 200_000
    hostile = [
        b"a:" * long + b" error: x",
        b"x" * long + b"(1,1" * long + b": error TS1: ",
        b" at (" + b"a:1:1 " * long + b": error: x",
        b"E" * long + b"Error: " + b" " * long,
        b'File "' + b'"' * long + b'", line ' + b"9" * long,
        b"::error " + b"a=b,:" * long + b"::x",
        b"Traceback (most recent call last):\n" + b'  File "x.py", line 1, in f\n' * 20_000,
    ]
    for line in hostile:
        for problem in problems_in(b"\n".join([line, b"y.c:3:1: error: seen"])):
            assert len(problem.message) <= 500
            assert problem.row is None or problem.row < 1_000_000_000
    assert "seen" in problems_in(b"\n".join([*hostile, b"y.c:3:1: error: seen"]))[-1].message


def test_of_a_line_without_end_little_is_kept() -> None:
    """Seen to keep all of it, and to copy all of it at each of its parts."""
    finder = ProblemFinder()
    for _part in range(20):
        finder.feed(sighted_text(0, b"x" * 500_000))
    assert len(finder._rest.text) < 100_000
    finder.feed(sighted_text(0, b"\ny.c:3:1: error: seen\n"))
    finder.end()
    assert [(one.line, one.message) for one in finder.problems] == [(1, "seen")]
