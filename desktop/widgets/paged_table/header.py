"""The headings of a table: sorted by a click, moved, put away and shown again, and kept."""

import json
from typing import Any

from PySide6.QtCore import QByteArray, QPoint, QSettings, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QMenu, QWidget

from core.translation import _
from desktop.widgets.paged_table.columns import Column

_STATE = "columns"
_LEAST_WIDTH = 56


class ColumnHeader(QHeaderView):
    """The horizontal header of a paged table.

    Signals:
        sorted_by: The person wants this order; carries the fields as ``ListQuery.order`` does.
    """

    sorted_by = Signal(tuple)

    def __init__(self, columns: tuple[Column[Any], ...], parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._columns = columns
        self._order: tuple[str, ...] = ()
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(_LEAST_WIDTH)
        # Rows out of sight are not looked at to find a width: that would fetch them.
        self.setResizeContentsPrecision(0)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSortIndicatorClearable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.sectionClicked.connect(self._clicked)

    @property
    def order(self) -> tuple[str, ...]:
        """The order in force."""
        return self._order

    def show_order(self, order: tuple[str, ...]) -> None:
        """Show by which column the list is ordered."""
        self._order = order
        field = order[0] if order else ""
        fields = [column.sort for column in self._columns]
        name = field.removeprefix("-")
        known = bool(name) and name in fields
        self.setSortIndicatorShown(known)
        if known:
            falling = field.startswith("-")
            self.setSortIndicator(
                fields.index(name),
                Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder,
            )

    def prepare(self) -> None:
        """Give the columns their first widths, once the model is there."""
        for number, column in enumerate(self._columns):
            self.resizeSection(number, column.width)
            self.setSectionHidden(number, not column.shown)

    def visible_columns(self) -> list[Column[Any]]:
        """Return the columns shown, from left to right."""
        numbers = (self.logicalIndex(place) for place in range(self.count()))
        return [self._columns[n] for n in numbers if not self.isSectionHidden(n)]

    def show_column(self, number: int, shown: bool) -> None:
        """Show a column or put it away; the last one and fixed ones stay."""
        if shown or (len(self.visible_columns()) > 1 and not self._columns[number].fixed):
            self.setSectionHidden(number, not shown)

    def save(self, settings: QSettings) -> None:
        """Keep widths, places, which are shown, and the order."""
        names = [column.name for column in self._columns]
        kept = {
            "names": names,
            "order": list(self._order),
            "header": bytes(self.saveState().toBase64().data()).decode("ascii"),
        }
        settings.setValue(_STATE, json.dumps(kept))

    def restore(self, settings: QSettings) -> None:
        """Take what was kept, unless the columns are others by now."""
        try:
            kept = json.loads(str(settings.value(_STATE, "")))
            same = kept["names"] == [column.name for column in self._columns]
            state = QByteArray.fromBase64(QByteArray(kept["header"].encode("ascii")))
            order = tuple(str(field) for field in kept["order"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        if same and self.restoreState(state):
            fields = {column.sort for column in self._columns}
            known = all(field.removeprefix("-") in fields for field in order)
            self.show_order(order if known else self._order)
            for number, column in enumerate(self._columns):
                if column.fixed:
                    self.setSectionHidden(number, False)

    def show_first_columns(self) -> None:
        """Show the columns as they were at first."""
        for number in range(self.count()):
            self.moveSection(self.visualIndex(number), number)
        self.prepare()

    def fill_menu(self, menu: QMenu) -> None:
        """Put the columns into a menu, each to be shown or put away."""
        menu.setToolTipsVisible(True)
        for place in range(self.count()):
            number = self.logicalIndex(place)
            column = self._columns[number]
            action = menu.addAction(column.words.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(not self.isSectionHidden(number))
            action.setEnabled(not column.fixed)
            action.toggled.connect(lambda on, number=number: self.show_column(number, on))
        menu.addSeparator()
        menu.addAction(_("Reset columns"), self.show_first_columns)

    def _clicked(self, number: int) -> None:
        field = self._columns[number].sort
        if not field:
            self.show_order(self._order)
            return
        rising = self._order[:1] == (field,)
        self.show_order((f"-{field}",) if rising else (field,))
        self.sorted_by.emit(self._order)

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu)
        menu.popup(self.mapToGlobal(place))
