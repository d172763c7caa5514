"""The builds of a project as a table, fetched in pages as far as somebody scrolls."""

from dataclasses import replace
from datetime import UTC, datetime
from enum import IntEnum

from PySide6.QtCore import QModelIndex, QObject, Signal

from core.builds.schemas import BuildPage, BuildRow
from core.translation import _
from desktop.builds import words
from desktop.builds.row_model import BuildRowsModel, Index
from desktop.figures import ago, exact, number
from desktop.widgets.state_badge import build_badge


class Column(IntEnum):
    """The columns, in their order."""

    NUMBER = 0
    STATE = 1
    TYPE = 2
    COMMIT = 3
    STARTED = 4
    DURATION = 5
    TREND = 6
    LINES = 7
    BY = 8


class BuildsModel(BuildRowsModel[Column]):
    """Builds, the newest first, with more behind the last one until all are here.

    Signals:
        more_wanted: The page of builds with numbers below this one is wanted.
    """

    more_wanted = Signal(int)
    columns, state, numbers = Column, Column.STATE, frozenset({Column.LINES})

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[BuildRow] = []
        self._more = False
        self._asked = False
        self._paused = False

    def show(self, page: BuildPage) -> None:
        """Show the first page of another project."""
        self.beginResetModel()
        self._rows, self._more, self._asked = list(page.rows), page.more, False
        self.endResetModel()

    def append(self, page: BuildPage) -> None:
        """Add the page that was wanted; what is here already is left out."""
        last = self._rows[-1].number if self._rows else None
        new = [row for row in page.rows if last is None or row.number < last]
        self._asked, self._more = False, page.more
        if new:
            count = len(self._rows)
            self.beginInsertRows(QModelIndex(), count, count + len(new) - 1)
            self._rows += new
            self.endInsertRows()

    def give_up(self) -> None:
        """Let the page that was wanted be asked for again."""
        self._asked = False

    def refresh(
        self, page: BuildPage, before: int | None = None, *, newest: int | None = None
    ) -> None:
        """Take the present state of the builds below ``before`` as far as the page goes.

        Every other row, and with it selection and scroll position, stays as it is.

        Args:
            newest: The number on top when the page was asked for: a higher one is of a build
                that came while the page was on its way, which it cannot hold.
        """
        last = page.rows[-1].number if page.more and page.rows else 0
        if before is None and (not self._rows or self._rows[0].number < last):
            self.show(page)  # nothing of the old rows joins on
            return
        fresh = {row.number: row for row in page.rows}
        for place in reversed(range(len(self._rows))):
            number = self._rows[place].number
            inside = number >= last and (before is None or number < before)
            if inside and number not in fresh and (newest is None or number <= newest):
                self._remove(place)
        for row in page.rows:
            self._put(row, at_end=not page.more)
        if not page.more:
            self._more = False

    def take(self, build: BuildRow) -> None:
        """Take the present state of one build, a new one too."""
        self._put(build, at_end=not self._more)

    def grow(self, build_id: int, lines: int) -> None:
        """Take that the log of a build has so many lines by now."""
        place = self.place(build_id)
        if place >= 0 and lines > self._rows[place].log_lines:
            self._rows[place] = replace(self._rows[place], log_lines=lines)
            self._tell(place, Column.LINES, Column.LINES)

    def tick(self) -> None:
        """Show the time that unfinished builds have taken by now."""
        for place, row in enumerate(self._rows):
            if not row.state.finished:
                self._tell(place, Column.DURATION, Column.TREND)

    def tell_queue(self, *, paused: bool) -> None:
        """Take whether builds that wait do so because the queue is paused."""
        if paused != self._paused:
            self._paused = paused
            self.tick()

    def age(self) -> None:
        """Show anew how long ago builds started."""
        if self._rows:
            top, bottom = self.index(0, Column.STARTED), len(self._rows) - 1
            self.dataChanged.emit(top, self.index(bottom, Column.STARTED))

    def find(self, build_id: int | None) -> BuildRow | None:
        """Return a build, None where it is not in the table."""
        return next((row for row in self._rows if row.id == build_id), None)

    # What cells say

    def title(self, column: Column) -> str:
        """Return the words over a column."""
        return {
            Column.NUMBER: _("Build"),
            Column.STATE: _("State"),
            Column.TYPE: _("Type"),
            Column.COMMIT: _("Commit"),
            Column.STARTED: _("Started"),
            Column.DURATION: _("Duration"),
            Column.TREND: _("Trend"),
            Column.LINES: _("Lines"),
            Column.BY: _("By"),
        }[column]

    def text(self, build: BuildRow, column: Column) -> str:
        """Return what a cell says."""
        if column is Column.TREND:
            overdue = words.overdue(build, datetime.now(UTC))
            return _("overdue") if overdue else words.trend(build, paused=self._paused)
        return _text(build, column)

    def tip(self, build: BuildRow, column: Column) -> str:
        """Return the exact value behind a cell."""
        if column in (Column.STATE, Column.TREND):
            sentence = words.state_sentence(build, paused=self._paused)
            return "\n".join(part for part in (sentence, build.message, build.note) if part)
        return _tip(build, column)

    def spoken(self, build: BuildRow, column: Column) -> str | None:
        """Return of the number what its marks say, too."""
        return _tip(build, column) if column is Column.NUMBER else None

    # Qt's own

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802
        """Return whether older builds follow that nobody asked for yet."""
        return not parent.isValid() and self._more and not self._asked

    def fetchMore(self, parent: Index) -> None:  # noqa: N802
        """Ask for the next page; it comes later."""
        if self.canFetchMore(parent) and self._rows:
            self._asked = True
            self.more_wanted.emit(self._rows[-1].number)

    def _put(self, build: BuildRow, *, at_end: bool) -> None:
        for place, old in enumerate(self._rows):
            if old.number == build.number:
                if build.version < old.version:
                    return  # a page that was on its way while the build went on
                # What is stored of a log that grows lags behind what was told of it.
                lines = 0 if build.state.finished else old.log_lines
                if lines > build.log_lines:
                    build = replace(build, log_lines=lines)
                if old != build:
                    self._rows[place] = build
                    self._tell(place, Column.NUMBER, Column.BY)
                return
            if old.number < build.number:
                self._insert(place, build)
                return
        if at_end or not self._rows:
            self._insert(len(self._rows), build)

    def _insert(self, place: int, build: BuildRow) -> None:
        self.beginInsertRows(QModelIndex(), place, place)
        self._rows.insert(place, build)
        self.endInsertRows()

    def _remove(self, place: int) -> None:
        self.beginRemoveRows(QModelIndex(), place, place)
        del self._rows[place]
        self.endRemoveRows()

    def _tell(self, place: int, first: Column, last: Column) -> None:
        self.dataChanged.emit(self.index(place, first), self.index(place, last))


