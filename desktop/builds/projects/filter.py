"""Which projects the list shows, and in which order."""

from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from core.builds.schemas import BuildState
from desktop.builds.projects.model import (
    PROJECT_ROLE,
    SEARCH_ROLE,
    ListedProject,
    ProjectsModel,
)

Index = QModelIndex | QPersistentModelIndex


class Shown(StrEnum):
    """Projects of which state are shown."""

    ALL = "all"
    BUSY = "busy"
    FAILED = "failed"
    SUCCESS = "success"
    NEVER = "never"


class Activity(StrEnum):
    """Whether active projects are shown, inactive ones, or both."""

    ALL = "all"
    ACTIVE = "active"
    INACTIVE = "inactive"


class Order(StrEnum):
    """What comes first: a name, the latest build, failures, the lowest rate of success."""

    NAME = "name"
    LATEST = "latest"
    FAILURES = "failures"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What is shown of the projects, text apart, and in which order."""

    shown: Shown = Shown.ALL
    activity: Activity = Activity.ALL
    order: Order = Order.NAME

    @property
    def hides(self) -> bool:
        """Whether it leaves out projects."""
        return self.shown is not Shown.ALL or self.activity is not Activity.ALL

    def showing_all(self) -> "Arrangement":
        """Return the same order with nothing left out."""
        return replace(self, shown=Shown.ALL, activity=Activity.ALL)

    def as_text(self) -> str:
        """Return a text that ``from_text`` reads."""
        return f"{self.shown}/{self.activity}/{self.order}"

    @classmethod
    def from_text(cls, text: str) -> "Arrangement":
        """Return what a text says; the usual where it is no such text."""
        try:
            shown, activity, order = text.split("/")
            return cls(Shown(shown), Activity(activity), Order(order))
        except ValueError:
            return cls()

    def takes(self, listed: ListedProject) -> bool:
        """Whether a project is shown."""
        if self.activity is not Activity.ALL:
            wanted = self.activity is Activity.ACTIVE
            if listed.row.active is not wanted:
                return False
        return {
            Shown.ALL: True,
            Shown.BUSY: listed.busy,
            Shown.FAILED: listed.outcome is BuildState.FAILED,
            Shown.SUCCESS: listed.outcome is BuildState.SUCCESS,
            Shown.NEVER: listed.row.builds == 0 and not listed.busy,
        }[self.shown]

    def rank(self, listed: ListedProject) -> float:
        """Return by what a project is ordered, smallest first; names decide between equals."""
        row = listed.row
        match self.order:
            case Order.LATEST:
                return -row.last_queued_at.timestamp() if row.last_queued_at else 1.0
            case Order.FAILURES:
                return 0.0 if listed.outcome is BuildState.FAILED else 1.0
            case Order.RATE:
                return 2.0 if row.success_rate is None else row.success_rate
        return 0.0


class ProjectFilter(QSortFilterProxyModel):
    """The projects of an arrangement in which a text occurs.

    The text is looked for in name, type, tags, folder, repository and description.
    """

    def __init__(self, source: ProjectsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._arrangement = Arrangement()
        self.setFilterRole(SEARCH_ROLE)
        self.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setSourceModel(source)
        self.sort(0)

    @property
    def arrangement(self) -> Arrangement:
        """What is shown, and in which order."""
        return self._arrangement

    def arrange(self, arrangement: Arrangement) -> None:
        """Show others, or in another order."""
        self._arrangement = arrangement
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:  # noqa: N802
        """Whether text and arrangement both let a project through."""
        if not super().filterAcceptsRow(row, parent):
            return False
        listed = self.sourceModel().index(row, 0, parent).data(PROJECT_ROLE)
        return isinstance(listed, ListedProject) and self._arrangement.takes(listed)

    def lessThan(self, left: Index, right: Index) -> bool:  # noqa: N802
        """Whether a project comes before another; the source has them by name."""
        first, second = left.data(PROJECT_ROLE), right.data(PROJECT_ROLE)
        ranks = self._arrangement.rank(first), self._arrangement.rank(second)
        return ranks[0] < ranks[1] if ranks[0] != ranks[1] else left.row() < right.row()
