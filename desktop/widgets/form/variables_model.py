"""Names and values in a table, with an empty row at the end for the next one."""

from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from core.translation import _

HIDDEN: Final = "••••••••"
NAME: Final = 0
VALUE: Final = 1


@dataclass(slots=True)
class Variable:
    """A row; a value of None is stored and not known here."""

    name: str
    value: str | None


class VariablesModel(QAbstractTableModel):
    """The variables of one field.

    Args:
        secret: Values are never shown: a stored one stays unless something is typed.
    """

    def __init__(self, *, secret: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.secret = secret
        self._rows = [Variable("", "")]

    @property
    def variables(self) -> list[Variable]:
        """The variables, without the empty row at the end."""
        return self._rows[:-1]

    def fill(self, variables: dict[str, str | None]) -> None:
        """Show other variables."""
        self.beginResetModel()
        self._rows = [Variable(name, value) for name, value in variables.items()]
        self._rows.append(Variable("", ""))
        self.endResetModel()

    def remove(self, row: int) -> None:
        """Take out a row; the empty one stays."""
        if 0 <= row < len(self._rows) - 1:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._rows[row]
            self.endRemoveRows()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:  # noqa: N802
        """Return the number of variables and the empty row."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:  # noqa: N802
        """Return 2: name and value."""
        return 0 if parent is not None and parent.isValid() else 2

    def headerData(  # noqa: N802
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the titles of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (_("Name"), _("Value"))[section] if section in (NAME, VALUE) else None
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        """Return that everything can be edited."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.isValid() else flags

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return what is shown or edited; secrets are neither."""
        if not index.isValid() or role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.EditRole,
        ):
            return None
        variable = self._rows[index.row()]
        if index.column() == NAME:
            return variable.name
        if not self.secret:
            return variable.value
        if role == Qt.ItemDataRole.EditRole:
            return ""
        return None if variable.value == "" else HIDDEN

    def setData(  # noqa: N802
        self,
        index: QModelIndex | QPersistentModelIndex,
        value: Any,
        role: int = Qt.ItemDataRole.EditRole,
    ) -> bool:
        """Take what was typed; in the last row it makes a new variable."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        text = str(value)
        variable = self._rows[index.row()]
        if index.column() == NAME:
            variable.name = text.strip()
        elif not self.secret or text:
            variable.value = text
        self.dataChanged.emit(index, index)
        if index.row() == len(self._rows) - 1 and (variable.name or variable.value):
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows))
            self._rows.append(Variable("", ""))
            self.endInsertRows()
        return True
