"""One open workspace in the window: its tabs, its status and its banners."""

import asyncio
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.errors import AppError, FileGoneError
from core.events import Changed, Event
from core.security.actors import Actor
from core.workspaces.schemas import LeadershipChanged, WorkspaceKind
from desktop.actions import Actions
from desktop.core_thread import WorkspaceClient
from desktop.frame.alert_news import AlertNews
from desktop.frame.banners import banner_of_gone, banners_for
from desktop.frame.pulse import Pulse
from desktop.frame.services import Services
from desktop.main_window import MainWindow
from desktop.refresher import Refresher
from desktop.tabs import ShowsAlerts, ShowsBuilds, Tab, TabContext, TabEntry
from desktop.tasks import TaskRunner

if TYPE_CHECKING:
    from core.builds.schemas import BuildRow

_STATUS_EVERY_S = 5.0

# What a workspace is opened for, until another tab was chosen.
_FIRST_TAB = "builds"


class WorkspaceSession:
    """Shows an open workspace, and takes it out of the window again.

    Args:
        client: Calls the workspace; closing it in the core is left to the owner.
        actor: On whose behalf everything in the window is done.
        on_trust: Called when the person wants to trust the workspace.
    """

    def __init__(
        self,
        client: WorkspaceClient,
        window: MainWindow,
        services: Services,
        actor: Actor,
        on_trust: Callable[[], object],
    ) -> None:
        self.client = client
        self.actor = actor
        self._window, self._services, self._on_trust = window, services, on_trust
        self._tasks = TaskRunner(services.failures.handle)
        self._status_refresh = Refresher(self._tasks, self._fetch_status)
        self._running_refresh = Refresher(self._tasks, self._fetch_running)
        self._told_gone: str | None = None
        self._parts: dict[str, tuple[Tab, TabContext]] = {}
        self._alerts = AlertNews(
            client, actor, self._tasks, window.status, services.notifications, self.show_alerts
        )
        self._pulse = Pulse()
        self._pulse.measured.connect(self._report_pulse)
        self._reporting: asyncio.Task[None] | None = None

    @property
    def tabs(self) -> dict[str, Tab]:
        """The tabs by their keys."""
        return {key: tab for key, (tab, _context) in self._parts.items()}

    async def open(self) -> None:
        """Put the workspace into the window and load its tabs, the chosen one first."""
        info = self.client.info
        self._window.show_title(info.name)
        self._window.status.show_workspace(info)
        self._show_banners(None)
        self._window.tab_chosen.connect(self._listen)
        self._window.status.builds.wanted.connect(self.show_build)
        self._window.status.health.wanted.connect(self.show_alerts)
        entries = [entry for entry in self._services.tabs if info.kind in entry.kinds]
        for entry in entries:
            self._parts[entry.key] = self._create(entry)
        kept = self._services.window_settings("window").value("tab", _FIRST_TAB)
        self._window.show_tabs(self.tabs, str(kept))
        self._tasks.run(self._watch_status())
        self._pulse.start()
        self._alerts.start()
        self._running_refresh.ask()
        await self._load()

    async def close(self) -> None:
        """Take everything out of the window; an error of one tab does not keep the others."""
        self._pulse.stop()
        self._window.save_state()
        self._window.tab_chosen.disconnect(self._listen)
        self._window.status.builds.wanted.disconnect(self.show_build)
        self._window.status.health.wanted.disconnect(self.show_alerts)
        await self._tasks.close()
        for tab, context in self._parts.values():
            await self._close_tab(tab, context)
        self._parts.clear()
        self._window.drop_tabs()
        self._window.banners.show_banners([])
        self._window.status.show_workspace(None)
        self._window.show_title("")

    def on_event(self, event: Event) -> None:
        """Take an event of the core and hand it to the tabs."""
        if isinstance(event, (LeadershipChanged, Changed)):
            self._status_refresh.ask()
        if isinstance(event, Changed) and "builds" in event.topics:
            self._running_refresh.ask()
        self._alerts.on_event(event)
        for tab in self.tabs.values():
            tab.on_event(event)

    def focus_main(self) -> None:
        """Give the keyboard to the tab that is shown."""
        tab = self.tabs.get(self._window.chosen_tab)
        if tab is not None:
            tab.focus_main()

    def _listen(self, chosen: str) -> None:
        """Let the keys of the tab that is shown work, and of no other."""
        for key, (_tab, context) in self._parts.items():
            context.actions.listen(key == chosen)

    def show_build(self, build: "BuildRow") -> None:
        """Show a build in the tab that shows builds."""
        for tab in self.tabs.values():
            if isinstance(tab, ShowsBuilds):
                tab.show_build(build)

    def show_alerts(self) -> None:
        """Show what went wrong with the database in the tab that shows it."""
        for tab in self.tabs.values():
            if isinstance(tab, ShowsAlerts):
                tab.show_alerts()

    def _create(self, entry: TabEntry) -> tuple[Tab, TabContext]:
        services = self._services
        tasks = TaskRunner(services.failures.handle)
        context = TabContext(
            workspace=self.client,
            tasks=tasks,
            theme=services.theme,
            notifications=services.notifications,
            failures=services.failures,
            actions=Actions(self._window, tasks),
            activity=services.activity,
            settings=services.window_settings(f"tabs/{entry.key}"),
            actor=self.actor,
            come_forward=functools.partial(self._window.choose_tab, entry.key),
        )
        return entry.create(context), context

    async def _load(self) -> None:
        chosen = self._window.chosen_tab
        tabs = self.tabs
        for key in sorted(tabs, key=lambda key: key != chosen):
            try:
                await tabs[key].load()
            except AppError as error:
                self._services.failures.handle(error, f"loading {key}")
        self.focus_main()

    async def _close_tab(self, tab: Tab, context: TabContext) -> None:
        try:
            tab.save_state()
            await tab.close()
        except Exception as error:  # a tab must not keep the program from closing
            self._services.failures.handle(error, "closing a tab")
        await context.tasks.close()
        context.actions.clear()
        context.settings.sync()

    async def _watch_status(self) -> None:
        while True:
            await self._fetch_status()
            await asyncio.sleep(_STATUS_EVERY_S)

    async def _fetch_status(self) -> None:
        try:
            status = await self.client.run(lambda workspace: workspace.status())
        except AppError as error:
            self._window.status.show_failure(error)
            self._show_banners(error if isinstance(error, FileGoneError) else None)
            return
        self._window.status.show_status(status)
        self._show_banners(None)

    def _show_banners(self, gone: FileGoneError | None) -> None:
        """Show what is worth telling, once: what was put away stays away."""
        told = "" if gone is None else gone.title
        if told != self._told_gone:
            self._told_gone = told
            banners = banners_for(self.client.info, self._on_trust)
            self._window.banners.show_banners([*banner_of_gone(gone), *banners])

    async def _fetch_running(self) -> None:
        if not self.is_managed or not self.client.info.trusted:
            return
        try:
            running = await self.client.run(
                lambda workspace: workspace.builds.running(self.actor)
            )
        except AppError:
            return  # the next change of a build asks again, and the state is told elsewhere
        self._window.status.builds.show_builds(running)

    def _report_pulse(self, lag_ms: float, gap_ms: float) -> None:
        """Hand on what the window measured of itself, unless the last report is on its way."""
        if self._reporting is None or self._reporting.done():
            self._reporting = self._tasks.run(self._report(lag_ms, gap_ms))

    async def _report(self, lag_ms: float, gap_ms: float) -> None:
        try:
            await self.client.run(
                lambda workspace: workspace.performance.metrics.report_window(
                    self.actor, lag_ms=lag_ms, gap_ms=gap_ms
                )
            )
        except AppError:
            return  # the next second is reported anew, and the state is told elsewhere

    @property
    def is_managed(self) -> bool:
        """Whether the workspace has builds."""
        return self.client.info.kind is WorkspaceKind.MANAGED
