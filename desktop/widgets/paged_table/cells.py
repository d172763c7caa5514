"""What a model answers about one cell, by the role asked for."""

from typing import Any

from PySide6.QtCore import Qt

from desktop.widgets.paged_table.columns import (
    MUTED_ROLE,
    ROW_ROLE,
    STRONG_ROLE,
    TAGS_ROLE,
    Column,
    Row,
)
from desktop.widgets.state_badge import BADGE_ROLE
from desktop.widgets.tips import plain_tip

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def cell(column: Column[Row], row: Row, role: int) -> Any:
    """Return what a cell has for a role, None for nothing."""
    if role == Qt.ItemDataRole.DisplayRole:
        return column.text(row).replace("\n", " ")
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return _RIGHT if column.right else None
    if role == Qt.ItemDataRole.ToolTipRole:
        return plain_tip((column.tip or column.text)(row)) or None
    if role == Qt.ItemDataRole.AccessibleTextRole:
        return f"{column.words}: {column.text(row)}"
    return _look(column, row, role)


def _look(column: Column[Row], row: Row, role: int) -> Any:
    if role == ROW_ROLE:
        return row
    if role == BADGE_ROLE:
        return column.badge(row) if column.badge else None
    if role == TAGS_ROLE:
        return tuple(column.tags(row)) if column.tags else None
    if role == STRONG_ROLE:
        return column.strong
    if role == MUTED_ROLE:
        return column.muted
    return None
