"""A log saved as plain text is the same however its bytes were cut into chunks."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.builds.logs import plain
from core.builds.logs.escapes import as_shown
from core.builds.logs.plain import PlainText

_PIECES = st.sampled_from(
    [b"\x1b[31m", b"\x1b]0;title\x07", b"\n", b"\r\n", b"ab", "ö€".encode(), b"\xff", b"\x1b"]
)


@settings(max_examples=200)
@given(st.lists(_PIECES, max_size=20), st.lists(st.integers(1, 5), min_size=1, max_size=10))
def test_any_chunking_gives_the_same_text(pieces: list[bytes], lengths: list[int]) -> None:
    """Failed by a sequence that two chunks shared, when each chunk was taken for itself."""
    raw = b"".join(pieces)
    text = PlainText()
    told, place, turn = b"", 0, 0
    while place < len(raw):
        length = lengths[turn % len(lengths)]
        told += text.feed(raw[place : place + length])
        place, turn = place + length, turn + 1
    assert told + text.finish() == as_shown(raw)


def test_a_line_without_end_is_given_in_parts_that_split_nothing() -> None:
    text = PlainText()
    line = ("ö" * 300_000 + "\x1b[31mred").encode()
    told, most = b"", 0
    for place in range(0, 8 * len(line), 65_537):
        told += text.feed((line * 8)[place : place + 65_537])
        most = max(most, len(text._rest))
    assert told + text.finish() == as_shown(line * 8)
    assert most <= plain._LONGEST_LINE + 65_537
