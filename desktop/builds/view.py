"""How the tab is laid out, and nothing else."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from core.projects.schemas import ProjectRow
from core.translation import _
from desktop.actions import Actions, without_mnemonic
from desktop.builds.areas import Area, AreaButtons
from desktop.builds.history.details import BuildDetails
from desktop.builds.history.model import BuildsModel
from desktop.builds.history.table import BuildTable
from desktop.builds.panes.facts import FactsPane
from desktop.builds.panes.log import LogPane
from desktop.builds.panes.pane import Pane
from desktop.builds.projects.header import ProjectHeader
from desktop.builds.projects.listing import ProjectPanel
from desktop.builds.projects.model import ProjectsModel
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.empty_state import EmptyState

_LEFT, _RIGHT = 288, 992
_TOP, _BOTTOM = 240, 420


class BuildsView(QStackedWidget):
    """Projects at the left; at the right the builds of one, and below the chosen build.

    Args:
        panes: The pages about the chosen build that fetch what they show by themselves,
            between its log and its details.
        last: Such pages after the details.
        queue: The page of the queue.
        statistics: The page of statistics.
    """

    def __init__(
        self,
        theme: Theme,
        tasks: TaskRunner,
        actions: Actions,
        projects: ProjectsModel,
        builds: BuildsModel,
        *,
        panes: Sequence[Pane],
        last: Sequence[Pane],
        queue: QWidget,
        statistics: QWidget,
    ) -> None:
        super().__init__()
        self.projects = ProjectPanel(theme, projects, actions["project.new"])
        self.header = ProjectHeader(
            theme,
            edit=actions["project.edit"],
            schedule=actions["project.schedule"],
            run=actions["build.run"],
            other_runs=[actions["build.run_with"], actions["build.retry"]],
        )
        self.table = BuildTable(theme, builds)
        self.log_pane = LogPane(
            theme,
            tasks,
            save=actions["build.save_log"],
            follow=actions["build.follow"],
            folding=(actions["build.fold_all"], actions["build.unfold_all"]),
        )
        self.facts = FactsPane(theme)
        self.details = BuildDetails(
            [self.log_pane, *panes, self.facts, *last],
            cancel=actions["build.cancel"],
            retry=actions["build.retry"],
            pause=actions["queue.pause"],
        )
        self.no_projects = EmptyState(
            theme, icon="wrench", title=_("No projects yet"), text=_no_projects_text()
        )
        self.no_builds = EmptyState(
            theme, icon="play-circle", title=_("No builds yet"), text=_no_builds_text("")
        )
        self.areas = AreaButtons(theme)
        self.split = _splitter(Qt.Orientation.Horizontal)
        self.split.setAccessibleName(_("Projects, and the builds of one"))
        self.right = QStackedWidget()
        self.body = QStackedWidget()
        self.right_split = _splitter(Qt.Orientation.Vertical)
        self.right_split.setAccessibleName(_("Builds, and the chosen one"))
        # From the outside in: whatever a widget holds takes its style anew where it is added.
        for page in (QWidget(), self.no_projects, self.split):
            self.addWidget(page)
        self.split.addWidget(self._make_left())
        self.split.addWidget(self.right)
        project_page = QWidget()
        for page in (project_page, queue, statistics):
            self.right.addWidget(page)
        self._lay_out(project_page)
        for page in (self.right_split, self.no_builds):
            self.body.addWidget(page)
        self.right_split.addWidget(self.table)
        self.right_split.addWidget(self.details)
        self._size_parts()
        self.setProperty("kind", "page")

    def show_projects(self, *, any_at_all: bool, refusal: str, offer: QAction) -> None:
        """Show the projects, or that there are none and, unless refused, what to do."""
        self.setCurrentWidget(self.split if any_at_all else self.no_projects)
        self.no_projects.say(
            icon="wrench",
            title=_("No projects yet"),
            text=refusal or _no_projects_text(),
            action="" if refusal else without_mnemonic(offer.text()),
        )

    def show_builds(
        self, project: ProjectRow | None, *, any_at_all: bool, refusal: str
    ) -> None:
        """Show the builds of the project, or that it has none yet."""
        self.body.setCurrentWidget(self.right_split if any_at_all else self.no_builds)
        name = project.name if project else ""
        self.no_builds.say(
            icon="play-circle",
            title=_("No builds yet"),
            text=refusal or _no_builds_text(name),
            action="" if refusal else _("Run build"),
        )

    def tell_queue(self, waiting: int, *, paused: bool) -> None:
        """Say how many builds wait, and whether that is because none may start."""
        self.areas.tell_queue(waiting, paused=paused)
        self.details.tell_queue(paused=paused)

    @property
    def area(self) -> Area:
        """What the right side shows."""
        return list(Area)[self.right.currentIndex()]

    def show_area(self, area: Area) -> None:
        """Show a project, the queue or the statistics at the right."""
        self.right.setCurrentIndex(list(Area).index(area))
        self.areas.show_area(area)

    def _make_left(self) -> QWidget:
        left = QWidget()
        left.setProperty("kind", "pane")
        left.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(left)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.areas)
        layout.addWidget(self.projects, 1)
        return left

    def _lay_out(self, project_page: QWidget) -> None:
        project_page.setProperty("kind", "pane")
        project_page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(project_page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.body, 1)

    def _size_parts(self) -> None:
        self.split.setSizes([_LEFT, _RIGHT])
        self.split.setStretchFactor(0, 0)
        self.split.setStretchFactor(1, 1)
        self.right_split.setSizes([_TOP, _BOTTOM])
        self.right_split.setStretchFactor(0, 1)
        self.right_split.setStretchFactor(1, 2)


def _no_projects_text() -> str:
    return _(
        "Add the folder of something you build and the command that builds it."
        " Its builds, their logs and how long they take are then kept here."
    )


def _no_builds_text(name: str) -> str:
    return _("Run {name} for the first time.").format(name=name)


def _splitter(orientation: Qt.Orientation) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setChildrenCollapsible(False)
    splitter.setHandleWidth(1)
    return splitter
