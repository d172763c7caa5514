"""The table that shows lines: how it is set up, fitted, painted and copied from."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from core.builds.schemas import BuildLog
from core.translation import _
from desktop.tasks import TaskRunner
from desktop.theme import FontRole, Role, Theme
from desktop.widgets.log_view.copying import copy_lines, selected_lines
from desktop.widgets.log_view.delegate import LogDelegate
from desktop.widgets.log_view.highlight import Needle, finder
from desktop.widgets.log_view.match_strip import MatchStrip
from desktop.widgets.log_view.model import LogModel
from desktop.widgets.log_view.pages import LogSource
from desktop.widgets.log_view.stamps import Times, stamp


class LogTable(QTableView):
    """Rows of one height, of which only those in sight are known.

    Args:
        tasks: Runs the fetching of lines.
        theme: Gives colours and fonts.

    Attributes:
        more_actions: What the context menu offers besides copying.

    Signals:
        notice: A sentence for the person, such as how many lines were copied.
    """

    notice = Signal(str)

    def __init__(self, tasks: TaskRunner, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._theme = theme
        self._message = ""
        self.more_actions: Sequence[QAction] = ()
        self._log_model = LogModel(tasks, self)
        self._delegate = LogDelegate(self._log_model, theme, self)
        self._strip = MatchStrip(theme, self._log_model, self.verticalScrollBar())
        self._set_up()
        self._add_actions()

    # What is marked, and what stands beside

    def mark(self, needle: Needle | None) -> None:
        """Mark what is searched for wherever it is in sight."""
        self._delegate.finder = finder(needle) if needle is not None else None
        self.viewport().update()

    def show_matches(self, lines: Sequence[int]) -> None:
        """Show beside the scroll bar where these lines are, which ascend."""
        self._strip.show_lines(lines)

    @property
    def times(self) -> Times:
        """Which times stand beside the lines."""
        return self._delegate.times

    @times.setter
    def times(self, times: Times) -> None:
        self._delegate.times = times
        self._fit_width()
        self.viewport().update()

    def count_from(self, start: datetime | None) -> None:
        """Say when the build started."""
        if start != self._delegate.start:
            self._delegate.start = start
            self.viewport().update()

    def copy(self, *, numbered: bool = False) -> None:
        """Put the selected lines on the clipboard; ``notice`` says so, or why not.

        Times go with them where they are shown and the lines are numbered.
        """
        pages = self._log_model.pages
        if pages is not None:
            self._tasks.latest((self, "copy"), self._copy(pages.source, numbered=numbered))

    def _set_up(self) -> None:
        self.setProperty("kind", "log")
        self.setModel(self._log_model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(_("Build log"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setMinimumSectionSize(1)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.hide()
        self.verticalHeader().setDefaultSectionSize(self._delegate.row_height)
        self._theme.changed.connect(self.viewport().update)

    def _add_actions(self) -> None:
        copy = QAction(_("Copy"), self)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(partial(self.copy, numbered=False))
        numbered = QAction(_("Copy with line numbers"), self)
        numbered.triggered.connect(partial(self.copy, numbered=True))
        self._copy_actions = (copy, numbered)
        self.addAction(copy)

    def _fit_width(self) -> None:
        """Make the column as wide as the longest line in sight, at least as the view."""
        height = self._delegate.row_height
        first = self.verticalScrollBar().value() // height
        last = first + self.viewport().height() // height + 1
        rows = range(max(first, 0), min(last + 1, self._log_model.map.rows))
        wide = max((self._delegate.width_of(row) for row in rows), default=0)
        if self.horizontalScrollBar().value() > 0:
            wide = max(wide, self.columnWidth(0))
        wide = max(wide, self.viewport().width())
        if wide != self.columnWidth(0):
            self.setColumnWidth(0, wide)
            self.horizontalScrollBar().setSingleStep(round(8 * self._delegate.cell))

    def dataChanged(  # noqa: N802
        self,
        top_left: QModelIndex | QPersistentModelIndex,
        bottom_right: QModelIndex | QPersistentModelIndex,
        roles: Sequence[int] = (),
    ) -> None:
        """Repaint what has arrived and make room for it."""
        super().dataChanged(top_left, bottom_right, roles)
        self._fit_width()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        """Scroll; sideways the numbers stay, so all is painted anew."""
        super().scrollContentsBy(dx, dy)
        if dx:
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, or the sentence that stands for them."""
        super().paintEvent(event)
        if self._log_model.map.rows or not self._message:
            return
        painter = QPainter(self.viewport())
        painter.setFont(self._theme.font(FontRole.TEXT))
        painter.setPen(self._theme.color(Role.MUTED))
        painter.drawText(
            self.viewport().rect(), Qt.AlignmentFlag.AlignCenter.value, self._message
        )
        painter.end()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Offer to copy what is selected."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in self._copy_actions:
            action.setEnabled(self.selectionModel().hasSelection())
            menu.addAction(action)
        for action in self.more_actions:
            menu.addAction(action)
        menu.aboutToHide.connect(self._allow_copying)
        menu.popup(event.globalPos())

    def _allow_copying(self) -> None:
        for action in self._copy_actions:
            action.setEnabled(True)

    async def _copy(self, source: LogSource, *, numbered: bool) -> None:
        selection = self.selectionModel().selection()
        ranges = selected_lines(selection, self._log_model.map)
        if ranges:
            told = self._stamp if numbered and self._delegate.times is not Times.OFF else None
            self.notice.emit(await copy_lines(source, ranges, numbered=numbered, told=told))

    def _stamp(self, line: BuildLog) -> str:
        return stamp(line.timestamp, self._delegate.times, self._delegate.start)

    def sizeHint(self) -> QSize:
        """Return a size that shows some twenty lines."""
        return QSize(640, 20 * self._delegate.row_height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return a size that still shows a few lines."""
        return QSize(240, 4 * self._delegate.row_height)
