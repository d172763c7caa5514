"""Which row shows which line: all of them or only some, without what is folded or dropped.

Rows are runs of lines that follow each other, so that both ways of asking are one bisection
however long the log is, and growth touches only the last run.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from core.builds.schemas import LogSummary

Span = tuple[int, int]
"""First and last line of a range."""


class RowMap:
    """The rows of a log of ``lines`` lines; it never changes.

    The lines that were dropped share one row, for which ``line`` is None.

    Args:
        gap_first: The first line that was dropped.
        gap_lines: How many were dropped.
        hidden: Ranges of lines without a row, in order of their beginnings.
        only: The only lines that have rows, ascending; None for all but the hidden ones.
    """

    __slots__ = ("_firsts", "_starts", "filtered", "gap_first", "gap_lines", "lines", "rows")

    def __init__(
        self,
        lines: int = 0,
        gap_first: int = 0,
        gap_lines: int = 0,
        hidden: Iterable[Span] = (),
        only: Sequence[int] | None = None,
    ) -> None:
        self.lines, self.gap_first, self.gap_lines = lines, gap_first, gap_lines
        self.filtered = only is not None
        gap = (gap_first, gap_first + gap_lines - 1)
        if only is not None:
            runs = _runs_of(only, lines, gap if gap_lines else (0, -1))
        else:
            beyond = [(gap[0] + 1, gap[1])] if gap_lines > 1 else []
            runs = _runs_between(sorted((*hidden, *beyond)), lines)
        self._firsts: list[int] = []
        self._starts: list[int] = []
        self.rows = 0
        for first, last in runs:
            self._firsts.append(first)
            self._starts.append(self.rows)
            self.rows += last - first + 1

    @classmethod
    def of(
        cls,
        summary: LogSummary,
        hidden: Iterable[Span] = (),
        only: Sequence[int] | None = None,
    ) -> "RowMap":
        """Return the map of a stored log."""
        dropped = max(summary.dropped_lines, 0)
        return cls(
            summary.lines, summary.dropped_first if dropped else 0, dropped, hidden, only
        )

    @property
    def runs(self) -> int:
        """How many runs of neighbouring lines the rows are made of."""
        return len(self._firsts)

    def grown(self, lines: int) -> "RowMap":
        """Return the map after the log has grown; a log never shrinks.

        New lines have rows unless only some lines have any.
        """
        if lines <= self.lines:
            return self
        grown = RowMap()
        grown.lines = lines
        grown.gap_first, grown.gap_lines = self.gap_first, self.gap_lines
        grown.filtered, grown.rows = self.filtered, self.rows
        # Shared: neither list is ever changed.
        grown._firsts, grown._starts = self._firsts, self._starts
        if not self.filtered:
            grown.rows += grown.lines - self.lines
            if self._end() != self.lines:
                grown._firsts = [*self._firsts, self.lines]
                grown._starts = [*self._starts, self.rows]
        return grown

    def line(self, row: int) -> int | None:
        """Return the line of a row, None for the row that stands for the gap."""
        place = bisect_right(self._starts, row) - 1
        line = self._firsts[place] + row - self._starts[place]
        return None if self.gap_lines and line == self.gap_first else line

    def row(self, line: int) -> int:
        """Return the row of a line, of one without a row that of the nearest line before.

        That is the heading of a folded group, and the gap for a dropped line.
        """
        place = bisect_right(self._firsts, line) - 1
        if place < 0:
            return 0
        return min(self._starts[place] + line - self._firsts[place], self._next(place) - 1)

    def shows(self, line: int) -> bool:
        """Tell whether a line has a row of its own."""
        return self.rows > 0 and self.line(self.row(line)) == line

    def spans(self, first_row: int, last_row: int) -> Iterator[Span]:
        """Give the ranges of lines that rows stand for, what is folded between them included.

        The gap is left out, and so is what is folded under the last row.
        """
        if self.filtered:
            yield from self._shown_spans(first_row, last_row)
            return
        gap = self.row(self.gap_first) if self.gap_lines else -1
        pieces = [(first_row, last_row)]
        if first_row <= gap <= last_row and self.line(gap) is None:
            pieces = [(first_row, gap - 1), (gap + 1, last_row)]
        for first, last in pieces:
            if first <= last:
                yield self.line(first) or 0, self.line(last) or 0

    def _shown_spans(self, first_row: int, last_row: int) -> Iterator[Span]:
        row = first_row
        while row <= last_row:
            place = bisect_right(self._starts, row) - 1
            stop = min(self._next(place), last_row + 1)
            first = self._firsts[place] + row - self._starts[place]
            yield first, first + stop - row - 1
            row = stop

    def _next(self, place: int) -> int:
        """Return the row after a run."""
        return self._starts[place + 1] if place + 1 < len(self._starts) else self.rows

    def _end(self) -> int:
        """Return the line after the last row."""
        return self._firsts[-1] + self.rows - self._starts[-1] if self._firsts else -1


def _runs_of(lines: Sequence[int], count: int, gap: Span) -> Iterator[Span]:
    first = last = -2
    for line in lines:
        if line >= count or gap[0] <= line <= gap[1]:
            continue
        if line != last + 1:
            if first >= 0:
                yield first, last
            first = line
        last = line
    if first >= 0:
        yield first, last


def _runs_between(hidden: Iterable[Span], count: int) -> Iterator[Span]:
    line = 0
    for first, last in hidden:
        if line >= count:
            return
        if first > line:
            yield line, min(first, count) - 1
        line = max(line, last + 1)
    if line < count:
        yield line, count - 1
