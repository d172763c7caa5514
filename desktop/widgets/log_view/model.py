"""The rows of a log, as many as it has lines, each known only once it has been looked at."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from core.builds.schemas import BuildLog, LogGroup, LogLevel, LogSummary
from core.translation import _, ngettext
from desktop.figures import number
from desktop.tasks import TaskRunner
from desktop.widgets.log_view.ansi import plain
from desktop.widgets.log_view.folds import Folds, Heading
from desktop.widgets.log_view.pages import LogSource, Pages
from desktop.widgets.log_view.row_map import RowMap

NOT_YET: Final = "…"
_MANY_RUNS = 4


class LogModel(QAbstractTableModel):
    """One column of lines: all of them, or only some, without those in folded groups."""

    def __init__(self, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self.map = RowMap()
        self.folds = Folds()
        self.pages: Pages | None = None
        self._only: Sequence[int] | None = None

    def show_log(self, source: LogSource | None, summary: LogSummary | None) -> None:
        """Show another log, or none: all of its lines, without groups."""
        self.beginResetModel()
        if self.pages is not None:
            self.pages.close()
        self.folds, self._only = Folds(), None
        self.map = RowMap.of(summary) if summary else RowMap()
        self.pages = Pages(source, self._tasks, self._arrived) if source else None
        self._tell_pages()
        self.endResetModel()

    def remap(self, summary: LogSummary) -> None:
        """Take a new gap; lines at hand stay."""
        dropped = max(summary.dropped_lines, 0)
        first = summary.dropped_first if dropped else 0
        self._take(self._mapped(max(summary.lines, self.map.lines), first, dropped))

    def show_only(self, lines: Sequence[int] | None) -> None:
        """Show no lines but these, ascending; all of them where None."""
        if lines is not None and self._only is not None and self._added(lines):
            return
        self._only = lines
        self._take(self._same_log())

    def take_groups(self, groups: Sequence[LogGroup]) -> bool:
        """Take the groups as they are by now; tell whether anything changed.

        The choice of what is folded stays, so that the rows do.
        """
        return self.folds.take(groups)

    def refold(self, heading: int | None = None) -> None:
        """Show what ``folds`` says by now; where only one group changed its rows come or go.

        Args:
            heading: The line that heads the only group that was folded or unfolded.
        """
        mapped = self._same_log()
        more = mapped.rows - self.map.rows
        if heading is None or more == 0:
            self._take(mapped)
            return
        first = self.map.row(heading) + 1
        if more > 0:
            self.beginInsertRows(QModelIndex(), first, first + more - 1)
            self._take_quietly(mapped)
            self.endInsertRows()
        else:
            self.beginRemoveRows(QModelIndex(), first, first - more - 1)
            self._take_quietly(mapped)
            self.endRemoveRows()

    def grow(self, lines: int) -> None:
        """Show that many lines; fewer than before changes nothing."""
        grown = self._grown(lines)
        if grown is self.map or self.pages is None:
            return
        if grown.rows == self.map.rows:
            self._take_quietly(grown)
            return
        self.beginInsertRows(QModelIndex(), self.map.rows, grown.rows - 1)
        self._take_quietly(grown)
        self.endInsertRows()

    def heading(self, line: int) -> Heading | None:
        """Return what heads a group in place of a line; no group is shown among only some."""
        return None if self.map.filtered else self.folds.heading(line)

    def _grown(self, lines: int) -> RowMap:
        """Return the map of the grown log; of the only lines some may have waited for it."""
        known = self.map.lines
        if lines > known and self._only and self._only[-1] >= known:
            return self._mapped(lines, self.map.gap_first, self.map.gap_lines)
        return self.map.grown(lines)

    def _same_log(self) -> RowMap:
        return self._mapped(self.map.lines, self.map.gap_first, self.map.gap_lines)

    def _mapped(self, lines: int, gap_first: int, gap_lines: int) -> RowMap:
        return RowMap(lines, gap_first, gap_lines, self.folds.hidden(), self._only)

    def _added(self, lines: Sequence[int]) -> bool:
        """Put rows at the end where ``lines`` only goes on; tell whether it does."""
        known = len(self._only or ())
        if self._only != lines[:known]:
            return False
        self._only = lines
        mapped = self._same_log()
        if mapped.rows > self.map.rows:
            self.beginInsertRows(QModelIndex(), self.map.rows, mapped.rows - 1)
            self._take_quietly(mapped)
            self.endInsertRows()
        return True

    def _take(self, mapped: RowMap) -> None:
        self.beginResetModel()
        self._take_quietly(mapped)
        self.endResetModel()

    def _take_quietly(self, mapped: RowMap) -> None:
        self.map = mapped
        self._tell_pages()

    def _tell_pages(self) -> None:
        if self.pages is not None:
            self.pages.total = self.map.lines
            self.pages.expect(apart=self.map.runs > _MANY_RUNS)

    def line_at(self, row: int) -> BuildLog | None:
        """Return the line of a row if it is at hand; else fetch it."""
        line = self.map.line(row)
        return None if line is None or self.pages is None else self.pages.get(line)

    def gap_text(self) -> str:
        """Return what stands in place of the lines that were dropped."""
        count = self.map.gap_lines
        return ngettext(
            "{count} line was dropped here: the log passed its limit",
            "{count} lines were dropped here: the log passed its limit",
            count,
        ).format(count=number(count))

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:  # noqa: N802
        """Return the number of rows."""
        return 0 if parent is not None and parent.isValid() else self.map.rows

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:  # noqa: N802
        """Return 1."""
        return 0 if parent is not None and parent.isValid() else 1

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the plain text of a row, or the words a screen reader says."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(index.row())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(index.row())
        return None

    def _text(self, row: int) -> str:
        number = self.map.line(row)
        if number is None:
            return self.gap_text()
        heading = self.heading(number)
        if heading is not None:
            return heading.title
        line = self.line_at(row)
        return plain(line.message) if line else NOT_YET

    def _spoken(self, row: int) -> str:
        place = self.map.line(row)
        heading = self.heading(place) if place is not None else None
        if place is not None and heading is not None:
            return _spoken_heading(place, heading)
        line = self.line_at(row)
        if line is None:
            return self._text(row)
        sentences = {
            LogLevel.ERROR: _("Line {number}, error: {text}"),
            LogLevel.WARNING: _("Line {number}, warning: {text}"),
            LogLevel.PLAIN: _("Line {number}: {text}"),
        }
        return sentences[line.level].format(
            number=number(line.sequence_number + 1), text=plain(line.message)
        )

    def _arrived(self, first: int, count: int) -> None:
        top = self.map.row(first)
        bottom = min(self.map.row(first + count - 1), self.map.rows - 1)
        if top <= bottom:
            self.dataChanged.emit(self.index(top, 0), self.index(bottom, 0))


def _spoken_heading(line: int, heading: Heading) -> str:
    sentence = _("Line {number}, group {title}, open")
    if heading.lines is not None:
        sentence = (
            ngettext(
                "Line {number}, group {title}, {count} line, folded",
                "Line {number}, group {title}, {count} lines, folded",
                heading.lines,
            )
            if heading.folded
            else ngettext(
                "Line {number}, group {title}, {count} line, unfolded",
                "Line {number}, group {title}, {count} lines, unfolded",
                heading.lines,
            )
        )
    count = number(heading.lines or 0)
    return sentence.format(number=number(line + 1), title=heading.title, count=count)
