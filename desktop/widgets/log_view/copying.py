"""Selected lines as text on the clipboard, fetched in pages where they are not at hand."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from PySide6.QtCore import QItemSelection
from PySide6.QtGui import QGuiApplication

from core.builds.schemas import BuildLog
from core.translation import _, ngettext
from desktop.figures import number
from desktop.widgets.log_view.ansi import plain
from desktop.widgets.log_view.pages import LogSource
from desktop.widgets.log_view.row_map import RowMap, Span

MOST_LINES: Final = 100_000
_MOST_CHARACTERS = 50_000_000
_AT_ONCE = 500


def selected_lines(selection: QItemSelection, row_map: RowMap) -> list[Span]:
    """Return first and last line of each selected range, in order, without the gap.

    What is folded between selected rows goes with them.
    """
    return sorted(
        span for part in selection.toList() for span in row_map.spans(part.top(), part.bottom())
    )


def lines_in(ranges: Sequence[Span]) -> int:
    """Return how many lines ranges hold."""
    return sum(last + 1 - first for first, last in ranges)


async def copy_lines(
    source: LogSource,
    ranges: Sequence[Span],
    *,
    numbered: bool = False,
    told: Callable[[BuildLog], str] | None = None,
) -> str:
    """Put lines on the clipboard and return a sentence about it.

    Args:
        numbered: Whether each line has its number before it.
        told: Returns what else stands before a line, such as its time.
    """
    count = lines_in(ranges)
    if count > MOST_LINES:
        return _too_many(count)

    def before(line: BuildLog) -> str:
        number = f"{line.sequence_number + 1}\t" if numbered else ""
        return number + (f"{told(line)}\t" if told else "")

    text = await _text_of(source, ranges, before)
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
    source: LogSource, ranges: Iterable[Span], before: Callable[[BuildLog], str]
) -> str | None:
    """Return lines without escape sequences, None when they are too long."""
    parts: list[str] = []
    room = _MOST_CHARACTERS
    for first, last, wanted in _windows(ranges):
        for line in await source.lines(first, last + 1 - first):
            if not _within(wanted, line.sequence_number):
                continue
            parts.append(before(line) + plain(line.message))
            room -= len(parts[-1]) + 1
        if room < 0:
            return None
    return "\n".join(parts)


def _windows(ranges: Iterable[Span]) -> Iterator[tuple[int, int, list[Span]]]:
    """Give what to fetch at once, and which ranges of it are wanted: near ones together."""
    start, wanted = 0, list[Span]()
    for first, last in ranges:
        if wanted and last - start >= _AT_ONCE:
            yield start, wanted[-1][1], wanted
            wanted = []
        for piece in range(first, last + 1, _AT_ONCE):
            if wanted and wanted[-1][1] == piece - 1:
                yield start, wanted[-1][1], wanted
                wanted = []
            start = start if wanted else piece
            wanted.append((piece, min(piece + _AT_ONCE - 1, last)))
    if wanted:
        yield start, wanted[-1][1], wanted


def _within(ranges: Sequence[Span], line: int) -> bool:
    place = bisect_right(ranges, line, key=lambda span: span[0]) - 1
    return place >= 0 and line <= ranges[place][1]
