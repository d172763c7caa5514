"""The tables and indexes with their figures, sorted by any of them."""

import functools
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from core.performance.storage.schemas import StorageObject
from core.translation import _
from desktop.figures import number, size
from desktop.performance.storage import words
from desktop.performance.words import NONE
from desktop.theme import Theme
from desktop.widgets.figure_table import FigureTable
from desktop.widgets.paged_table import Column

_UP, _DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
_SIZE = 2


def key_of(one: StorageObject) -> Hashable:
    """Return what tells a part of the file from the others."""
    return one.kind, one.name, one.table


class ObjectsTable(FigureTable[StorageObject]):
    """The parts of a file; a click on a heading sorts, another one the other way.

    Its height stays while it is narrowed.
    """

    def __init__(self, theme: Theme, most: int) -> None:
        super().__init__(theme, _columns(), name=_("Tables and indexes"), key=key_of, most=most)
        self._objects: tuple[StorageObject, ...] = ()
        self._sought = ""
        self._sorted = (_SIZE, _DOWN)
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(*self._sorted)
        header.sortIndicatorChanged.connect(self._sort)

    def show_objects(self, objects: Sequence[StorageObject]) -> None:
        """Show other parts, in the order that is chosen."""
        place, order = self._sorted
        column = self.list_model.columns[place]
        value = column.value or column.text
        known = [one for one in objects if value(one) is not None]
        unknown = [one for one in objects if value(one) is None]
        known.sort(key=_comparable(value), reverse=order is _DOWN)
        self._objects = (*known, *unknown)
        self._show()

    def narrow(self, text: str) -> None:
        """Show only those whose names hold a text, in capitals or not; empty for all."""
        self._sought = text.strip().casefold()
        self._show()

    @property
    def counts(self) -> tuple[int, int]:
        """How many parts are shown, and how many there are, each that is not listed as well."""
        shown = sum(one.name != "" for one in self.list_model.rows)
        return shown, sum(one.count for one in self._objects)

    def named(self, name: str) -> StorageObject | None:
        """Return a part by its name, shown or not."""
        return next((one for one in self._objects if one.name == name), None)

    def choose_object(self, one: StorageObject) -> bool:
        """Choose a part alone, and tell whether it is shown."""
        self.choose(key_of(one))
        return self.current == one

    def fill_menu(self, menu: QMenu) -> None:
        """Offer to sort, too, as those do who use no mouse."""
        super().fill_menu(menu)
        menu.addSeparator()
        orders = menu.addMenu(_("Sort by"))
        for column in self.list_model.columns:
            up, down = column.name, f"-{column.name}"
            falls = self.order != down if column.right else self.order == up
            orders.addAction(
                column.words, functools.partial(self.sort_by, down if falls else up)
            )

    @property
    def order(self) -> str:
        """The column by which it is sorted, with a minus before it where that is downwards."""
        place, order = self._sorted
        return ("-" if order is _DOWN else "") + self.list_model.columns[place].name

    def sort_by(self, order: str) -> None:
        """Sort as ``order`` said; a column that is not there changes nothing."""
        names = [column.name for column in self.list_model.columns]
        if (name := order.removeprefix("-")) in names:
            way = _DOWN if order.startswith("-") else _UP
            self.horizontalHeader().setSortIndicator(names.index(name), way)

    def _show(self) -> None:
        # What sums up the others may hold what is looked for.
        held = [
            one for one in self._objects if not one.name or self._sought in one.name.casefold()
        ]
        self.show_rows(held if self._sought else self._objects)
        self.fit(len(self._objects))

    def _sort(self, place: int, order: Qt.SortOrder) -> None:
        self._sorted = (place, order)
        self.show_objects(self._objects)


def _comparable(value: Callable[[StorageObject], object]) -> Callable[[StorageObject], Any]:
    def key(one: StorageObject) -> Any:
        found = value(one)
        return found.casefold() if isinstance(found, str) else found

    return key


def _columns() -> tuple[Column[StorageObject], ...]:
    return (
        Column("name", _("Name"), words.name_of, width=0, strong=True, tip=_tip),
        Column("kind", _("Kind"), lambda one: words.kind_words(one.kind), width=146,
            badge=words.kind_badge, value=lambda one: one.kind.value),
        _bytes("bytes", _("Size"), lambda one: one.bytes),
        Column("rows", _("Rows"), words.row_words, right=True, width=92,
            value=lambda one: one.rows),
        _bytes("payload_bytes", _("Payload"), lambda one: one.payload_bytes),
        _bytes("unused_bytes", _("Unused"), lambda one: one.unused_bytes),
        Column("overflow_pages", _("Overflow"), lambda one: _count(one.overflow_pages),
            right=True, width=88, value=lambda one: one.overflow_pages,
            tip=lambda _one: _("Pages that hold what does not fit beside its row")),
        Column("fragmentation", _("Scattered"), words.fragmentation_words, right=True,
            width=92, value=lambda one: one.fragmentation,
            tip=lambda _one: _("Pages that do not lie behind the one that is read before")),
    )  # fmt: skip


def _bytes(
    name: str, heading: str, value: Callable[[StorageObject], int]
) -> Column[StorageObject]:
    return Column(
        name,
        heading,
        lambda one: size(value(one)),
        right=True,
        width=98,
        value=value,
        tip=lambda one: _("{count} bytes").format(count=number(value(one))),
    )


def _count(count: int) -> str:
    return number(count) if count else NONE


def _tip(one: StorageObject) -> str:
    name = words.name_of(one)
    if one.table and one.table != one.name:
        return _("{name}, of {table}").format(name=name, table=one.table)
    return name
