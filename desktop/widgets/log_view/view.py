"""The table that shows a log, follows its end, and copies from it."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QTableView,
    QWidget,
)

from core.builds.schemas import LogSummary
from core.translation import _
from desktop.tasks import TaskRunner
from desktop.theme import FontRole, Role, Theme
from desktop.widgets.log_view.copying import copy_lines, selected_lines
from desktop.widgets.log_view.delegate import LogDelegate
from desktop.widgets.log_view.follow_button import FollowButton
from desktop.widgets.log_view.model import LogModel
from desktop.widgets.log_view.pages import LogSource

_GROWTH_MS = 60


class LogView(QTableView):
    """Shows the log of one build.

    Line numbers in this interface are sequence numbers, which count from 0; the person sees
    them counted from 1.

    Args:
        tasks: Runs the fetching of lines.
        theme: Gives colours and fonts.

    Signals:
        following_changed: Whether the end is followed.
        line_clicked: The sequence number of a line that was clicked.
        notice: A sentence for the person, such as how many lines were copied.
    """

    following_changed = Signal(bool)
    line_clicked = Signal(int)
    notice = Signal(str)

    def __init__(self, tasks: TaskRunner, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._theme = theme
        self._following = True
        self._moving = False
        self._finished = True
        self._catching_up = False
        self._message = ""
        self._log_model = LogModel(tasks, self)
        self._delegate = LogDelegate(self._log_model, theme, self)
        self._growth = QTimer(self, interval=_GROWTH_MS, singleShot=True)
        self._growth.timeout.connect(self._show_growth)
        self._target = 0
        self._to_end = FollowButton(theme, self)
        self._to_end.clicked.connect(self._follow_again)
        self._set_up()
        self._add_actions()
        self.clear()

    # What others call

    @property
    def following(self) -> bool:
        """Whether the view stays at the end of the log."""
        return self._following

    @following.setter
    def following(self, following: bool) -> None:
        if following:
            self._go_to_end()
        self._set_following(following)

    @property
    def lines(self) -> int:
        """How many lines are shown."""
        return self._log_model.map.lines

    def show_log(self, source: LogSource, summary: LogSummary) -> None:
        """Show a log from its end."""
        self._finished = summary.finished
        self._message = (
            _("This build printed nothing.") if summary.finished else _("No output yet.")
        )
        self._reset(source, summary)

    def clear(self, message: str = "") -> None:
        """Show no log, but a sentence in its place."""
        self._finished = True
        self._message = message
        self._reset(None, None)

    def grow(self, lines: int) -> None:
        """Say that the log has so many lines now; shown within 60 ms, however often said."""
        self._target = max(self._target, lines)
        if not self._growth.isActive():
            self._growth.start()

    def take_summary(self, summary: LogSummary) -> None:
        """Take the end of the log, or that lines of it were dropped; the place is kept."""
        self._finished = summary.finished
        if summary.finished:
            self._message = _("This build printed nothing.")
            self.viewport().update()
        if summary.dropped_lines != self._log_model.map.gap_lines:
            self._remap(summary)
        self.grow(summary.lines)
        self._place_end_button()

    def jump_to(self, line: int) -> None:
        """Show a line in the middle, selected; following stops unless it is the last one."""
        self._show_all()
        index = self._log_model.index(self._log_model.map.row(line), 0)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
            self._set_following(line == self.lines - 1)

    def copy(self, *, numbered: bool = False) -> None:
        """Put the selected lines on the clipboard; ``notice`` says so, or why not."""
        pages = self._log_model.pages
        if pages is not None:
            self._tasks.latest((self, "copy"), self._copy(pages.source, numbered=numbered))

    # How it is made

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
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.clicked.connect(self._clicked)
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

    def _reset(self, source: LogSource | None, summary: LogSummary | None) -> None:
        self._growth.stop()
        self._target = summary.lines if summary else 0
        self._log_model.show_log(source, summary)
        self._fit_width()
        self._set_following(True)
        self._go_to_end()

    def _remap(self, summary: LogSummary) -> None:
        top = self._log_model.map.line(self.rowAt(0)) if self._log_model.map.rows else None
        self._log_model.remap(summary)
        if self._following or top is None:
            self._go_to_end()
        else:
            index = self._log_model.index(self._log_model.map.row(top), 0)
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtTop)

    # Growth

    def _show_growth(self) -> None:
        if self._log_model.pages is None:
            return
        self._log_model.pages.outdate_end()
        self.viewport().update()
        if not self._following:
            self._show_all()
        elif not self._catching_up:
            self._catching_up = True
            if self._tasks.run(self._catch_up()) is None:
                self._catching_up = False

    async def _catch_up(self) -> None:
        """Fetch the end before its rows appear, so that following never shows blank rows."""
        try:
            pages, target = self._log_model.pages, self._target
            if pages is None:
                return
            rows = self.viewport().height() // self._delegate.row_height + 2
            await pages.load(max(target - rows, 0), target - 1, target)
            if pages is self._log_model.pages and self._following:
                self._grow_to(target)
        finally:
            self._catching_up = False
            if self._target > self._log_model.map.lines and not self._growth.isActive():
                self._growth.start()

    def _show_all(self) -> None:
        if self._target > self._log_model.map.lines:
            self._grow_to(self._target)

    def _grow_to(self, lines: int) -> None:
        digits = self._delegate.gutter
        self._log_model.grow(lines)
        if self._following:
            self._go_to_end()
        if digits != self._delegate.gutter:
            self.viewport().update()
        self._fit_width()

    # Following

    def _at_end(self) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum()

    def _go_to_end(self) -> None:
        self._moving = True
        self.scrollToBottom()
        self._moving = False

    def _follow_again(self) -> None:
        self._show_all()
        self.following = True

    def _scrolled(self) -> None:
        self._fit_width()
        if self._moving:
            return
        if self._log_model.pages is not None:
            self._log_model.pages.retry()
        self._set_following(self._at_end())

    def _set_following(self, following: bool) -> None:
        changed = following != self._following
        self._following = following
        self._place_end_button()
        if changed:
            self.following_changed.emit(following)
            if following and self._target > self.lines:
                self._growth.start()

    def _place_end_button(self) -> None:
        self._to_end.setVisible(not self._following and self._log_model.map.rows > 0)
        self._to_end.setText(_("To the end") if self._finished else _("Follow"))
        self._to_end.place(self.viewport().geometry())

    # Width, painting, input

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

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Stay at the end when it is followed."""
        super().resizeEvent(event)
        self._fit_width()
        if self._following:
            self._go_to_end()
        self._place_end_button()

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

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """End follows again, Home goes to the first line."""
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() == Qt.Key.Key_End and plain == Qt.KeyboardModifier.NoModifier:
            self._follow_again()
        elif event.key() == Qt.Key.Key_Home and plain == Qt.KeyboardModifier.NoModifier:
            self.scrollToTop()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Offer to copy what is selected."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in self._copy_actions:
            action.setEnabled(self.selectionModel().hasSelection())
            menu.addAction(action)
        menu.aboutToHide.connect(self._allow_copying)
        menu.popup(event.globalPos())

    def _allow_copying(self) -> None:
        for action in self._copy_actions:
            action.setEnabled(True)

    def _clicked(self, index: QModelIndex) -> None:
        line = self._log_model.map.line(index.row())
        if line is not None:
            self.line_clicked.emit(line)

    async def _copy(self, source: LogSource, *, numbered: bool) -> None:
        selection = self.selectionModel().selection()
        ranges = selected_lines(selection, self._log_model.map)
        if ranges:
            self.notice.emit(await copy_lines(source, ranges, numbered=numbered))

    def sizeHint(self) -> QSize:
        """Return a size that shows some twenty lines."""
        return QSize(640, 20 * self._delegate.row_height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return a size that still shows a few lines."""
        return QSize(240, 4 * self._delegate.row_height)