def _text(build: BuildRow, column: Column) -> str:
    """Return what a cell says."""
    now = datetime.now(UTC)
    match column:
        case Column.NUMBER:
            return words.build_name(build)
        case Column.STATE:
            return build_badge(build.state, build.reason).word
        case Column.TYPE:
            return build.build_type
        case Column.COMMIT:
            return words.commit_line(build)
        case Column.STARTED:
            return ago(build.started_at, now) if build.started_at else words.NONE
        case Column.DURATION:
            return " ".join(part for part in words.build_duration(build, now) if part)
        case Column.LINES:
            return number(build.log_lines)
        case Column.BY:
            return words.cause_words(build)
    return ""


def _tip(build: BuildRow, column: Column) -> str:
    """Return the exact value behind a cell."""
    match column:
        case Column.STARTED:
            if build.started_at is None:
                return _("Queued {time}").format(time=exact(build.queued_at))
            return exact(build.started_at)
        case Column.NUMBER:
            kept = _("Pinned: its log and artifacts are kept.") if build.pinned else ""
            return "\n".join(one for one in (words.build_name(build), kept, build.note) if one)
        case Column.COMMIT:
            return words.commit_tip(build)
        case Column.DURATION if build.duration_ms is not None:
            return _("{count} ms").format(count=number(build.duration_ms))
        case Column.BY:
            return words.cause_sentence(build)
    return _text(build, column)
