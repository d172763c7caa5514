"""The view of a log: follows its end, jumps, shows some lines only, folds groups."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from core.builds.schemas import LogGroup, LogSummary
from core.translation import _
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.log_view.follow_button import FollowButton
from desktop.widgets.log_view.pages import LogSource
from desktop.widgets.log_view.row_map import RowMap
from desktop.widgets.log_view.table import LogTable
from desktop.widgets.plain_table import choose_row

_GROWTH_MS = 60


class LogView(LogTable):
    """Shows the log of one build.

    Line numbers in this interface are sequence numbers, which count from 0; the person sees
    them counted from 1.

    Attributes:
        offers_end: Whether a button leads to the end while that is out of sight.

    Signals:
        following_changed: Whether the end is followed.
        line_clicked: The sequence number of a line that was clicked.
        filter_left: All lines are shown again, since one was jumped to that was not.
    """

    following_changed = Signal(bool)
    line_clicked = Signal(int)
    filter_left = Signal()

    def __init__(self, tasks: TaskRunner, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(tasks, theme, parent)
        self.offers_end = True
        self._following = True
        self._moving = False
        self._finished = True
        self._catching_up = False
        self._growth = QTimer(self, interval=_GROWTH_MS, singleShot=True)
        self._growth.timeout.connect(self._show_growth)
        self._target = 0
        self._to_end = FollowButton(theme, self)
        self._to_end.clicked.connect(self._follow_again)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.clicked.connect(self._clicked)
        self.clear()

    # What is shown

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
        """How many lines the log has by now."""
        return self._log_model.map.lines

    @property
    def filtered(self) -> bool:
        """Whether only some lines are shown."""
        return self._log_model.map.filtered

    @property
    def line(self) -> int | None:
        """The line that was chosen last, None for none."""
        index = self.currentIndex()
        return self._log_model.map.line(index.row()) if index.isValid() else None

    def show_log(self, source: LogSource, summary: LogSummary) -> None:
        """Show a log from its end."""
        self._finished = summary.finished
        self._message = self._emptiness()
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
        if not self.filtered:
            self._message = self._emptiness()
            self.viewport().update()
        if summary.dropped_lines != self._log_model.map.gap_lines:
            top = self._top()
            self._log_model.remap(summary)
            self._stay_at(top)
        self.grow(summary.lines)
        self._place_end_button()

    def jump_to(self, line: int) -> None:
        """Show a line in the middle, selected; following stops unless it is the last one.

        Where only other lines are shown all are shown again; a group that hides it unfolds.
        """
        self._show_all()
        if self.filtered and not self._log_model.map.shows(line):
            self.show_only(None)
            self.filter_left.emit()
        if not self.filtered and self._log_model.folds.reveal(line):
            self._log_model.refold()
        index = self._log_model.index(self._log_model.map.row(line), 0)
        if index.isValid():
            choose_row(self, index.row())
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
            self._set_following(line == self.lines - 1)

    def show_only(self, lines: Sequence[int] | None, message: str = "") -> None:
        """Show no lines but these, ascending, or all again; the place is kept.

        Args:
            message: The sentence where there are none.
        """
        top, before = self._top(), self._log_model.map
        self._message = message if lines is not None else self._emptiness()
        self._log_model.show_only(lines)
        if self._log_model.map is not before:
            self._stay_at(top)
        self._strip.update()
        self._place_end_button()

    # Groups

    def take_groups(self, groups: Sequence[LogGroup], loud: Sequence[int] = ()) -> None:
        """Take the groups of the log.

        Those that had ended when the log was first shown are folded, but for those that hold
        one of the lines ``loud``; what ends while it is looked at stays as it is.
        """
        first_time = not self._log_model.folds.any_at_all
        if not self._log_model.take_groups(groups):
            return
        if first_time and self._finished:
            self._log_model.folds.fold_quiet(loud)
        self._refold()

    def fold_all(self) -> None:
        """Fold all groups that have ended."""
        self._log_model.folds.fold_all()
        self._refold()

    def unfold_all(self) -> None:
        """Show the lines of all groups."""
        self._log_model.folds.unfold_all()
        self._refold()

    def fold(self, heading: int, *, folded: bool) -> None:
        """Fold the group under a heading, or unfold it."""
        folds = self._log_model.folds
        if folds.fold(heading) if folded else folds.unfold(heading):
            self._moving = True
            self._log_model.refold(heading)
            self._moving = False
            self._set_following(self._following and self._at_end())
            self._strip.update()
            self.viewport().update()

    def _refold(self) -> None:
        top, line = self._top(), self.line
        self._log_model.refold()
        self._stay_at(top)
        if line is not None and self._log_model.map.rows:
            row = self._log_model.map.row(line)
            self._moving = True
            choose_row(self, row)
            self._moving = False
            self._stay_at(top)
        self._strip.update()

    def _emptiness(self) -> str:
        return _("This build printed nothing.") if self._finished else _("No output yet.")

    # Places

    def _reset(self, source: LogSource | None, summary: LogSummary | None) -> None:
        self._growth.stop()
        self._target = summary.lines if summary else 0
        self._log_model.show_log(source, summary)
        self._strip.show_lines(())
        self._fit_width()
        self._set_following(True)
        self._go_to_end()

    def _top(self) -> int | None:
        """Return the line at the upper edge, None for none."""
        mapped: RowMap = self._log_model.map
        row = self.rowAt(0)
        return mapped.line(row) if 0 <= row < mapped.rows else None

    def _stay_at(self, top: int | None) -> None:
        """Show the end while it is followed, else the line that was at the upper edge."""
        self._fit_width()
        if self._following or top is None:
            self._go_to_end()
            return
        index = self._log_model.index(self._log_model.map.row(top), 0)
        self._moving = True
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtTop)
        self._moving = False

    # Growth

    def _show_growth(self) -> None:
        if self._log_model.pages is None:
            return
        self._log_model.pages.outdate_end()
        self.viewport().update()
        if not self._following or self.filtered:
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
        whole = self.filtered and self.verticalScrollBar().maximum() == 0
        away = not self._following and self._log_model.map.rows > 0 and not whole
        self._to_end.setVisible(away and self.offers_end)
        self._to_end.setText(_("To the end") if self._finished else _("Follow"))
        self._to_end.place(self.viewport().geometry())

    # Input

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Stay at the end when it is followed."""
        super().resizeEvent(event)
        self._fit_width()
        if self._following:
            self._go_to_end()
        self._place_end_button()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """End follows again, Home goes to the first line, Left and Right fold and unfold."""
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain != Qt.KeyboardModifier.NoModifier:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_End:
            self._follow_again()
        elif event.key() == Qt.Key.Key_Home:
            self.scrollToTop()
        elif not self._folds_by(Qt.Key(event.key())):
            super().keyPressEvent(event)

    def _folds_by(self, key: Qt.Key) -> bool:
        """Fold, unfold, or go to the heading, as in a tree; tell whether the key did."""
        line = self.line
        if line is None or key not in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            return False
        heading = self._log_model.heading(line)
        if heading is not None and heading.folded == (key == Qt.Key.Key_Right):
            self.fold(line, folded=not heading.folded)
            return True
        above = self._log_model.folds.around(line) if not self.filtered else None
        sideways = self.horizontalScrollBar().value() > 0
        if key == Qt.Key.Key_Left and heading is None and above is not None and not sideways:
            self.jump_to(above)
            return True
        return False

    def _clicked(self, index: QModelIndex) -> None:
        line = self._log_model.map.line(index.row())
        if line is None:
            return
        heading = self._log_model.heading(line)
        if heading is not None and len(self.selectionModel().selectedRows()) == 1:
            self.fold(line, folded=not heading.folded)
        self.line_clicked.emit(line)
