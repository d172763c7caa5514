"""A table of rows that are all at hand and change often: figures in words, copied at will.

Long lists have ``paged_table``; tables of words alone ``plain_table``.
"""

from collections.abc import Callable, Hashable, Sequence
from itertools import groupby
from typing import Any, Final, Generic

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QFont
from PySide6.QtWidgets import QHeaderView, QMenu, QTableView

from desktop.theme import FontRole, Metric, Role, Theme
from desktop.widgets.marks import copy_text
from desktop.widgets.paged_table import Column, CopyFormat
from desktop.widgets.paged_table.cells import alignment, cell
from desktop.widgets.paged_table.columns import ROW_ROLE, Row
from desktop.widgets.paged_table.copy_actions import copy_actions
from desktop.widgets.paged_table.copying import as_format
from desktop.widgets.plain_table import set_up_rows
from desktop.widgets.state_badge import BADGE_ROLE, BadgeDelegate

_HEADER: Final = 30
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

Index = QModelIndex | QPersistentModelIndex


class FigureModel(QAbstractTableModel, Generic[Row]):
    """Rows as last shown.

    Args:
        key: Tells rows apart; equal for the old and the new version of a row.
    """

    def __init__(
        self,
        theme: Theme,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], Hashable],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns, self._key, self._theme = tuple(columns), key, theme
        self.rows: tuple[Row, ...] = ()
        self._fonts: dict[FontRole, QFont] = {}

    def place(self, key: Hashable) -> int:
        """Return where a row is, -1 where it is not."""
        return next((n for n, row in enumerate(self.rows) if self._key(row) == key), -1)

    def key_at(self, place: int) -> Hashable | None:
        """Return what tells the row at a place apart, None where there is none."""
        return self._key(self.rows[place]) if 0 <= place < len(self.rows) else None

    def show_rows(self, rows: Sequence[Row]) -> bool:
        """Show other rows, and tell whether they moved: not where they are newer versions."""
        key, shown = self._key, self.rows
        same = len(rows) == len(shown) and all(
            key(row) == key(before) for row, before in zip(rows, shown, strict=True)
        )
        if same and tuple(rows) == self.rows:
            return False
        if not same:
            self.beginResetModel()
        self.rows = tuple(rows)
        if not same:
            self.endResetModel()
        elif rows:
            last = self.index(len(rows) - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        return not same

    def show_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Take other columns, and no rows until they come."""
        self.beginResetModel()
        self.columns, self.rows = tuple(columns), ()
        self.endResetModel()

    # Qt's own

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return the number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the heading of a column and how it is aligned."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].words
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment(self.columns[section]) or _LEFT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell has for a role."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        column, row = self.columns[index.column()], self.rows[index.row()]
        if role == BADGE_ROLE:
            return column.badge(row) if column.badge else None
        if role == Qt.ItemDataRole.FontRole:
            if column.font not in self._fonts:
                self._fonts[column.font] = self._theme.font(column.font)
            return self._fonts[column.font]
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._theme.color(Role.MUTED if column.muted else Role.TEXT)
        return cell(column, row, role)


class FigureTable(QTableView, Generic[Row]):
    """Shows rows; keeps the chosen one while others come and go.

    Args:
        name: What the table is called when it is read out.
        key: Tells rows apart.
        most: So many rows are in sight at the most, the others are scrolled to; None for as
            high as its place is.

    Signals:
        chosen: Another row was chosen; carries it, None for none.
        opened: A row was opened (Enter or double click); carries it.
    """

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(
        self,
        theme: Theme,
        columns: Sequence[Column[Row]],
        *,
        name: str,
        key: Callable[[Row], Hashable],
        most: int | None = None,
    ) -> None:
        super().__init__()
        self._most = most
        self.list_model = FigureModel(theme, columns, key, self)
        self.setModel(self.list_model)
        set_up_rows(self, name)
        self.setProperty("kind", "flush")
        self.setItemDelegate(BadgeDelegate(theme, self))
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().setFixedHeight(_HEADER)
        self._set_widths()
        self.activated.connect(lambda index: self.opened.emit(index.data(ROW_ROLE)))
        self.selectionModel().currentRowChanged.connect(self._tell)
        self._copies = copy_actions(self, self.copy)
        theme.changed.connect(self.viewport().update)
        self.fit(0)

    def show_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Show other columns, and no rows until they come."""
        self.list_model.show_columns(columns)
        self._set_widths()
        self.fit(0)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows; those that are chosen stay so while there."""
        model = self.list_model
        current = model.key_at(self.currentIndex().row())
        chosen = {model.key_at(one.row()) for one in self.selectionModel().selectedRows()}
        if model.show_rows(rows):
            self._choose_again(current, chosen)
        self.fit(len(rows))

    def choose(self, key: Hashable) -> None:
        """Choose a row alone; none where it is not there."""
        flags = QItemSelectionModel.SelectionFlag
        index = self.list_model.index(self.list_model.place(key), 0)
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    @property
    def current(self) -> Row | None:
        """The row that is chosen."""
        found: Row | None = self.currentIndex().data(ROW_ROLE)
        return found

    def copy(self, wanted: CopyFormat = CopyFormat.TEXT) -> None:
        """Copy the rows chosen, all where none is."""
        places = sorted({index.row() for index in self.selectionModel().selectedRows()})
        rows = [self.list_model.rows[place] for place in places] or self.list_model.rows
        copy_text(as_format(self.list_model.columns, rows, wanted))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Offer what can be done with the rows."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu)
        menu.popup(event.globalPos())

    def fill_menu(self, menu: QMenu) -> None:
        """Add to a menu what can be done: to copy; more is for the subclass."""
        menu.addActions(self._copies)

    def _set_widths(self) -> None:
        header, modes = self.horizontalHeader(), QHeaderView.ResizeMode
        for number, column in enumerate(self.list_model.columns):
            mode = modes.Interactive if column.width else modes.Stretch
            header.setSectionResizeMode(number, mode)
            if column.width:
                self.setColumnWidth(number, column.width)

    def _choose_again(self, current: Hashable, chosen: set[Hashable]) -> None:
        """Choose what was chosen before its rows moved."""
        flags = QItemSelectionModel.SelectionFlag
        model, again = self.list_model, QItemSelection()
        places = range(len(model.rows)) if chosen else ()
        kept = [place for place in places if model.key_at(place) in chosen]
        # Those that follow each other as one: with each for itself thousands took seconds.
        for _run, group in groupby(enumerate(kept), key=lambda one: one[1] - one[0]):
            run = [place for _number, place in group]
            again.select(model.index(run[0], 0), model.index(run[-1], 0))
        self.selectionModel().select(again, flags.ClearAndSelect | flags.Rows)
        index = model.index(model.place(current), 0)
        self.selectionModel().setCurrentIndex(index, flags.NoUpdate)

    def _tell(self, current: QModelIndex) -> None:
        self.chosen.emit(current.data(ROW_ROLE) if current.isValid() else None)

    def fit(self, count: int) -> None:
        """Be as high as so many rows are, where not more are to be in sight."""
        if self._most is not None:
            shown = min(max(count, 1), self._most)
            self.setFixedHeight(_HEADER + shown * Metric.ROW + 1)
