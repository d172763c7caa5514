"""Which row shows which line: all lines one by one, the dropped ones as one row."""

from dataclasses import dataclass

from core.builds.schemas import LogSummary


@dataclass(frozen=True, slots=True)
class RowMap:
    """The rows of a log of ``lines`` lines with at most one gap in it."""

    lines: int = 0
    gap_first: int = 0
    gap_lines: int = 0

    @classmethod
    def of(cls, summary: LogSummary) -> "RowMap":
        """Return the map of a stored log."""
        if summary.dropped_lines <= 0:
            return cls(summary.lines)
        return cls(summary.lines, summary.dropped_first, summary.dropped_lines)

    def grown(self, lines: int) -> "RowMap":
        """Return the map after the log has grown; a log never shrinks."""
        return RowMap(max(lines, self.lines), self.gap_first, self.gap_lines)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.lines - self.gap_lines + 1 if self.gap_lines else self.lines

    def line(self, row: int) -> int | None:
        """Return the line of a row, None for the row that stands for the gap."""
        if not self.gap_lines or row < self.gap_first:
            return row
        return None if row == self.gap_first else row + self.gap_lines - 1

    def row(self, line: int) -> int:
        """Return the row of a line; dropped lines share one."""
        if not self.gap_lines or line < self.gap_first:
            return line
        if line < self.gap_first + self.gap_lines:
            return self.gap_first
        return line - self.gap_lines + 1
