"""Between the tab and the core: what is chosen, what is fetched, what is asked for."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.builds.schemas import BuildFinished, BuildPage, BuildRequest, BuildRow, LogGrown
from core.events import Changed, Event
from core.projects.schemas import ProjectCreate, ProjectRow
from desktop.builds.calls import Calls
from desktop.builds.history.model import BuildsModel
from desktop.builds.panes.log_source import BuildLogSource
from desktop.builds.permits import Permits, permits
from desktop.builds.projects.model import ProjectsModel
from desktop.refresher import Refresher
from desktop.tabs import TabContext


class BuildsPresenter(QObject):
    """Holds the models and the choice of project and build.

    Signals:
        projects_changed: The projects, or something about them, changed.
        project_chosen: Another project is chosen, or none; again when its builds are here.
        build_started: This build was queued from here and is chosen now.
        build_chosen: Another build is chosen, or none; carries the ``BuildRow``.
        build_changed: Something about the chosen build changed; carries the ``BuildRow``.
        log_failed: The log of the chosen build could not be fetched.
        log_shown: The log of the chosen build, as source and ``LogSummary``.
        log_summary: The ``LogSummary`` of the chosen build changed.
        log_grown: The log of the chosen build has so many lines now.
        build_ended: A build ended that was not cancelled from here; carries the ``BuildRow``.
    """

    projects_changed = Signal()
    project_chosen = Signal()
    build_started = Signal(int)
    build_chosen = Signal(object)
    build_changed = Signal(object)
    log_failed = Signal()
    log_shown = Signal(object, object)
    log_summary = Signal(object)
    log_grown = Signal(int)
    build_ended = Signal(object)

    def __init__(self, context: TabContext) -> None:
        super().__init__()
        self._context = context
        self.calls = Calls(context)
        self.projects = ProjectsModel(self)
        self.builds = BuildsModel(self)
        self.builds.more_wanted.connect(self._fetch_more)
        self.project_id: int | None = None
        self.build_id: int | None = None
        self._told: BuildRow | None = None
        self._builds_of: int | None = None
        self._builds_failed = False
        self._log_of: int | None = None
        self._cancelled: set[int] = set()
        self._loaded = False
        self._projects_refresh = Refresher(context.tasks, self.refresh_projects)
        self._builds_refresh = Refresher(context.tasks, self.refresh_builds)
        self._log_refresh = Refresher(context.tasks, self._refresh_log)

    # What is chosen

    @property
    def project(self) -> ProjectRow | None:
        """The chosen project."""
        return self.projects.find(self.project_id)

    @property
    def build(self) -> BuildRow | None:
        """The chosen build, as last known."""
        found = self.builds.find(self.build_id)
        return found or (self._told if self.build_id is not None else None)

    @property
    def permits(self) -> Permits:
        """What may be done with the choice."""
        context = self._context
        return permits(context.actor, context.workspace.info, self.project, self.build)

    async def load(self) -> None:
        """Fetch the projects."""
        await self.refresh_projects()
        self._loaded = True

    def choose_project(self, project_id: int | None, build_id: int | None = None) -> None:
        """Choose a project, and of its builds the one given or the newest.

        Until its builds are fetched there are none, so that nothing in sight is of another
        project than the choice. Where fetching failed the same choice tries again.
        """
        if project_id == self.project_id and not self._builds_failed:
            if build_id is None:
                return
            if project_id == self._builds_of:
                self.choose_build(build_id)
                return
        if project_id != self.project_id:
            self._leave_project(project_id)
        self._builds_failed = False
        self._context.tasks.latest((self, "project"), self._show_project(build_id))

    def choose_build(self, build_id: int | None) -> None:
        """Choose a build of the project and show its log; the same again where that failed."""
        same = build_id == self.build_id and self._told is not None
        if same and self._log_of == build_id:
            return
        self.build_id = build_id
        self._told = self.builds.find(build_id)
        self._log_of = None
        self.build_chosen.emit(self._told)
        if self._told is not None:
            self._log_of = build_id
            self._context.tasks.latest((self, "log"), self._show_log(self._told.id))

    @property
    def loading(self) -> bool:
        """Whether the builds of the chosen project are not here, yet or as that failed."""
        return self.project_id != self._builds_of

    # What changes something; an ``AppError`` of the core means that nothing was changed

    async def create(self, data: ProjectCreate) -> ProjectRow:
        """Store a new project and choose it."""
        row = await self.calls.create(data)
        await self.refresh_projects()
        self.choose_project(row.id)
        return row

    async def update(self, project: ProjectRow, data: ProjectCreate) -> ProjectRow:
        """Change a project that is still as ``project`` tells."""
        row = await self.calls.update(project, data)
        await self.refresh_projects()
        return row

    async def delete(self, project: ProjectRow) -> None:
        """Delete a project with its builds; its neighbour is chosen."""
        await self.calls.delete(project.id)
        await self.refresh_projects()

    async def run_build(self, project_id: int, request: BuildRequest | None = None) -> BuildRow:
        """Queue a build of a project and choose it."""
        build = await self.calls.queue(project_id, request or BuildRequest())
        self._show_queued(build)
        return build

    async def retry_build(self, build_id: int) -> None:
        """Queue what a build ran once more and choose the new one."""
        self._show_queued(await self.calls.retry(build_id))

    async def annotate(self, build_id: int, note: str) -> BuildRow:
        """Keep a note about a build."""
        build = await self.calls.annotate(build_id, note)
        self._take(build)
        return build

    async def pin(self, build_id: int, *, pinned: bool) -> None:
        """Keep log and artifacts of a build whatever is removed, or no longer."""
        self._take(await self.calls.pin(build_id, pinned=pinned))

    def _show_queued(self, build: BuildRow) -> None:
        if build.project_id != self._builds_of:
            self.choose_project(build.project_id, build.id)
            return
        self.builds.take(build)
        self.choose_build(build.id)
        self.build_started.emit(build.id)

    async def cancel_build(self, build_id: int) -> None:
        """Cancel a build."""
        self._cancelled.add(build_id)
        self._take(await self.calls.cancel(build_id))

    async def save_log(self, build: BuildRow, target: Path, *, plain: bool = False) -> None:
        """Write the whole log of a build into a file, as a job that people see."""
        await self.calls.save_log(build, target, plain=plain)

    # What the core tells

    def on_event(self, event: Event) -> None:
        """Take an event of the core; what it asks for is fetched soon."""
        if isinstance(event, LogGrown):
            self.builds.grow(event.build_id, event.lines)
            if event.build_id == self.build_id:
                self.log_grown.emit(event.lines)
        elif isinstance(event, BuildFinished):
            self._take(event.build)
            if event.build.id not in self._cancelled:
                self.build_ended.emit(event.build)
        elif isinstance(event, Changed):
            if event.topics & {"projects", "builds"}:
                self._projects_refresh.ask()
            if "builds" in event.topics:
                self._builds_refresh.ask()
            if event.topics & {"build_logs", "builds"}:
                self._log_refresh.ask()

    def tick(self) -> None:
        """Let running times go on."""
        self.projects.tick()
        self.builds.tick()

    # Fetching

    async def refresh_projects(self) -> None:
        """Fetch the projects and what runs of them; one that is gone gives way."""
        rows, running = await self.calls.projects()
        chosen = self.projects.place(self.project_id)
        self.projects.show(rows, running)
        if self._loaded and self.project is None:
            self.choose_project(self._neighbour(chosen))
        self.projects_changed.emit()

    async def refresh_builds(self) -> None:
        """Fetch the newest builds of the project, and older ones that had not finished."""
        project_id = self._builds_of
        if self._builds_failed:
            self.choose_project(self.project_id)
        if project_id is None:
            return
        newest = self.builds.rows[0].number if self.builds.rows else 0
        page = await self.calls.page(project_id)
        before = None
        while project_id == self._builds_of:
            self.builds.refresh(page, before, newest=newest)
            last = page.rows[-1].number if page.rows else 0
            unfinished = [row.number for row in self.builds.rows if not row.state.finished]
            older = [number for number in unfinished if number < last]
            if not page.more or not older:
                break
            before = max(older) + 1
            page = await self.calls.page(project_id, before)
        self._tell_build()
        if project_id == self._builds_of and self.build_id is None and self.builds.rows:
            self.choose_build(self.builds.rows[0].id)

    def _leave_project(self, project_id: int | None) -> None:
        self.project_id = project_id
        self._builds_of = None
        self.builds.show(BuildPage((), more=False))
        self.choose_build(None)
        self.project_chosen.emit()

    async def _show_project(self, build_id: int | None) -> None:
        project_id = self.project_id
        page = BuildPage((), more=False)
        try:
            if project_id is not None:
                page = await self.calls.page(project_id)
        except Exception:
            self._builds_failed = True
            raise
        self.build_id = self._told = None
        self._builds_of = project_id
        self.builds.show(page)
        chosen = build_id if self.builds.find(build_id) else None
        newest = page.rows[0].id if page.rows else None
        self.choose_build(chosen or newest)
        self.project_chosen.emit()

    async def _show_log(self, build_id: int) -> None:
        try:
            summary = await self.calls.summary(build_id)
        except Exception:
            self._fail_log(build_id)
            raise
        if summary is None:
            self._fail_log(build_id)
        elif build_id == self.build_id:
            self.log_shown.emit(BuildLogSource(self._context, build_id), summary)

    def _fail_log(self, build_id: int) -> None:
        if build_id == self.build_id:
            self._log_of = None
            self.log_failed.emit()

    async def _refresh_log(self) -> None:
        build_id = self.build_id
        if build_id is None:
            return
        if self._log_of is None and self._told is not None:
            self._log_of = build_id
            await self._show_log(build_id)
            return
        summary = await self.calls.summary(build_id)
        if summary is not None and build_id == self.build_id:
            # Where another process takes the log in, nothing else tells how it grows.
            self.builds.grow(build_id, summary.lines)
            self.log_summary.emit(summary)

    def _fetch_more(self, before: int) -> None:
        self._context.tasks.latest((self, "more"), self._append(before))

    async def _append(self, before: int) -> None:
        project_id = self._builds_of
        try:
            if project_id is None:
                return
            page = await self.calls.page(project_id, before)
            if project_id == self._builds_of:
                self.builds.append(page)
        finally:
            self.builds.give_up()

    def _take(self, build: BuildRow) -> None:
        self.projects.take_build(build)
        if build.project_id == self._builds_of:
            self.builds.take(build)
            self._tell_build()

    def _tell_build(self) -> None:
        build = self.builds.find(self.build_id)
        if build is not None and build != self._told:
            self._told = build
            self.build_changed.emit(build)

    def _neighbour(self, place: int) -> int | None:
        count = self.projects.rowCount()
        if count == 0:
            return None
        return self.projects.at(min(max(place, 0), count - 1)).id
