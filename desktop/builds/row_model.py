"""What tables of builds have in common: a build a row, and what a cell answers by role."""

from abc import abstractmethod
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, ClassVar, Final, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.builds.schemas import BuildRow
from desktop.widgets.state_badge import BADGE_ROLE, build_badge
from desktop.widgets.tips import plain_tip

BUILD_ROLE: Final = Qt.ItemDataRole.UserRole + 1

Index = QModelIndex | QPersistentModelIndex
Column = TypeVar("Column", bound=IntEnum)

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class BuildRowsModel(QAbstractTableModel, Generic[Column]):
    """Builds as rows; which columns they have and what these say is for the subclass.

    What is abstract is seen to by the type checker: Qt's classes have a metaclass of their own.

    Attributes:
        columns: The columns, in their order, numbered from 0.
        state: The column of the badge.
        numbers: The columns whose words stand at the right.
    """

    columns: ClassVar[type[IntEnum]]
    state: ClassVar[IntEnum]
    numbers: ClassVar[frozenset[IntEnum]] = frozenset()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[BuildRow] = ()

    @abstractmethod
    def title(self, column: Column) -> str:
        """Return the words over a column."""

    @abstractmethod
    def text(self, build: BuildRow, column: Column) -> str:
        """Return what a cell says."""

    @abstractmethod
    def tip(self, build: BuildRow, column: Column) -> str:
        """Return the exact value behind a cell."""

    def spoken(self, build: BuildRow, column: Column) -> str | None:  # noqa: ARG002
        """Return what is read out of a cell, None for what it says."""
        return None

    @property
    def rows(self) -> Sequence[BuildRow]:
        """The builds that are here, in their order."""
        return self._rows

    def place(self, build_id: int) -> int:
        """Return the row of a build, -1 where it is not here."""
        return next((i for i, row in enumerate(self._rows) if row.id == build_id), -1)

    # Qt's own

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many builds are here."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the titles of the columns."""
        if orientation is not Qt.Orientation.Horizontal or section not in range(
            len(self.columns)
        ):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section in self.numbers else _LEFT
        if role == Qt.ItemDataRole.DisplayRole:
            return self.title(self._column(section))
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the words of a cell, its badge, or the build itself."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        build, column = self._rows[index.row()], self._column(index.column())
        if role == BUILD_ROLE:
            return build
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(build, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self.tip(build, column))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.spoken(build, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column in self.numbers else _LEFT
        if role == BADGE_ROLE and column == self.state:
            return build_badge(build.state, build.reason)
        return None

    def _column(self, number: int) -> Column:
        column: Column = self.columns(number)  # type: ignore[assignment]
        return column
