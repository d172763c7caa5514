"""What compilers and test runners complained of, as rows of a table."""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from core.builds.schemas import Problem, Severity
from core.translation import _
from desktop.builds import words
from desktop.figures import number
from desktop.theme import FontRole, Theme
from desktop.widgets.log_view import plain
from desktop.widgets.state_badge import BADGE_ROLE, Badge, Tone
from desktop.widgets.tips import plain_tip

_LONGEST: Final = 1_000

Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """The columns, in their order."""

    SEVERITY = 0
    PLACE = 1
    MESSAGE = 2
    TOOL = 3
    LINE = 4


def severity_words(severity: Severity) -> str:
    """Return how bad a problem is."""
    return _("Error") if severity is Severity.ERROR else _("Warning")


def place_words(problem: Problem) -> str:
    """Return file, line and column as tools write them."""
    if not problem.file:
        return words.NONE
    numbers = [str(one) for one in (problem.row, problem.column) if one is not None]
    return ":".join((_one_line(problem.file), *numbers))


def as_text(problems: Iterable[Problem]) -> str:
    """Return problems as text, a line for each, as compilers print them."""
    return "\n".join(
        f"{place_words(one)}: {one.severity}: {_one_line(one.message)}"
        + (f" [{_one_line(one.tool)}]" if one.tool else "")
        for one in problems
    )


class ProblemsModel(QAbstractTableModel):
    """The problems of one build, all or of one severity."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mono = theme.font(FontRole.MONO)
        self._all: Sequence[Problem] = ()
        self._rows: Sequence[Problem] = ()
        self._only: Severity | None = None

    @property
    def problems(self) -> Sequence[Problem]:
        """All of them, also those that are not shown."""
        return self._all

    def show(self, problems: Sequence[Problem]) -> None:
        """Show the problems of a build."""
        self._all = problems
        self._choose()

    def show_only(self, severity: Severity | None) -> None:
        """Show those of one severity, or all."""
        self._only = severity
        self._choose()

    def count(self, severity: Severity) -> int:
        """Return how many there are of a severity."""
        return sum(one.severity is severity for one in self._all)

    def first(self) -> int:
        """Return the row of the first error, where all are shown of another kind the first."""
        errors = (row for row, one in enumerate(self._rows) if one.severity is Severity.ERROR)
        return next(errors, 0)

    def at(self, row: int) -> Problem:
        """Return the problem of a row."""
        return self._rows[row]

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return the number of problems that are shown."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(Column)

    def headerData(  # noqa: N802
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the words over a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(Column(section))
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            Column.SEVERITY: _("Severity"),
            Column.PLACE: _("Place"),
            Column.MESSAGE: _("Message"),
            Column.TOOL: _("Tool"),
            Column.LINE: _("Log line"),
        }[Column(section)]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        problem, column = self._rows[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(problem, column)
        if role == BADGE_ROLE and column is Column.SEVERITY:
            return _badge(problem.severity)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_text(problem, column))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.FontRole and column is Column.PLACE:
            return self._mono
        return None

    def _choose(self) -> None:
        self.beginResetModel()
        self._rows = [one for one in self._all if self._only in (None, one.severity)]
        self.endResetModel()


def _text(problem: Problem, column: Column) -> str:
    return {
        Column.SEVERITY: severity_words(problem.severity),
        Column.PLACE: place_words(problem),
        Column.MESSAGE: _one_line(problem.message),
        Column.TOOL: _one_line(problem.tool),
        Column.LINE: number(problem.line + 1),
    }[column]


def _badge(severity: Severity) -> Badge:
    if severity is Severity.ERROR:
        return Badge(severity_words(severity), "x-circle-fill", Tone.FAILURE)
    return Badge(severity_words(severity), "warning-fill", Tone.WARNING)


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column is Column.LINE else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _one_line(text: str) -> str:
    """Return text without escape sequences and line ends: tools print what they like."""
    return plain(" ".join(text[:_LONGEST].splitlines()))
