"""The builds that run and wait, in the order in which they start."""

from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from core.builds.queue.schemas import QueueOverview
from core.builds.schemas import BuildRow, BuildState
from core.translation import _
from desktop.builds import words
from desktop.builds.history.model import BUILD_ROLE
from desktop.figures import ago, exact
from desktop.widgets.state_badge import BADGE_ROLE, build_badge
from desktop.widgets.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """The columns, in their order."""

    BUILD = 0
    STATE = 1
    PRIORITY = 2
    TIME = 3
    EXPECTED = 4
    WHAT = 5
    BY = 6


class QueueModel(QAbstractTableModel):
    """Running builds first, then those that wait."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[BuildRow, ...] = ()

    @property
    def rows(self) -> tuple[BuildRow, ...]:
        """The builds that are shown."""
        return self._rows

    @property
    def waiting(self) -> list[BuildRow]:
        """Those of them that wait."""
        return [row for row in self._rows if row.state is BuildState.PENDING]

    def show(self, overview: QueueOverview) -> None:
        """Show the queue as it stands now."""
        rows = (*overview.running, *overview.waiting)
        if [row.id for row in rows] != [row.id for row in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        self._rows = rows
        self.tick()

    def tick(self) -> None:
        """Show the times as they are by now."""
        if self._rows:
            last = self.index(len(self._rows) - 1, Column.BY)
            self.dataChanged.emit(self.index(0, 0), last)

    def place(self, build_id: int) -> int:
        """Return the row of a build, -1 where it is not here."""
        return next((i for i, row in enumerate(self._rows) if row.id == build_id), -1)

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many builds are shown."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(Column)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the titles of the columns."""
        if orientation is not Qt.Orientation.Horizontal or section not in range(len(Column)):
            return None
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            Column.BUILD: _("Build"),
            Column.STATE: _("State"),
            Column.PRIORITY: _("Priority"),
            Column.TIME: _("Since"),
            Column.EXPECTED: _("Takes about"),
            Column.WHAT: _("What"),
            Column.BY: _("By"),
        }[Column(section)]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the words of a cell, its badge, or the build itself."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        build, column = self._rows[index.row()], Column(index.column())
        if role == BUILD_ROLE:
            return build
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(build, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_tip(build, column))
        if role == BADGE_ROLE and column is Column.STATE:
            return build_badge(build.state, build.reason)
        return None


def _text(build: BuildRow, column: Column) -> str:
    now = datetime.now(UTC)
    match column:
        case Column.BUILD:
            return _("{project} #{number}").format(project=build.project, number=build.number)
        case Column.STATE:
            return build_badge(build.state, build.reason).word
        case Column.PRIORITY:
            return words.priority_words(build.priority)
        case Column.TIME:
            if build.state is BuildState.PENDING:
                return ago(build.queued_at, now)
            return words.build_duration(build, now)[0]
        case Column.EXPECTED:
            if build.estimate_ms is None:
                return words.NONE
            return words.short_duration(build.estimate_ms / 1000)
        case Column.WHAT:
            parts = (build.build_type, words.commit_line(build))
            told = " · ".join(part for part in parts if part and part != words.NONE)
            return told or words.NONE
        case Column.BY:
            return words.cause_words(build)


def _tip(build: BuildRow, column: Column) -> str:
    if column is Column.TIME:
        return _("Queued {time}").format(time=exact(build.queued_at))
    if column is Column.BY:
        return words.cause_sentence(build)
    return _text(build, column)
