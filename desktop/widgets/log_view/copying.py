"""Selected lines as text for the clipboard, fetched in pages where they are not at hand."""

from collections.abc import Iterable, Sequence
from typing import Final

from desktop.widgets.log_view.ansi import plain
from desktop.widgets.log_view.pages import LogSource

MOST_LINES: Final = 100_000
_AT_ONCE = 500


async def text_of(
    source: LogSource, ranges: Iterable[tuple[int, int]], *, numbered: bool
) -> str:
    """Return the lines of ranges (first and last line) without escape sequences."""
    parts: list[str] = []
    for first, last in ranges:
        for start in range(first, last + 1, _AT_ONCE):
            count = min(_AT_ONCE, last + 1 - start)
            for line in await source.lines(start, count):
                number = f"{line.sequence_number + 1}\t" if numbered else ""
                parts.append(number + plain(line.message))
    return "\n".join(parts)


def lines_in(ranges: Sequence[tuple[int, int]]) -> int:
    """Return how many lines ranges hold."""
    return sum(last + 1 - first for first, last in ranges)
