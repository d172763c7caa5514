"""How tables look and choose, and a short one of words; long lists have ``paged_table``."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QTableWidget

from desktop.theme import Metric


def plain_table(name: str, headings: Sequence[str] = ()) -> QTableWidget:
    """Return an empty table, whose rows can be chosen and whose cells cannot be changed.

    Args:
        name: What the table is called when it is read out.
        headings: The words over its columns, which are as many.
    """
    table = QTableWidget(0, len(headings))
    table.setHorizontalHeaderLabels(list(headings))
    set_up_rows(table, name)
    return table


def set_up_rows(table: QTableView, name: str) -> None:
    """Let a table show whole rows of one height, which are chosen and not changed.

    Args:
        name: What the table is called when it is read out.
    """
    table.setAccessibleName(name)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setCornerButtonEnabled(False)
    rows = table.verticalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(Metric.ROW)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def set_up_flush(table: QTableView, name: str) -> None:
    """Set a table up as ``set_up_rows`` does, for a page that it fills to its edges.

    It scrolls smoothly and asks for its own context menu.
    """
    set_up_rows(table, name)
    table.setProperty("kind", "flush")
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)


def choose_row(table: QTableView, row: int) -> None:
    """Choose one row alone and go there, whatever keys are held.

    Qt's ``selectRow`` looks for a range while Shift is held, and may find none. Where there
    is no such row none is chosen.
    """
    flags = QItemSelectionModel.SelectionFlag
    index = table.model().index(row, 0)
    table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
