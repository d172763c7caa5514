"""The builds that run and wait, in the order in which they start."""

from datetime import UTC, datetime
from enum import IntEnum

from core.builds.queue.schemas import QueueOverview
from core.builds.schemas import BuildRow, BuildState
from core.translation import _
from desktop.builds import words
from desktop.builds.row_model import BuildRowsModel
from desktop.figures import ago, exact
from desktop.widgets.state_badge import build_badge


class Column(IntEnum):
    """The columns, in their order."""

    BUILD = 0
    STATE = 1
    PRIORITY = 2
    TIME = 3
    EXPECTED = 4
    WHAT = 5
    BY = 6


class QueueModel(BuildRowsModel[Column]):
    """Running builds first, then those that wait."""

    columns, state = Column, Column.STATE

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

    def title(self, column: Column) -> str:
        """Return the words over a column."""
        return {
            Column.BUILD: _("Build"),
            Column.STATE: _("State"),
            Column.PRIORITY: _("Priority"),
            Column.TIME: _("Since"),
            Column.EXPECTED: _("Takes about"),
            Column.WHAT: _("What"),
            Column.BY: _("By"),
        }[column]

    def text(self, build: BuildRow, column: Column) -> str:
        """Return what a cell says."""
        return _text(build, column)

    def tip(self, build: BuildRow, column: Column) -> str:
        """Return the exact value behind a cell."""
        return _tip(build, column)


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
