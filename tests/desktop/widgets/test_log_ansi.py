"""Laws of the escape parser: it never raises, leaks, or slows down, and knows its colours."""

import itertools
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop.widgets.log_view.ansi import DIRECT, PLAIN, Span, Style, columns, plain, spans

_PIECES = st.sampled_from(
    (
        *("\x1b", "\x1b[", "\x9b", "\x1b]", "\x1bP", "\x1b_", "\x1b\\", "\x07", "\x9c", "m"),
        *("[", "]", "0", "1;31", "38;5;200", "38:2::1:2:3", ";", ":", "?", "\r", "\n", "\t"),
        *("\0", "\x7f", "\x85", "\u202e", "\u2066", "\ud800", "é", "漢", "e\u0301", "text"),
    )
)
_LINES = st.lists(_PIECES | st.text(max_size=4), max_size=40).map("".join)
_FORBIDDEN = frozenset("\u200e\u200f\u061c\u2028\u2029\ufeff")


def _unsafe(character: str) -> bool:
    if character in _FORBIDDEN or unicodedata.category(character) in ("Cc", "Cs"):
        return True
    # LRE, RLE, LRO, RLO, PDF and the isolates
    return unicodedata.bidirectional(character) in (
        *("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"),
    )


@given(_LINES)
def test_no_control_character_gets_through(line: str) -> None:
    assert not [c for c in plain(line) if _unsafe(c)]


@given(_LINES)
def test_clean_text_stays_as_it_is(line: str) -> None:
    clean = plain(line)
    assert plain(clean) == clean
    assert spans(clean) == ((Span(clean, PLAIN),) if clean else ())


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
@example("100 % [done] ^_^ \\o/")
def test_printable_text_is_not_touched(line: str) -> None:
    assert plain(line) == line


@given(_LINES)
def test_spans_are_merged_and_not_empty(line: str) -> None:
    found = spans(line)
    assert all(span.text for span in found)
    assert all(a.style != b.style for a, b in itertools.pairwise(found))


@given(_LINES, st.text(st.characters(categories=("Ll", "Nd")), min_size=1))
def test_only_what_follows_a_carriage_return_is_left(before: str, after: str) -> None:
    # A string such as OSC would swallow what follows; ST closes it.
    assert plain(f"{before}\x1b\\\r{after}") == after
    assert plain(f"{after}\r") == after


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("\x1b]0;title\x07shown", "shown"),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0\x1b\\shown", "shown"),
        ("\x1b[2J\x1b[1;1Hshown\x1b[K", "shown"),
        ("\x1b(Bshown\x1b=", "shown"),
        ("\x9d0;title\x9cshown", "shown"),
        ("a\0b\x08c", "abc"),
        ("user\u202etxt.exe", "usertxt.exe"),
        ("10 %\r50 %\r100 %", "100 %"),
        ("windows\r", "windows"),
        ("⠹\x1b[1G\x1b[0K", ""),
        ("⠹\x1b[1G\x1b[0Knpm warn", "npm warn"),
        ("10 %\r\x1b[K", ""),
        ("10 %\x1b[2K\x1b[Gdone", "done"),
        ("left\x1b[K", "left"),
        ("a column\x1b[40Gfurther", "a columnfurther"),
        ("a\tb", "a       b"),
        ("漢\tb", "漢      b"),
        ("12345678\tb", "12345678        b"),
        ("\x1b]never closed", ""),
        ("cut \x1b[31", "cut "),
    ],
)
def test_what_a_terminal_leaves(line: str, text: str) -> None:
    assert plain(line) == text


@pytest.mark.parametrize(
    ("codes", "style"),
    [
        ("31", Style(foreground=1)),
        ("1;92", Style(foreground=10, bold=True)),
        ("38;5;208", Style(foreground=208)),
        ("48;2;1;2;3", Style(background=DIRECT | 0x010203)),
        ("38:2::1:2:3", Style(foreground=DIRECT | 0x010203)),
        ("38:2:1:2:3", Style(foreground=DIRECT | 0x010203)),
        ("38:5:9", Style(foreground=9)),
        ("2;3;4;7", Style(faint=True, italic=True, underline=True, inverse=True)),
        ("4:3", Style(underline=True)),
        ("4;4:0", PLAIN),
        ("1;2;22;3;23;4;24;7;27;31;39;41;49", PLAIN),
        ("31;0", PLAIN),
        ("31;", PLAIN),
        ("", PLAIN),
        ("?31", PLAIN),
        ("38;5;999", PLAIN),
        ("38;5", Style(foreground=0)),
        ("38;2;1;2;999", PLAIN),
        ("999999999999", PLAIN),
        ("8", PLAIN),
    ],
)
def test_styles(codes: str, style: Style) -> None:
    assert spans(f"\x1b[{codes}mx") == (Span("x", style),)


def test_the_style_survives_a_carriage_return_but_not_the_line() -> None:
    assert spans("\x1b[32m10 %\r20 %") == (Span("20 %", Style(foreground=2)),)
    assert spans("next") == (Span("next", PLAIN),)


@pytest.mark.parametrize(
    "garbage",
    ["\x1b[", "\x1b]", "\x1b", "\x1b[1;", "\x1b[31m", "\x1bP\x1b", "\t", "\r", "9", "\x1b[:"],
)
def test_a_megabyte_of_garbage_is_taken_in_one_go(garbage: str) -> None:
    """Quadratic time would need hours here: the suite's own time limit is the assertion."""
    line = garbage * (1_000_000 // len(garbage))
    assert not any(_unsafe(c) for c in set(plain(line)))
    assert columns(plain(f"\x1b[{line}mx")) >= 0


def test_columns_count_cells() -> None:
    assert [columns(t) for t in ("", "abc", "é", "e\u0301", "漢字", "🙂")] == [0, 3, 1, 1, 4, 2]
