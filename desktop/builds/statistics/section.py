"""The statistics as a section of the tab: page, and what keeps it up to date."""

from collections.abc import Callable

from core.builds.schemas import BuildRow
from core.errors import AppError
from core.events import Changed, Event
from core.translation import _
from desktop.builds.projects.model import ProjectsModel
from desktop.builds.statistics.calls import StatisticsCalls
from desktop.builds.statistics.page import StatisticsPage
from desktop.refresher import Refresher
from desktop.tabs import TabContext
from desktop.widgets import charts

_PAUSE_S = 2.0


class StatisticsSection:
    """Shows the figures while they are looked at.

    Args:
        projects: The projects that can be chosen.
        show_project: Shows a project among the others.
        show_build: Shows a build among those of its project.
    """

    def __init__(
        self,
        context: TabContext,
        projects: ProjectsModel,
        show_project: Callable[[int], object],
        show_build: Callable[[BuildRow], object],
    ) -> None:
        self._context, self._projects = context, projects
        self._show_build = show_build
        self._calls = StatisticsCalls(context)
        self._outdated = True
        self.page = StatisticsPage(context.theme)
        self.page.asked.connect(self._ask)
        self.page.project_chosen.connect(show_project)
        self.page.build_chosen.connect(lambda one: context.tasks.run(self._open(one)))
        self._refresh = Refresher(context.tasks, self.refresh, _PAUSE_S)

    def bring_forward(self) -> None:
        """Fetch the figures unless they are here."""
        rows = [self._projects.at(place) for place in range(self._projects.rowCount())]
        self.page.offer_projects(rows)
        if self._outdated:
            self._refresh.ask()

    def on_event(self, event: Event) -> None:
        """Note that builds changed; fetch anew where the figures are looked at."""
        if isinstance(event, Changed) and event.topics & {"builds", "projects"}:
            self._outdated = True
            if self.page.isVisible():
                self._refresh.ask()

    async def refresh(self) -> None:
        """Fetch the figures as they are by now."""
        self._outdated = False
        page = self.page
        wanted = (page.project_id, page.days)
        try:
            await charts.prepare()
            if wanted[0] is None:
                page.show_overview(await self._calls.overview(wanted[1]))
            else:
                page.show_project(await self._calls.of_project(wanted[0], wanted[1]))
        except AppError as error:
            page.say(_("The figures could not be had"), error.as_text())

    def _ask(self) -> None:
        self._context.tasks.latest((self, "asked"), self.refresh())

    async def _open(self, build_id: int) -> None:
        self._show_build(await self._calls.build(build_id))
