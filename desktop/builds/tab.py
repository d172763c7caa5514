"""The tab itself: joins view, presenter, actions and what the window keeps."""

from PySide6.QtCore import QByteArray, QModelIndex, QTimer
from PySide6.QtWidgets import QSplitter, QWidget

from core.builds.schemas import BuildRow
from core.events import Event
from core.translation import _
from desktop.builds.areas import Area
from desktop.builds.asking.deeds import BuildDeeds
from desktop.builds.commands import Handlers, add_actions, allow_actions
from desktop.builds.endings import Endings
from desktop.builds.panes.artifacts import ArtifactsPane
from desktop.builds.panes.compare import ComparePane
from desktop.builds.panes.compare_calls import CompareCalls
from desktop.builds.panes.log import LogPane
from desktop.builds.panes.log_commands import add_log_actions, allow_log_actions
from desktop.builds.panes.log_saving import choose_target
from desktop.builds.panes.metrics import MetricsPane
from desktop.builds.panes.problems import ProblemsPane
from desktop.builds.panes.problems_calls import ProblemsCalls
from desktop.builds.presenter import BuildsPresenter
from desktop.builds.projects.commands import OF_A_PROJECT, OF_ALL_PROJECTS
from desktop.builds.projects.deeds import ProjectDeeds
from desktop.builds.projects.editing import Editing
from desktop.builds.projects.filter import Arrangement
from desktop.builds.projects.form import ProjectForm
from desktop.builds.projects.model import PROJECT_ROLE
from desktop.builds.queue.section import QueueSection
from desktop.builds.row_model import BUILD_ROLE
from desktop.builds.statistics.section import StatisticsSection
from desktop.builds.view import BuildsView
from desktop.notifications import Kind
from desktop.tabs import TabContext
from desktop.widgets.log_view import Times

_TICK_MS = 1000
_AGE_EVERY = 30


