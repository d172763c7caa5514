"""What the frame does once the core is open: commands, settings, closing, the tray."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QWidget

from core.builds.schemas import BuildFinished, BuildRow
from core.errors import AppError
from core.events import Event
from core.security.actors import Actor
from core.translation import _
from desktop.arguments import Arguments
from desktop.core_thread import WorkspaceClient
from desktop.frame.build_news import BuildNews
from desktop.frame.closing import Ending, ask_ending, ending_for
from desktop.frame.closing_jobs import may_close
from desktop.frame.commands import Commands, Handlers
from desktop.frame.key_consent import KeyConsent
from desktop.frame.services import Services
from desktop.frame.tray import Tray
from desktop.frame.workspaces import Workspaces
from desktop.main_window import MainWindow

if TYPE_CHECKING:
    from core.app import Core
    from core.settings import Settings
    from core.workspaces.workspace import Workspace

_PATIENCE_S = 3.0
_ENDS = (Ending.FINISH, Ending.CANCEL)


class Conduct:
    """Answers to what the person asks of the window.

    Args:
        stop: Set to end the program.
        unattended: Nobody is there to be asked.
    """

    def __init__(
        self, window: MainWindow, services: Services, stop: asyncio.Event, *, unattended: bool
    ) -> None:
        self._window, self._services = window, services
        self._stop, self._unattended = stop, unattended
        self._closing = False
        self._dialogs: dict[str, QDialog] = {}
        self._being_made: set[str] = set()
        self.workspaces = Workspaces(window, services, self._follow, self._may_break_off)
        self.commands = Commands(window, services.tasks, self._handlers())
        self.tray = Tray(window.windowIcon(), self._leave_tray, self._quit_from_tray)
        self.news = BuildNews(window, services, self.tray, self._show_build)
        if not unattended:
            consent = KeyConsent(services.core, services.tasks, services.theme, window)
            services.core.ask_for_consent = consent.ask

    def _handlers(self) -> Handlers:
        return Handlers(
            new=self.workspaces.new,
            open=self.workspaces.open_other,
            demo=self.workspaces.demo,
            open_path=self.workspaces.open_path,
            close_workspace=self.close_workspace,
            settings=self.show_settings,
            quit=self.quit,
            appearance=self.choose_appearance,
            diagnostics=self.show_diagnostics,
            about=self.show_about,
        )

    async def begin(self, arguments: Arguments) -> None:
        """Open what was asked for, the last workspace, or the welcome page."""
        settings = await self._services.current_settings()
        self._take_appearance(settings.appearance.value)
        self._follow()
        workspaces = self.workspaces
        if arguments.new is not None:
            await workspaces.create_at(arguments.new)
        elif arguments.demo:
            await workspaces.demo()
        elif arguments.database is not None:
            await workspaces.open_path(arguments.database)
        elif (last := await self._last_open(settings)) is not None:
            await workspaces.open_path(last)
        else:
            await workspaces.show_welcome()

    async def close_workspace(self) -> None:
        """Close the workspace; the next start does not open it again."""
        if not await self._may_break_off():
            return
        await self.workspaces.close()
        self._services.window_settings("window").setValue("closed", True)

    def on_event(self, event: Event) -> None:
        """Take an event of the core."""
        self._services.activity.on_event(event)
        self.workspaces.on_event(event)
        if isinstance(event, BuildFinished) and not self.workspaces.locked:
            self.news.ended(event.build)

    async def close_window(self) -> None:
        """Answer to the wish to close the window."""
        await self._wish(quitting=False)

    async def quit(self) -> None:
        """Answer to the wish to end the program."""
        await self._wish(quitting=True)

    async def end(self) -> None:
        """Close the workspace and everything of the frame."""
        self.tray.hide()
        for dialog in tuple(self._dialogs.values()):
            dialog.done(QDialog.DialogCode.Rejected)  # never asks, as closing may
        await self.workspaces.close_for_good()
        self.commands.actions.clear()

    # Closing

    async def _wish(self, *, quitting: bool) -> None:
        if self._closing:
            return
        self._closing = True
        try:
            running = await self._running_builds()
            ending = await self._decide(running, quitting) if running else Ending.FINISH
            if ending in _ENDS and not await self._may_break_off():
                ending = Ending.STAY
        finally:
            self._closing = False
        if ending is Ending.TRAY:
            self._window.save_state()
            self._window.hide()
            self.tray.show()
        elif ending is not Ending.STAY:
            if ending is Ending.CANCEL:
                await self._cancel(running)
            self._stop.set()

    async def _may_break_off(self) -> bool:
        """Ask what becomes of the jobs under way; return, perhaps late, whether to close."""
        if self._unattended or self.workspaces.locked:
            return True
        return await may_close(self._window, self._services.activity)

    async def _running_builds(self) -> tuple[BuildRow, ...]:
        session = self.workspaces.session
        if session is None or not session.is_managed:
            return ()
        actor = session.actor
        try:
            async with asyncio.timeout(_PATIENCE_S):
                rows = await session.client.run(
                    lambda workspace: workspace.builds.running(actor)
                )
        except (AppError, TimeoutError):
            return ()  # a database that gives no answer must not keep the window open
        return tuple(rows)

    async def _decide(self, running: tuple[BuildRow, ...], quitting: bool) -> Ending:
        if self._unattended or self.workspaces.locked:
            return Ending.FINISH  # nobody is there who could be asked, or may see the question
        settings = await self._services.current_settings()
        tray = Tray.available()
        decided = ending_for(settings.close_policy, tray=tray, quitting=quitting)
        if decided is not None:
            return decided
        ending, remember = await ask_ending(self._window, len(running), tray=tray)
        if remember:
            await self._change(close_policy=ending.name.lower())
        return ending

    async def _cancel(self, running: tuple[BuildRow, ...]) -> None:
        session = self.workspaces.session
        if session is None:
            return
        for row in running:
            try:
                await session.client.run(
                    functools.partial(_cancel_build, session.actor, row.id)
                )
            except AppError as error:
                self._services.failures.handle(error, "cancelling at the end")

    def _leave_tray(self) -> None:
        self.tray.hide()
        self._window.bring_forward()

    def _show_build(self, build: BuildRow) -> None:
        self._leave_tray()
        if self.workspaces.session is not None and not self.workspaces.locked:
            self.workspaces.session.show_build(build)

    def _quit_from_tray(self) -> None:
        self._services.tasks.run(self.quit())

    # Settings and help

    async def choose_appearance(self, appearance: str) -> None:
        """Take other colours, and keep them."""
        self._take_appearance(appearance)
        await self._change(appearance=appearance)

    async def show_settings(self) -> None:
        """Open the settings window."""
        await self._open("settings", self._make_settings)

    async def _make_settings(self) -> QDialog:
        from desktop.settings.window import SettingsWindow

        return SettingsWindow(
            self._services.theme,
            await self._services.current_settings(),
            self._save_settings,
            self._services.tasks,
            self._window,
            sections=() if self.workspaces.locked else self._make_sections(),
        )

    def _make_sections(self) -> tuple[QWidget, ...]:
        opened = self._opened()
        keys = self._make_keys_section()
        return (keys,) if opened is None else (self._make_rules_section(opened), keys)

    def _make_rules_section(self, opened: tuple[WorkspaceClient, Actor]) -> QWidget:
        from desktop.settings.rules_calls import RulesCalls
        from desktop.settings.rules_section import RulesSection

        services = self._services
        section = RulesSection(services.theme, RulesCalls(opened), services.notifications)
        services.tasks.run(section.load())
        return section

    def _make_keys_section(self) -> QWidget:
        from desktop.settings.keys_calls import KeyCalls
        from desktop.settings.keys_section import KeysSection

        services = self._services
        section = KeysSection(
            services.theme,
            KeyCalls(services.core, self._opened),
            services.tasks,
            services.notifications,
        )
        services.tasks.run(section.load())
        return section

    def _opened(self) -> tuple[WorkspaceClient, Actor] | None:
        session = self.workspaces.session
        if session is None or not session.is_managed:
            return None
        return session.client, session.actor

    async def show_diagnostics(self) -> None:
        """Open the page with versions, paths and the log."""
        await self._open("diagnostics", self._make_diagnostics)

    async def _make_diagnostics(self) -> QDialog:
        from desktop.help.diagnostics import gather
        from desktop.help.window import DiagnosticsWindow

        info = self.workspaces.info
        facts = await gather(self._services.core, self._services.folders, info)
        return DiagnosticsWindow(self._services.theme, facts, self._window)

    def show_about(self) -> None:
        """Open the page with version and licences."""
        if self._raise("about"):
            return
        from desktop.help.about import AboutWindow

        self._present("about", AboutWindow(self._services.theme, self._window))

    async def _save_settings(self, values: dict[str, object]) -> None:
        settings = await self._change(**values)
        self._take_appearance(settings.appearance.value)
        self._services.notifications.notify(_("The settings are saved."), kind="success")

    async def _change(self, **values: object) -> "Settings":
        async def change(core: "Core") -> "Settings":
            return core.settings.change(**values)

        return await self._services.core.run(change)

    def _take_appearance(self, appearance: str) -> None:
        self._services.theme.choose(appearance)
        self.commands.show_appearance(appearance)

    async def _open(self, key: str, make: Callable[[], Awaitable[QDialog]]) -> None:
        """Open a dialog once, however often it is wished while it is being made."""
        if key in self._being_made or self._raise(key):
            return
        self._being_made.add(key)
        try:
            dialog = await make()
        finally:
            self._being_made.discard(key)
        self._present(key, dialog)

    def _raise(self, key: str) -> bool:
        dialog = self._dialogs.get(key)
        if dialog is None:
            return False
        dialog.raise_()
        dialog.activateWindow()
        return True

    def _present(self, key: str, dialog: QDialog) -> None:
        self._dialogs[key] = dialog

        def forget(_result: int) -> None:
            self._dialogs.pop(key, None)
            dialog.deleteLater()

        dialog.finished.connect(forget)
        dialog.show()

    # State

    def _follow(self) -> None:
        """Bring the actions into step with what is open."""
        opened = self.workspaces.is_open
        if opened:
            self._services.window_settings("window").setValue("closed", False)
        self.commands.show_recent(self.workspaces.recent)
        self.commands.follow(ready=True, workspace=opened, opening=self.workspaces.is_opening)

    async def _last_open(self, settings: "Settings") -> Path | None:
        if not settings.reopen_last:
            return None
        if self._services.window_settings("window").value("closed", False, type=bool):
            return None
        recent = await self._services.core.run(lambda core: core.workspaces.recent())
        return recent[0].path if recent and recent[0].exists else None


async def _cancel_build(actor: Actor, build_id: int, workspace: "Workspace") -> None:
    await workspace.builds.cancel(actor, build_id=build_id)
