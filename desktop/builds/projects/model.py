"""The projects of a workspace as a list that keeps its places when it is fetched anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from core.builds.schemas import BuildRow, BuildState, FailureReason
from core.projects.schemas import ProjectRow, RecentBuild
from core.translation import _
from desktop.builds import words
from desktop.figures import duration
from desktop.widgets.sparkline import spoken
from desktop.widgets.state_badge import Badge, Tone, build_badge
from desktop.widgets.tips import plain_tip

PROJECT_ROLE: Final = Qt.ItemDataRole.UserRole + 1
SEARCH_ROLE: Final = Qt.ItemDataRole.UserRole + 2

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class ListedProject:
    """A project and the build of it that runs now, if any."""

    row: ProjectRow
    running: BuildRow | None = None

    @property
    def busy(self) -> bool:
        """Whether a build of it runs or waits."""
        return self.running is not None or self.row.running + self.row.waiting > 0

    @property
    def outcome(self) -> BuildState | None:
        """How the last build that succeeded or failed ended, None without one."""
        ended = (BuildState(one.state) for one in reversed(self.row.recent))
        decided = (BuildState.SUCCESS, BuildState.FAILED)
        return next((state for state in ended if state in decided), None)

    def badge(self, now: datetime) -> Badge | None:
        """Return the state of the last build, with the time that it has run by now."""
        if self.running is not None:
            badge = build_badge(self.running.state)
            seconds = words.elapsed_s(self.running, now) or 0.0
            text = _("{state} {time}").format(state=badge.word, time=duration(seconds))
            return badge._replace(word=text)
        if not self.row.active:
            return Badge(_("Inactive"), "pause", Tone.QUIET)
        if not self.row.recent:
            return None
        last = self.row.recent[-1]
        reason = FailureReason(last.reason) if last.reason else None
        return build_badge(BuildState(last.state), reason)


class ProjectsModel(QAbstractListModel):
    """All projects, by name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown: list[ListedProject] = []

    def show(self, rows: Sequence[ProjectRow], running: Mapping[int, BuildRow]) -> None:
        """Show projects; those that were there before keep their place and selection.

        Args:
            rows: The projects in the order they are listed.
            running: The running build by project.
        """
        new = [ListedProject(row, running.get(row.id)) for row in rows]
        ids = {listed.row.id for listed in new}
        for place in reversed(range(len(self._shown))):
            if self._shown[place].row.id not in ids:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self._shown[place]
                self.endRemoveRows()
        self._insert_missing(new)
        self._reorder(new)
        self._update(new)

    def tick(self) -> None:
        """Show the time that running builds have run by now."""
        for place, listed in enumerate(self._shown):
            if listed.running is not None:
                self.dataChanged.emit(self.index(place), self.index(place))

    def take_build(self, build: BuildRow) -> None:
        """Show at once where a build stands, before the list is fetched anew."""
        place = self.place(build.project_id)
        if place < 0:
            return
        listed = self._shown[place]
        running = listed.running
        if build.state.active:
            running = build
        elif running is not None and running.id == build.id:
            running = None
        bar = RecentBuild(build.number, build.state, build.duration_ms, build.reason)
        recent = tuple(bar if one.number == bar.number else one for one in listed.row.recent)
        self._shown[place] = ListedProject(replace(listed.row, recent=recent), running)
        self.dataChanged.emit(self.index(place), self.index(place))

    def find(self, project_id: int | None) -> ProjectRow | None:
        """Return a project, None where it is not in the list."""
        return next((s.row for s in self._shown if s.row.id == project_id), None)

    @property
    def rows(self) -> tuple[ProjectRow, ...]:
        """All projects, by name."""
        return tuple(listed.row for listed in self._shown)

    def at(self, place: int) -> ProjectRow:
        """Return the project of a row."""
        return self._shown[place].row

    def place(self, project_id: int | None) -> int:
        """Return the row of a project, -1 where it is not in the list."""
        return next((i for i, s in enumerate(self._shown) if s.row.id == project_id), -1)

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return the number of projects."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return name, words, or the project itself."""
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        listed = self._shown[index.row()]
        if role == PROJECT_ROLE:
            return listed
        if role == Qt.ItemDataRole.DisplayRole:
            return listed.row.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(words.project_tip(listed.row))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(listed)
        if role == SEARCH_ROLE:
            row = listed.row
            parts = (row.name, words.type_words(row.type), *row.tags, row.path)
            return "\n".join((*parts, row.repository_url, row.description))
        return None

    def _spoken(self, listed: ListedProject) -> str:
        badge = listed.badge(datetime.now(UTC))
        parts = [listed.row.name, words.project_line(listed.row)]
        parts += [badge.word] if badge else []
        return ", ".join([*parts, spoken(listed.row.recent)])

    def _insert_missing(self, new: Sequence[ListedProject]) -> None:
        known = {listed.row.id for listed in self._shown}
        for place, listed in enumerate(new):
            if listed.row.id not in known:
                place = min(place, len(self._shown))  # noqa: PLW2901
                self.beginInsertRows(QModelIndex(), place, place)
                self._shown.insert(place, listed)
                self.endInsertRows()

    def _reorder(self, new: Sequence[ListedProject]) -> None:
        order = [listed.row.id for listed in new]
        if [listed.row.id for listed in self._shown] == order:
            return
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        ids = [self._shown[index.row()].row.id for index in old]
        places = {project_id: place for place, project_id in enumerate(order)}
        self._shown.sort(key=lambda listed: places[listed.row.id])
        self.changePersistentIndexList(old, [self.index(places[one]) for one in ids])
        self.layoutChanged.emit()

    def _update(self, new: Sequence[ListedProject]) -> None:
        for place, listed in enumerate(new):
            if self._shown[place] != listed:
                self._shown[place] = listed
                self.dataChanged.emit(self.index(place), self.index(place))