class BuildsTab:
    """Projects, their builds, and the logs of these."""

    def __init__(self, context: TabContext) -> None:
        self._context = context
        self.presenter = BuildsPresenter(context)
        self.editing = Editing(context, self.presenter, self._focus_projects)
        self.deeds = BuildDeeds(context, self.presenter)
        self.project_deeds = ProjectDeeds(context, self.presenter)
        actions = context.actions
        add_actions(actions, self._handlers())
        self.project_deeds.add_actions()
        add_log_actions(actions, self._bring_log)
        self.queue = QueueSection(context, self.show_build, self._tell_queue)
        self.statistics = StatisticsSection(
            context, self.presenter.projects, self._show_project, self.show_build
        )
        self.problems = ProblemsPane(context.theme, context.tasks, ProblemsCalls(context))
        self.view = BuildsView(
            context.theme,
            context.tasks,
            actions,
            self.presenter.projects,
            self.presenter.builds,
            panes=[self.problems, MetricsPane(context), ArtifactsPane(context)],
            last=[ComparePane(context.theme, context.tasks, CompareCalls(context))],
            queue=self.queue.page,
            statistics=self.statistics.page,
        )
        self.editing.parent = self.deeds.parent = self.project_deeds.parent = self.view
        self._offer_menus()
        self._connect()
        self._restore_state()
        self.endings = Endings(context, self.view, self.show_build)
        self._ticks = 0
        self._clock = QTimer(self.view, interval=_TICK_MS)
        self._clock.timeout.connect(self._tick)
        self._clock.start()
        self._allow()

    @property
    def form(self) -> ProjectForm | None:
        """The form in which a project is made or changed now."""
        return self.editing.form

    # The protocol of a tab

    @property
    def widget(self) -> QWidget:
        """What the tab shows."""
        return self.view

    @property
    def title(self) -> str:
        """The words in the tab row."""
        return _("Projects && builds")

    @property
    def icon(self) -> str:
        """The icon in the tab row."""
        return "wrench"

    async def load(self) -> None:
        """Fetch the projects and choose the one that was chosen last."""
        await self.presenter.load()
        await self.queue.refresh()
        kept = self._context.settings.value(self._kept_key(), 0, type=int)
        projects = self.presenter.projects
        if projects.find(int(str(kept))) is not None:
            self.presenter.choose_project(int(str(kept)))
        elif projects.rowCount():
            self.presenter.choose_project(projects.at(0).id)

    async def close(self) -> None:
        """Stop the clock; put the form away, and what leads here: it outlives the tab."""
        self._clock.stop()
        self.editing.close()
        self.deeds.close()
        self.project_deeds.close()
        self.endings.close()

    def on_event(self, event: Event) -> None:
        """Take an event of the core."""
        self.presenter.on_event(event)
        self.view.details.on_event(event)
        self.project_deeds.on_event(event)
        self.queue.on_event(event)
        self.statistics.on_event(event)

    def save_state(self) -> None:
        """Keep splitters, columns and the chosen project."""
        settings = self._context.settings
        for name, splitter in self._splitters().items():
            settings.setValue(name, splitter.saveState())
        settings.setValue("build_columns", self.view.table.columns_state())
        settings.setValue("log_times", self.view.log_pane.times.value)
        settings.setValue("projects", self.view.projects.proxy.arrangement.as_text())
        settings.setValue(self._kept_key(), self.presenter.project_id or 0)

    def focus_main(self) -> None:
        """Give the keyboard to the projects."""
        if self.view.currentWidget() is self.view.no_projects:
            self.view.no_projects.button.setFocus()
        else:
            self.view.projects.list.setFocus()

    # What the person asks for

    async def save_log(self) -> None:
        """Ask for a file and write the log of the chosen build into it."""
        build = self.presenter.build
        if build is None:
            return
        chosen = await choose_target(self.view, build)
        if chosen is None:
            return
        target, plain = chosen
        await self.presenter.save_log(build, target, plain=plain)
        told = self._context.notifications
        told.notify(_("The log was saved"), str(target), Kind.SUCCESS)

    def follow_log(self) -> None:
        """Stay at the end of the log, or stop doing so."""
        self.view.log_pane.log.following = self._context.actions["build.follow"].isChecked()

    def log_start(self) -> None:
        """Show the first line of the log."""
        self.view.log_pane.log.scrollToTop()

    def log_end(self) -> None:
        """Show the end of the log, and stay there."""
        self.view.log_pane.log.following = True

    def _bring_log(self) -> LogPane:
        self.view.details.bring(self.view.log_pane)
        return self.view.log_pane

    def show_queue(self) -> None:
        """Show what runs and what waits, of all projects."""
        self._show_area(Area.QUEUE)

    def show_statistics(self) -> None:
        """Show what came of the builds."""
        self._show_area(Area.STATISTICS)

    def _show_area(self, area: Area) -> None:
        self.view.show_area(area)
        self._mark_project()
        if area is Area.STATISTICS:
            self.statistics.bring_forward()
        elif area is Area.QUEUE:
            self.queue.page.table.setFocus()

    def _mark_project(self) -> None:
        """Mark the project that the right side shows, none where it shows something else."""
        shown = self.view.area is Area.PROJECT
        self.view.projects.choose(self.presenter.project_id if shown else None)

    def _tell_queue(self, waiting: int, paused: bool) -> None:
        self.presenter.builds.tell_queue(paused=paused)
        self.view.tell_queue(waiting, paused=paused)

    def _show_project(self, project_id: int) -> None:
        self._show_area(Area.PROJECT)
        self.presenter.choose_project(project_id)

    def _focus_projects(self) -> None:
        self.view.projects.list.setFocus()

    # How it is joined

    def _handlers(self) -> Handlers:
        return Handlers(
            run=self.deeds.run,
            run_with=self.deeds.run_with,
            retry=self.deeds.retry,
            note=self.deeds.note,
            pin=self.deeds.pin,
            cancel=self.deeds.cancel,
            queue=self.show_queue,
            statistics=self.show_statistics,
            new=self.editing.create,
            edit=self.editing.edit,
            delete=self.project_deeds.delete,
            save_log=self.save_log,
            log_start=self.log_start,
            log_end=self.log_end,
            follow=self.follow_log,
        )

    def _offer_menus(self) -> None:
        actions = self._context.actions
        self.view.projects.offer(
            [actions[one] for one in OF_A_PROJECT],
            [actions[one] for one in OF_ALL_PROJECTS],
            actions["project.delete"],
        )
        of_build = ("build.retry", "build.cancel", "build.pin", "build.note", "build.save_log")
        self.view.table.offer([actions[one] for one in of_build])

    def _connect(self) -> None:
        view, presenter, tasks = self.view, self.presenter, self._context.tasks
        view.no_projects.triggered.connect(self.editing.create)
        view.no_builds.triggered.connect(lambda: tasks.run(self.deeds.run()))
        view.areas.chosen.connect(self._show_area)
        view.projects.chosen.connect(self._show_project)
        view.projects.list.clicked.connect(self._project_clicked)
        view.projects.edit_wanted.connect(self.editing.edit)
        view.table.chosen.connect(presenter.choose_build)
        view.table.clicked.connect(self._build_clicked)
        presenter.projects_changed.connect(self._projects_changed)
        presenter.project_chosen.connect(self._project_chosen)
        presenter.build_chosen.connect(self._build_chosen)
        presenter.build_changed.connect(self._build_changed)
        presenter.build_started.connect(self._build_started)
        presenter.build_ended.connect(self._build_ended)
        presenter.log_failed.connect(view.log_pane.tell_failure)
        presenter.log_shown.connect(view.log_pane.show_log)
        presenter.log_summary.connect(view.log_pane.take_summary)
        presenter.log_grown.connect(view.log_pane.grow)
        log = view.log_pane.log
        follow = self._context.actions["build.follow"]
        follow.setChecked(log.following)
        log.following_changed.connect(follow.setChecked)
        log.notice.connect(self._context.notifications.notify)
        self.problems.line_wanted.connect(lambda line: self._bring_log().show_line(line))

    def _project_clicked(self, index: QModelIndex) -> None:
        """Choose the project that is chosen already, too: where it failed that tries again."""
        self._show_project(index.data(PROJECT_ROLE).row.id)

    def _build_clicked(self, index: QModelIndex) -> None:
        self.presenter.choose_build(index.data(BUILD_ROLE).id)

    def _projects_changed(self) -> None:
        self._allow()
        presenter = self.presenter
        self.view.show_projects(
            any_at_all=presenter.projects.rowCount() > 0,
            refusal=presenter.permits.create,
            offer=self._context.actions["project.new"],
        )
        self.view.header.show_project(presenter.project)
        self._mark_project()
        self._show_builds()

    def _project_chosen(self) -> None:
        self.view.header.show_project(self.presenter.project)
        self._mark_project()
        self._show_builds()
        self.view.table.scrollToTop()
        self._allow()

    def _show_builds(self) -> None:
        self.view.show_builds(
            self.presenter.project,
            any_at_all=bool(self.presenter.builds.rows) or self.presenter.loading,
            refusal=self.presenter.permits.run,
        )

    def _build_chosen(self, build: BuildRow | None) -> None:
        self.view.details.show_build(build)
        self.deeds.show_pin(build)
        self.view.table.choose(build.id if build else None)
        self._show_builds()
        self._allow()

    def _build_changed(self, build: BuildRow) -> None:
        self.view.details.show_build(build)
        self.deeds.show_pin(build)
        self._allow()

    def _build_started(self, _build_id: int) -> None:
        self.view.table.scrollToTop()
        self.view.details.bring(self.view.log_pane)

    def _build_ended(self, build: BuildRow) -> None:
        in_sight = self.view.area is Area.PROJECT and build.id == self.presenter.build_id
        self.endings.tell(build, in_sight=in_sight)

    def show_build(self, build: BuildRow) -> None:
        """Come forward with a build chosen, of whatever project it is."""
        self._context.come_forward()
        self._show_area(Area.PROJECT)
        self.presenter.choose_project(build.project_id, build.id)
        self.view.table.setFocus()

    def _allow(self) -> None:
        permits = self.presenter.permits
        allow_actions(self._context.actions, permits)
        allow_log_actions(self._context.actions, permits.save)
        self.project_deeds.allow()

    def _tick(self) -> None:
        self._ticks += 1
        self.presenter.tick()
        self.queue.tick()
        if self._ticks % _AGE_EVERY == 0:
            self.presenter.builds.age()

    # What is kept

    def _kept_key(self) -> str:
        return f"project/{self._context.workspace.info.uid}"

    def _splitters(self) -> dict[str, QSplitter]:
        """Return what can be moved, by the names under which it is kept."""
        view = self.view
        return {
            "split": view.split,
            "lower": view.right_split,
            "problems": self.problems.split,
        }

    def _restore_state(self) -> None:
        settings = self._context.settings
        for name, splitter in self._splitters().items():
            state = settings.value(name)
            if isinstance(state, QByteArray):
                splitter.restoreState(state)
        kept = Arrangement.from_text(str(settings.value("projects", "")))
        self.view.projects.arrange(kept)
        self.view.table.restore_columns(settings.value("build_columns"))
        times = str(settings.value("log_times", ""))
        if times in set(Times):
            self.view.log_pane.times = Times(times)
