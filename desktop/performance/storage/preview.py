"""The rows of a table, a hundred at a time, only to be read."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.performance.storage.schemas import TableInfo, TablePreview
from core.translation import _
from desktop.figures import number
from desktop.performance.storage.calls import ROWS
from desktop.performance.storage.words import table_words
from desktop.theme import Metric, Role, Theme
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.figure_table import FigureTable
from desktop.widgets.form.fields import keep_wheel_for_focus
from desktop.widgets.marks import button, label
from desktop.widgets.paged_table import Column
from desktop.widgets.paged_table.columns import ROW_ROLE
from desktop.widgets.state_badge import BadgeDelegate
from desktop.widgets.tips import explain

_HEIGHT: Final = 320
_WIDTH: Final = 150
_COMBO: Final = 260

_Cells = tuple[int, tuple[str | None, ...]]
"""The number of a row, and its cells."""


class PreviewCard(QFrame):
    """Rows of a chosen table.

    Args:
        refusal: Why rows may not be seen; empty where they may.

    Signals:
        wanted: Rows are to be seen; carries the table, empty for none, and the number of
            the first row.
    """

    wanted = Signal(str, int)

    def __init__(self, theme: Theme, refusal: str) -> None:
        super().__init__()
        self._refusal = refusal
        self._table, self._first, self._count = "", 0, 0
        self.setProperty("kind", "card")
        self.setAccessibleName(_("Rows"))
        self.tables = QComboBox()
        self.tables.setAccessibleName(_("Table or view"))
        names = QListView()
        names.setUniformItemSizes(True)  # all of 20,000 names were measured when it opened
        self.tables.setView(names)
        self.tables.setItemDelegate(QStyledItemDelegate(self.tables))
        self.tables.setMinimumWidth(_COMBO)
        self.tables.activated.connect(self._choose)
        keep_wheel_for_focus(self.tables)
        self.place = label("", "muted")
        self.back = button(_("Previous"), lambda: self._turn(-1))
        self.on = button(_("Next"), lambda: self._turn(1))
        self.error = ErrorPanel(theme)
        self.note = label("", "muted", wrap=True)
        self.rows = FigureTable[_Cells](
            theme, (), name=_("Rows of the chosen table"), key=lambda row: row[0]
        )
        self.rows.setItemDelegate(_NullDelegate(theme, self.rows))
        self.rows.setFixedHeight(_HEIGHT)
        self.rows.horizontalHeader().setStretchLastSection(True)
        self._lay_out()
        self.rows.hide()
        explain(self.back, _("Show the rows before these"))
        explain(self.on, _("Show the rows after these"))
        self.tables.setDisabled(bool(refusal))
        explain(self.tables, refusal)
        self._begin("")

    def show_tables(self, tables: Sequence[TableInfo]) -> None:
        """Let other tables be chosen."""
        names = [table.name for table in tables]
        shown = [self.tables.itemData(place) for place in range(1, self.tables.count())]
        if names == shown:
            return
        self.tables.clear()
        self.tables.addItem(_("Choose a table"), "")
        for table in tables:
            self.tables.addItem(table_words(table), table.name)
        place = max(self.tables.findData(self._table), 0)
        self.tables.setCurrentIndex(place)
        if self._table and not place:
            self._choose(place)

    def choose(self, name: str) -> None:
        """Show the first rows of a table; one that is not there changes nothing."""
        place = self.tables.findData(name)
        if place > 0 and not self._refusal:
            self.tables.setCurrentIndex(place)
            self._choose(place)

    def show_rows(self, found: TablePreview) -> None:
        """Show rows."""
        self.error.clear()
        self._first, self._count = found.first, len(found.rows)
        names = [column.name for column in self.rows.list_model.columns]
        columns = _columns(found.columns)
        if names != [column.name for column in columns]:
            self.rows.show_columns(columns)
        self.rows.show_rows(list(enumerate(found.rows, found.first)))
        self.rows.scrollToTop()
        self.rows.setVisible(bool(found.rows))
        self.back.setEnabled(found.first > 0)
        self.on.setEnabled(found.more)
        self._tell(found)

    def fail(self, error: AppError) -> None:
        """Say why there are no rows, or no others."""
        self.error.show_error(error)
        self.rows.setVisible(self._count > 0)

    def _choose(self, place: int) -> None:
        self._begin(self.tables.itemData(place))
        self.wanted.emit(self._table, 0)

    def _begin(self, table: str) -> None:
        """Show nothing of the table before."""
        self._table, self._first, self._count = table, 0, 0
        self.error.clear()
        self.place.setText("")
        self.rows.show_columns(())
        self.rows.setVisible(bool(table) and not self.rows.isHidden())
        for part in (self.back, self.on):
            part.setEnabled(False)
        nothing = _("Choose a table to see its rows; nothing is changed.")
        self._say("" if table else self._refusal or nothing)

    def _tell(self, found: TablePreview) -> None:
        self.place.setText("")
        if found.rows:
            self.place.setText(
                _("Rows {first} to {last}").format(
                    first=number(found.first + 1), last=number(found.first + len(found.rows))
                )
            )
        if found.left_out:
            self._say(
                _("{count} further columns are not shown.").format(count=number(found.left_out))
            )
        else:
            self._say("" if found.rows else _("It has no rows."))

    def _turn(self, step: int) -> None:
        first = self._first + self._count if step > 0 else max(self._first - ROWS, 0)
        self.wanted.emit(self._table, first)

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setHidden(not text)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(14, 0, 14, 0)
        head.setSpacing(Metric.GRID)
        head.addWidget(label(_("Rows"), "heading"))
        head.addWidget(self.tables)
        head.addStretch(1)
        for part in (self.place, self.back, self.on):
            head.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        self.note.setContentsMargins(14, 0, 14, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 12, 1, Metric.GRID)
        column.setSpacing(Metric.GRID)
        column.addLayout(head)
        column.addWidget(self.note)
        failure = QHBoxLayout()
        failure.setContentsMargins(14, 0, 14, 6)
        failure.addWidget(self.error)
        column.addLayout(failure)
        column.addWidget(self.rows)


class _NullDelegate(BadgeDelegate):
    """Paints what is NULL in the muted colour, so that it is not taken for the word."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._theme = theme

    def initStyleOption(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Take the colour from what the cell is."""
        super().initStyleOption(option, index)
        if index.data(ROW_ROLE)[1][index.column()] is None:
            option.palette.setColor(QPalette.ColorRole.Text, self._theme.color(Role.MUTED))


def _columns(names: Sequence[str]) -> tuple[Column[_Cells], ...]:
    return tuple(_column(names, place) for place in range(len(names)))


def _column(names: Sequence[str], place: int) -> Column[_Cells]:
    def value(row: _Cells) -> str | None:
        return row[1][place]

    heading = names[place]
    return Column(
        heading if names.index(heading) == place else f"{heading} {place + 1}",
        heading.replace("\n", " "),
        lambda row: _("NULL") if value(row) is None else str(value(row)),
        tip=lambda row: value(row) or "",
        value=value,
        width=_WIDTH,
    )
