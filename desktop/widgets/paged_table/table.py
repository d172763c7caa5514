"""The table itself: millions of rows, of which only those in sight are asked for."""

from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSettings,
    QSignalBlocker,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView

from core.database.query.schemas import ListQuery
from core.errors import AppError
from core.translation import _, ngettext
from desktop.figures import number
from desktop.tasks import TaskRunner
from desktop.theme import Metric, Role, Theme
from desktop.widgets.marks import copy_text
from desktop.widgets.paged_table.columns import ROW_ROLE
from desktop.widgets.paged_table.copy_actions import copy_actions
from desktop.widgets.paged_table.copying import CopyFormat, as_format
from desktop.widgets.paged_table.delegate import CellDelegate, paint_skeleton
from desktop.widgets.paged_table.header import ColumnHeader
from desktop.widgets.paged_table.model import PagedModel, State
from desktop.widgets.paged_table.pages import PAGE
from desktop.widgets.paged_table.selection import MOST_CHOSEN, Selection

_SLOW_MS: Final = 400
_AHEAD_ROWS = 50
_Reason = Qt.FocusReason
_BY_KEYS = {_Reason.TabFocusReason, _Reason.BacktabFocusReason, _Reason.ShortcutFocusReason}


class PagedTable(QTableView):
    """Shows a ``PagedModel``, which goes with it.

    Args:
        name: What the list is called, for screen readers.
        settings: Where columns, widths and order are kept, already in a group of its own.

    Signals:
        activated_row: The person opened a row (Enter or double click); carries it.
        current_changed: Another row has the focus; carries it, None for none.
        notice: A sentence about what was done, to be shown quietly.
        order_changed: The person ordered the list by another column.
        menu_wanted: A menu is about to be shown for what is chosen; add actions to it.
    """

    activated_row = Signal(object)
    current_changed = Signal(object)
    notice = Signal(str)
    order_changed = Signal()
    menu_wanted = Signal(QMenu)

    def __init__(
        self,
        theme: Theme,
        tasks: TaskRunner,
        model: PagedModel[Any],
        *,
        name: str,
        settings: QSettings | None = None,
    ) -> None:
        super().__init__()
        self._theme, self._tasks, self._rows = theme, tasks, model
        self._settings = settings
        model.setParent(self)
        self._asked = ListQuery()
        self._slow = False
        self._clears = True
        self._slow_timer = QTimer(self)
        self._slow_timer.setSingleShot(True)
        self._slow_timer.setInterval(_SLOW_MS)
        self._slow_timer.timeout.connect(lambda: self._dim(True))
        self.setProperty("kind", "flush")
        self.setAccessibleName(name)
        self.header = ColumnHeader(model.columns, self)
        self.setHorizontalHeader(self.header)
        self.setModel(model)
        self._delegate = CellDelegate(theme, model, self)
        self.setItemDelegate(self._delegate)
        self._set_up()
        self.chosen = Selection(
            model, self.selectionModel(), tasks, replaces=lambda: self._clears
        )
        self.chosen.limited.connect(self._tell_limit)
        self.copy_actions = copy_actions(self, self.copy)
        self._connect(model)
        model.sight = self.rows_in_sight
        if settings is not None:
            self.header.restore(settings)

    @property
    def list_model(self) -> PagedModel[Any]:
        """The rows."""
        return self._rows

    def show_query(self, query: ListQuery) -> None:
        """Show what a query finds; the order chosen at the headings wins over its own."""
        if query.filters != self._asked.filters or query.search != self._asked.search:
            self.chosen.clear()
        self._asked = query
        order = self.header.order or query.order
        self.header.show_order(order)
        self._rows.show_query(replace(query, order=order))

    def refresh(self) -> None:
        """Fetch anew what is shown, in place."""
        self._rows.refresh()

    def save_state(self) -> None:
        """Keep columns, widths and order."""
        if self._settings is not None:
            self.header.save(self._settings)

    def rows_in_sight(self) -> tuple[int, int]:
        """Return the first and last place that can be seen."""
        top = self.verticalScrollBar().value() // Metric.ROW
        shown = self.viewport().height() // Metric.ROW + 1
        return top, max(min(top + shown, self._rows.rowCount() - 1), top)

    def current_row(self) -> Any:
        """Return the row that has the focus, None for none or one not at hand."""
        return self._rows.row_at(self.currentIndex().row())

    def copy(self, wanted: CopyFormat = CopyFormat.TEXT) -> None:
        """Copy the rows chosen, with the columns shown."""
        self._tasks.latest((self, "copy"), self._copy(wanted))

    # What Qt asks for

    def selectAll(self) -> None:  # noqa: N802
        """Choose all rows of the query."""
        self.chosen.select_everything()

    def keyboardSearch(self, search: str) -> None:  # noqa: N802
        """Look for nothing as one types: Qt would read every row of the list."""

    def selectionCommand(  # noqa: N802
        self,
        index: QModelIndex | QPersistentModelIndex,
        event: QEvent | None = None,
    ) -> QItemSelectionModel.SelectionFlag:
        """Note whether what was chosen before stays."""
        command = super().selectionCommand(index, event)
        self._clears = bool(command & QItemSelectionModel.SelectionFlag.Clear)
        return command

    def moveCursor(  # noqa: N802
        self,
        action: QAbstractItemView.CursorAction,
        modifiers: Qt.KeyboardModifier,
    ) -> QModelIndex:
        """Go to the first or last row with Home and End, in the column that has the focus."""
        last = self._rows.rowCount() - 1
        column = max(self.currentIndex().column(), 0)
        if action is QAbstractItemView.CursorAction.MoveHome:
            return self._rows.index(0, column)
        if action is QAbstractItemView.CursorAction.MoveEnd:
            return self._rows.index(last, column)
        return super().moveCursor(action, modifiers)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Choose the first row when the keyboard comes; Qt would go to it and not choose it."""
        if self.currentIndex().isValid():
            super().focusInEvent(event)
            return
        with QSignalBlocker(self.selectionModel()):
            super().focusInEvent(event)
            self.setCurrentIndex(QModelIndex())
        if event.reason() in _BY_KEYS and self._rows.rowCount():
            self.chosen.select_one(max(self.rowAt(0), 0))

    def rowsAboutToBeRemoved(  # noqa: N802
        self, parent: QModelIndex | QPersistentModelIndex, start: int, end: int
    ) -> None:
        """Stay where one is, also when the row that has the focus goes."""
        self.setAutoScroll(False)
        super().rowsAboutToBeRemoved(parent, start, end)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Ask for what comes into sight."""
        super().resizeEvent(event)
        self._look_ahead()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows; grey bars before the first, and a veil while they are replaced."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        self._paint_rest(painter)
        if self._rows.state is State.LOADING:
            paint_skeleton(painter, self.header, self.viewport().height(), self._theme)
        elif self._slow:
            veil = self._theme.color(Role.PANE)
            veil.setAlphaF(0.55)
            painter.fillRect(self.viewport().rect(), veil)
        painter.end()

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        """Let the whole row under the pointer be seen."""
        kind = event.type()
        if kind is QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._hover(self.rowAt(round(event.position().y())))
        elif kind in (QEvent.Type.Leave, QEvent.Type.Wheel):
            self._hover(-1)
        return super().viewportEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Offer what can be done with the rows chosen."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        self.menu_wanted.emit(menu)
        if menu.actions():
            menu.addSeparator()
        menu.addActions(self.copy_actions)
        menu.addSeparator()
        menu.addAction(_("Select all"), self.selectAll)
        menu.popup(event.globalPos())

    # Its own

    def _set_up(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(Metric.ROW)
        rows.setDefaultSectionSize(Metric.ROW)
        # A header asks for every row whether its column is selected; no heading shows it.
        for header in (self.header, rows):
            header.setSelectionModel(QItemSelectionModel(self._rows, header))
        self.header.prepare()

    def _connect(self, model: PagedModel[Any]) -> None:
        self.header.sorted_by.connect(self._sorted)
        model.state_changed.connect(self.viewport().update)
        model.busy_changed.connect(self._busy)
        model.rowsRemoved.connect(lambda: self.setAutoScroll(True))
        model.shifted.connect(self._keep_place)
        model.restarted.connect(self.scrollToTop)
        self.verticalScrollBar().valueChanged.connect(self._look_ahead)
        self.activated.connect(self._activate)
        self.selectionModel().currentRowChanged.connect(self._tell_current)
        self._theme.changed.connect(self.viewport().update)

    def _sorted(self, order: tuple[str, ...]) -> None:
        self._rows.show_query(replace(self._asked, order=order))
        self.order_changed.emit()

    def _look_ahead(self) -> None:
        first, last = self.rows_in_sight()
        for place in (first - _AHEAD_ROWS, last + _AHEAD_ROWS, first, last):
            if 0 <= place < self._rows.rowCount():
                self._rows.pages.want(place // PAGE)

    def _keep_place(self, _at: int, by: int) -> None:
        """Keep in sight what is in sight when rows come or go above it."""
        bar = self.verticalScrollBar()
        value = bar.value() + by * Metric.ROW
        self.updateGeometries()
        bar.setValue(max(value, 0))

    def _busy(self, busy: bool) -> None:
        if not busy:
            self._slow_timer.stop()
            self._dim(False)
        elif not self._slow_timer.isActive() and not self._slow:
            self._slow_timer.start()

    def _dim(self, slow: bool) -> None:
        if slow != self._slow:
            self._slow = slow
            self.viewport().update()

    def _hover(self, place: int) -> None:
        old, self._delegate.hovered = self._delegate.hovered, place
        for row in {old, place} - {-1} if old != place else set():
            top = self.rowViewportPosition(row)
            self.viewport().update(0, top, self.viewport().width(), Metric.ROW)

    def _paint_rest(self, painter: QPainter) -> None:
        """Go on with ground and line of each row behind the last column."""
        left = self.header.length() - self.header.offset()
        width = self.viewport().width() - left
        if width <= 0 or not self._rows.rowCount():
            return
        first, last = self.rows_in_sight()
        for place in range(first, last + 1):
            rest = QRect(left, self.rowViewportPosition(place), width, Metric.ROW)
            selected = self.selectionModel().isSelected(self._rows.index(place, 0))
            self._delegate.paint_ground(painter, rest, place, selected=selected)

    def _activate(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if row is not None:
            self.activated_row.emit(row)

    def _tell_current(self, current: QModelIndex) -> None:
        self.current_changed.emit(self._rows.row_at(current.row()))

    def _tell_limit(self) -> None:
        text = _("Only {count} rows can be selected as a range. Select all to take every row.")
        self.notice.emit(text.format(count=number(MOST_CHOSEN)))

    async def _copy(self, wanted: CopyFormat) -> None:
        try:
            rows = await self._chosen_rows()
        except AppError as error:
            self._rows.failed.emit(error)
            return
        if rows is None:
            text = _(
                "At most {count} rows can be copied at once. Export them to a file instead."
            )
            self.notice.emit(text.format(count=number(MOST_CHOSEN)))
        elif rows:
            copy_text(as_format(self.header.visible_columns(), rows, wanted))
            told = ngettext("{count} row was copied.", "{count} rows were copied.", len(rows))
            self.notice.emit(told.format(count=number(len(rows))))

    async def _chosen_rows(self) -> "list[Any] | None":
        """Return the rows chosen in the order of the list, None where they are too many."""
        chosen = await self.chosen.complete()
        if chosen.count > MOST_CHOSEN:
            return None
        if chosen.everything:
            every = await self._rows.rows(0, self._rows.rowCount() - 1)
            return [row for row in every if self._rows.key(row) not in chosen.keys]
        return await self.chosen.rows()
