"""What a model answers about one cell, by the role asked for."""

from typing import Any

from PySide6.QtCore import Qt

from desktop.widgets.paged_table.columns import ROW_ROLE, Column, Row
from desktop.widgets.tips import plain_tip

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def cell(column: Column[Row], row: Row, role: int) -> Any:
    """Return what a cell has for a role, None for nothing."""
    if role == Qt.ItemDataRole.DisplayRole:
        return column.text(row).replace("\n", " ")
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return alignment(column)
    if role == Qt.ItemDataRole.ToolTipRole:
        return plain_tip((column.tip or column.text)(row)) or None
    if role == Qt.ItemDataRole.AccessibleTextRole:
        return f"{column.words}: {column.text(row)}"
    return row if role == ROW_ROLE else None


def alignment(column: Column[Row]) -> Qt.AlignmentFlag | None:
    """Return where the words of a column stand, None for the usual left."""
    return _RIGHT if column.right else None
