"""Selected lines as text on the clipboard, fetched in pages where they are not at hand."""

from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import QItemSelection
from PySide6.QtGui import QGuiApplication

from core.translation import _, ngettext
from desktop.figures import number
from desktop.widgets.log_view.ansi import plain
from desktop.widgets.log_view.pages import LogSource
from desktop.widgets.log_view.row_map import RowMap

MOST_LINES: Final = 100_000
_MOST_CHARACTERS = 50_000_000
_AT_ONCE = 500


def selected_lines(selection: QItemSelection, row_map: RowMap) -> list[tuple[int, int]]:
    """Return first and last line of each selected range, in order, without the gap."""
    found = []
    for part in selection.toList():
        pieces = [(part.top(), part.bottom())]
        if row_map.gap_lines and part.top() <= row_map.gap_first <= part.bottom():
            gap = row_map.gap_first
            pieces = [(part.top(), gap - 1), (gap + 1, part.bottom())]
        for first, last in pieces:
            if first <= last:
                found.append((row_map.line(first) or 0, row_map.line(last) or 0))
    return sorted(found)


def lines_in(ranges: Sequence[tuple[int, int]]) -> int:
    """Return how many lines ranges hold."""
    return sum(last + 1 - first for first, last in ranges)


async def copy_lines(
    source: LogSource, ranges: Sequence[tuple[int, int]], *, numbered: bool
) -> str:
    """Put lines on the clipboard and return a sentence about it."""
    count = lines_in(ranges)
    if count > MOST_LINES:
        return _too_many(count)
    text = await _text_of(source, ranges, numbered=numbered)
    if text is None:
        return _too_many(count)
    QGuiApplication.clipboard().setText(text)
    sentence = ngettext("{count} line was copied.", "{count} lines were copied.", count)
    return sentence.format(count=number(count))


def _too_many(count: int) -> str:
    return _(
        "{count} lines are too much to copy at once: at most {most}, of {megabytes} MB."
        " Save the log to get it whole."
    ).format(
        count=number(count), most=number(MOST_LINES), megabytes=_MOST_CHARACTERS // 1_000_000
    )


async def _text_of(
    source: LogSource, ranges: Iterable[tuple[int, int]], *, numbered: bool
) -> str | None:
    """Return lines without escape sequences, None when they are too long."""
    parts: list[str] = []
    room = _MOST_CHARACTERS
    for first, last in ranges:
        for start in range(first, last + 1, _AT_ONCE):
            for line in await source.lines(start, min(_AT_ONCE, last + 1 - start)):
                number = f"{line.sequence_number + 1}\t" if numbered else ""
                parts.append(number + plain(line.message))
                room -= len(parts[-1]) + 1
            if room < 0:
                return None
    return "\n".join(parts)
