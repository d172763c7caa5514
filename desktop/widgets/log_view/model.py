"""The rows of a log, as many as it has lines, each known only once it has been looked at."""

from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from core.builds.schemas import BuildLog, LogLevel, LogSummary
from core.translation import _, ngettext
from desktop.figures import number
from desktop.tasks import TaskRunner
from desktop.widgets.log_view.ansi import plain
from desktop.widgets.log_view.pages import LogSource, Pages
from desktop.widgets.log_view.row_map import RowMap

NOT_YET: Final = "…"


class LogModel(QAbstractTableModel):
    """One column of lines."""

    def __init__(self, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self.map = RowMap()
        self.pages: Pages | None = None

    def show_log(self, source: LogSource | None, summary: LogSummary | None) -> None:
        """Show another log, or none."""
        self.beginResetModel()
        if self.pages is not None:
            self.pages.close()
        self.map = RowMap.of(summary) if summary else RowMap()
        self.pages = Pages(source, self._tasks, self._arrived) if source else None
        if self.pages is not None:
            self.pages.total = self.map.lines
        self.endResetModel()

    def remap(self, summary: LogSummary) -> None:
        """Take a new gap; lines at hand stay."""
        self.beginResetModel()
        self.map = RowMap.of(summary)
        if self.pages is not None:
            self.pages.total = self.map.lines
        self.endResetModel()

    def grow(self, lines: int) -> None:
        """Show that many lines; fewer than before changes nothing."""
        grown = self.map.grown(lines)
        if grown == self.map or self.pages is None:
            return
        self.beginInsertRows(QModelIndex(), self.map.rows, grown.rows - 1)
        self.map = grown
        self.pages.total = grown.lines
        self.endInsertRows()

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
        if self.map.line(row) is None:
            return self.gap_text()
        line = self.line_at(row)
        return plain(line.message) if line else NOT_YET

    def _spoken(self, row: int) -> str:
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
