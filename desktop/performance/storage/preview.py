"""The rows of a table, a hundred at a time, only to be read."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QStyledItemDelegate,
    QTableWidgetItem,
    QVBoxLayout,
)

from core.performance.storage.schemas import TableInfo, TablePreview
from core.translation import _
from desktop.figures import number
from desktop.performance.storage.words import table_words
from desktop.theme import Metric, Role, Theme
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.form.fields import keep_wheel_for_focus
from desktop.widgets.marks import button, label
from desktop.widgets.plain_table import plain_table
from desktop.widgets.tips import explain, plain_tip

_HEIGHT = 320
_WIDTH = 150
_COMBO = 260


class PreviewCard(QFrame):
    """Rows of a chosen table.

    Args:
        refusal: Why rows may not be seen; empty where they may.

    Signals:
        wanted: Rows are to be seen; carries the table and the number of the first row.
    """

    wanted = Signal(str, int)

    def __init__(self, theme: Theme, refusal: str) -> None:
        super().__init__()
        self._theme, self._refusal = theme, refusal
        self._table, self._first, self._count = "", 0, 0
        self.setProperty("kind", "card")
        self.setAccessibleName(_("Rows"))
        self.tables = QComboBox()
        self.tables.setAccessibleName(_("Table or view"))
        self.tables.setItemDelegate(QStyledItemDelegate(self.tables))
        self.tables.setMinimumWidth(_COMBO)
        self.tables.activated.connect(lambda _place: self.choose(self.tables.currentData()))
        keep_wheel_for_focus(self.tables)
        self.place = label("", "muted")
        self.back = button(_("Previous"), lambda: self._turn(-1))
        self.on = button(_("Next"), lambda: self._turn(1))
        self.error = ErrorPanel(theme)
        self.note = label("", "muted", wrap=True)
        self.rows = plain_table(_("Rows of the chosen table"))
        self.rows.setProperty("kind", "flush")
        self.rows.setFixedHeight(_HEIGHT)
        self.rows.horizontalHeader().setStretchLastSection(True)
        self._lay_out()
        self.rows.hide()
        explain(self.back, _("Show the rows before these"))
        explain(self.on, _("Show the rows after these"))
        for part in (self.back, self.on):
            part.setEnabled(False)
        self.tables.setDisabled(bool(refusal))
        explain(self.tables, refusal)
        self._say(refusal or _("Choose a table to see its rows; nothing is changed."))

    def show_tables(self, tables: Sequence[TableInfo]) -> None:
        """Let other tables be chosen."""
        before = self._table
        names = [table.name for table in tables]
        shown = [self.tables.itemData(place) for place in range(1, self.tables.count())]
        if names == shown:
            return
        self.tables.clear()
        self.tables.addItem(_("Choose a table"), "")
        for table in tables:
            self.tables.addItem(table_words(table), table.name)
        self.tables.setCurrentIndex(max(self.tables.findData(before), 0))

    def choose(self, name: str) -> None:
        """Show the first rows of a table; one that is not there changes nothing."""
        place = self.tables.findData(name)
        if place > 0 and not self._refusal:
            self.tables.setCurrentIndex(place)
            self._table = name
            self.wanted.emit(name, 0)

    def show_rows(self, found: TablePreview) -> None:
        """Show rows."""
        self.error.clear()
        self._first, self._count = found.first, len(found.rows)
        table = self.rows
        table.setColumnCount(len(found.columns))
        table.setHorizontalHeaderLabels(list(found.columns))
        table.setRowCount(len(found.rows))
        for number_, row in enumerate(found.rows):
            for column, cell in enumerate(row):
                table.setItem(number_, column, self._item(cell))
        for column in range(len(found.columns)):
            table.setColumnWidth(column, _WIDTH)
        table.scrollToTop()
        table.setVisible(bool(found.rows))
        self.back.setEnabled(found.first > 0)
        self.on.setEnabled(found.more)
        self._tell(found)

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

    def _item(self, cell: str | None) -> QTableWidgetItem:
        item = QTableWidgetItem(_("NULL") if cell is None else cell.replace("\n", " "))
        if cell is None:
            item.setForeground(self._theme.color(Role.MUTED))
        else:
            item.setToolTip(plain_tip(cell))
        return item

    def _turn(self, step: int) -> None:
        first = self._first + self._count if step > 0 else max(self._first - 100, 0)
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
