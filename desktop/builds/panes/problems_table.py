"""The table of problems: keys, menu, copying."""

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView

from core.builds.schemas import Problem
from core.translation import _
from desktop.builds.panes.problems_model import Column, ProblemsModel, as_text
from desktop.theme import Theme
from desktop.widgets.marks import copy_text
from desktop.widgets.plain_table import set_up_flush
from desktop.widgets.state_badge import BadgeDelegate

_WIDTHS = {Column.SEVERITY: 112, Column.PLACE: 260, Column.TOOL: 110, Column.LINE: 90}


class ProblemsTable(QTableView):
    """One row for each problem.

    Signals:
        chosen: Another problem is looked at; carries the ``Problem``.
        open_wanted: It is to be opened in the editor.
        log_wanted: Its line is to be shown in the log.
    """

    chosen = Signal(object)
    open_wanted = Signal(object)
    log_wanted = Signal(object)

    def __init__(self, theme: Theme, model: ProblemsModel) -> None:
        super().__init__()
        self._problems = model
        self.setModel(model)
        self.setItemDelegate(BadgeDelegate(theme, self))
        set_up_flush(self, _("Problems"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.customContextMenuRequested.connect(self._show_menu)
        self.selectionModel().currentRowChanged.connect(self._tell)
        self.doubleClicked.connect(partial(self._want, self.open_wanted))
        self._set_up_columns()
        self._actions = self._make_actions()

    @property
    def problem(self) -> Problem | None:
        """The problem that is looked at."""
        row = self.currentIndex().row()
        return self._problems.at(row) if 0 <= row < self._problems.rowCount() else None

    def copy(self) -> None:
        """Put the chosen problems on the clipboard, in their order."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        if rows:
            copy_text(as_text(self._problems.at(row) for row in rows))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter opens the file, Ctrl+Enter shows the line in the log."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._want(self.log_wanted)
        else:
            self._want(self.open_wanted)

    def _set_up_columns(self) -> None:
        header = self.horizontalHeader()
        header.setSectionsClickable(False)
        for column, width in _WIDTHS.items():
            header.resizeSection(column, width)
        header.setSectionResizeMode(Column.MESSAGE, QHeaderView.ResizeMode.Stretch)

    def _make_actions(self) -> tuple[QAction, ...]:
        opening = QAction(_("Open in the editor"), self)
        opening.triggered.connect(partial(self._want, self.open_wanted))
        showing = QAction(_("Show in the log"), self)
        showing.triggered.connect(partial(self._want, self.log_wanted))
        copying = QAction(_("Copy as text"), self)
        copying.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copying.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copying.triggered.connect(self.copy)
        self.addAction(copying)
        return opening, showing, copying

    def _show_menu(self, place: QPoint) -> None:
        if self.problem is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(list(self._actions))
        menu.popup(self.viewport().mapToGlobal(place))

    def _tell(self) -> None:
        self.chosen.emit(self.problem)

    def _want(self, signal: SignalInstance, *_of: object) -> None:
        if self.problem is not None:
            signal.emit(self.problem)
