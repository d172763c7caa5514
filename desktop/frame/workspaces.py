"""Opening, making and closing workspaces: what stands between the window and the core."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox

from core.errors import AppError, CancelledByUserError, UpgradeNeededError
from core.events import DatabaseWaiting, Event, NoticeRaised
from core.paths import WorkspaceFolders
from core.translation import _
from core.workspaces.schemas import RecentWorkspace, WorkspaceInfo
from desktop.async_dialogs import ask, choose_file
from desktop.core_thread import WorkspaceClient
from desktop.frame.restoring import Restoring
from desktop.frame.services import Services
from desktop.frame.session import WorkspaceSession
from desktop.frame.visit import Visit
from desktop.main_window import MainWindow
from desktop.notifications import Kind
from desktop.welcome.presenter import WelcomeChoices, WelcomePresenter
from desktop.welcome.view import WelcomeView

if TYPE_CHECKING:
    from core.app import Core
    from core.workspaces.workspace import Workspace

_SUFFIX = "db"


class Workspaces:
    """Holds the open workspace, at most one, and the welcome page while there is none.

    Args:
        on_change: Called after a workspace was opened or closed, and when the list of
            recent ones may be another.
        may_leave: Tells, perhaps late, whether the open workspace may be closed for another.
    """

    def __init__(
        self, window: MainWindow, services: Services, on_change: Callable[[], None],
        may_leave: Callable[[], Awaitable[bool]],
    ) -> None:  # fmt: skip
        self._window, self._services, self._on_change = window, services, on_change
        self._may_leave = may_leave
        self._lock = asyncio.Lock()
        self._waiting = False
        self.visit: Visit | None = None
        self.welcome = WelcomeView(services.theme)
        self.welcome.restore_wanted.connect(self._restore)
        self.restoring = Restoring(window, services, self.open_path)
        self._refused: tuple[AppError, Path] | None = None
        self._presenter = WelcomePresenter(
            self.welcome,
            services.core,
            services.tasks,
            WelcomeChoices(self.new, self.open_other, self.demo, self.open_path),
        )

    @property
    def recent(self) -> tuple[RecentWorkspace, ...]:
        """The workspaces opened before, the newest first, as last fetched."""
        return self._presenter.recent

    @property
    def is_open(self) -> bool:
        """Whether a workspace is open, though perhaps nobody signed in yet."""
        return self.visit is not None

    @property
    def session(self) -> WorkspaceSession | None:
        """The open workspace as somebody uses it; None while nobody is in."""
        return self.visit.session if self.visit is not None else None

    @property
    def info(self) -> WorkspaceInfo | None:
        """The facts about the open workspace."""
        return self.visit.client.info if self.visit is not None else None

    @property
    def locked(self) -> bool:
        """Whether the window is locked."""
        return self.visit is not None and self.visit.locked

    @property
    def is_opening(self) -> bool:
        """Whether a workspace is being made or opened; no second one can be meanwhile."""
        return self._waiting

    async def show_welcome(self) -> None:
        """Show the welcome page with what was opened before."""
        await self._refresh_recent()
        self._window.show_page(self.welcome)
        self.welcome.focus_main()

    async def new(self) -> None:
        """Ask where, make a workspace there and open it."""
        start = await self._services.core.run(_default_path)
        chosen = await choose_file(
            self._window,
            title=_("New workspace"),
            filter_text=_("Workspaces (*.db);;All files (*)"),
            save=True,
            start=str(start),
            suffix=_SUFFIX,
            confirm_overwrite=False,
        )
        if chosen:
            await self.create_at(Path(chosen))

    async def create_at(self, path: Path) -> None:
        """Make a workspace at this path and open it."""
        text = _("Making {name}…").format(name=path.name)
        await self._open(text, lambda core: core.workspaces.create(path))

    async def open_other(self) -> None:
        """Ask for a file and open it."""
        chosen = await choose_file(
            self._window,
            title=_("Open a workspace or any SQLite file"),
            filter_text=_("SQLite databases (*.db *.sqlite *.sqlite3);;All files (*)"),
        )
        if chosen:
            await self.open_path(Path(chosen))

    async def open_path(self, path: Path) -> None:
        """Open this file."""
        text = _("Opening {name}…").format(name=path.name)
        await self._open(text, lambda core: core.workspaces.open(path), path)

    async def demo(self) -> None:
        """Make the demo workspace and open it."""
        text = _("Making the demo workspace…")
        await self._open(text, lambda core: core.workspaces.create_demo())

    async def close(self) -> None:
        """Close the open workspace and show the welcome page."""
        async with self._lock:
            await self._close_visit()
            await self.show_welcome()
            self._on_change()

    async def close_for_good(self) -> None:
        """Close the open workspace because the program ends."""
        async with self._lock:
            await self._close_visit()

    async def trust(self) -> None:
        """Ask whether the open workspace is trusted, and show it anew when it is."""
        visit = self.visit
        if visit is None or not await self._confirm_trust(visit.client.info.name):
            return
        async with self._lock:
            if self.visit is not visit:
                return
            client = visit.client
            await self._services.core.run(lambda core: core.workspaces.trust(client.workspace))
            await client.refresh()
            await visit.rebuild()
            self._on_change()

    def on_event(self, event: Event) -> None:
        """Take an event of the core; some come before the workspace is in the window."""
        if isinstance(event, DatabaseWaiting):
            self._window.status.show_waiting(event.text)
        elif isinstance(event, NoticeRaised):
            words = "\n\n".join(part for part in (event.detail, event.hint) if part)
            self._services.notifications.notify(event.title, words, Kind.WARNING)
        if self.visit is not None:
            self.visit.on_event(event)

    async def _confirm_trust(self, name: str) -> bool:
        chosen, _tick = await ask(
            self._window,
            title=_("Trust {name}?").format(name=name),
            text=_(
                "Its builds run commands on this computer with all your rights. Trust it "
                "only when you know who made it. This is remembered on this computer, for "
                "this file."
            ),
            actions=[
                (_("Trust"), QMessageBox.ButtonRole.AcceptRole),
                (_("Not now"), QMessageBox.ButtonRole.RejectRole),
            ],
        )
        return chosen == 0

    async def _open(
        self,
        text: str,
        call: "Callable[[Core], Awaitable[Workspace]]",
        path: Path | None = None,
    ) -> None:
        """Make or open a workspace and show it; ``path`` is that of a file that may be."""
        if self._waiting:
            # A file that was dropped, or chosen in a dialog that was open before.
            self._services.notifications.notify(
                _("A workspace is being opened."),
                _("Open the other one when that is done."),
                Kind.WARNING,
            )
            return
        self._waiting = True
        self._on_change()
        self.welcome.error.clear()
        self.welcome.show_busy(text)
        self._window.starting.say(text)
        older: UpgradeNeededError | None = None
        try:
            if self.visit is None or await self._may_leave():
                await self._exchange(call)
        except UpgradeNeededError as error:
            older = error
        except AppError as error:
            await self._tell(error, path)
        finally:
            self._waiting = False
            self.welcome.show_busy("")
            self._on_change()
        if older is not None:
            # On its own: whoever asked for the workspace does not wait for the answer.
            self._services.tasks.run(self._offer_upgrade(older))

    async def _exchange(self, call: "Callable[[Core], Awaitable[Workspace]]") -> None:
        async with self._lock:
            workspace = await self._services.core.run(call)
            await self._close_visit()
            await self._show(WorkspaceClient(self._services.core, workspace))
        await self._refresh_recent()

    async def _offer_upgrade(self, error: UpgradeNeededError) -> None:
        """Ask whether a workspace of an earlier version is upgraded, then open it."""
        if self.visit is None:
            await self.show_welcome()
        path = Path(str(error.details["path"]))
        chosen, _tick = await ask(
            self._window,
            title=_("Upgrade {name}?").format(name=path.name),
            text="\n\n".join((error.title, error.detail, _upgrade_text(path))),
            actions=[
                (_("Back up and upgrade"), QMessageBox.ButtonRole.AcceptRole),
                (_("Not now"), QMessageBox.ButtonRole.RejectRole),
            ],
        )
        if chosen == 0:
            text = _("Upgrading {name}…").format(name=path.name)
            await self._open(text, lambda core: _upgraded(core, path))

    async def _show(self, client: WorkspaceClient) -> None:
        visit = self.visit = Visit(
            client,
            self._window,
            self._services,
            on_trust=self._ask_trust,
            on_leave=self._ask_close,
            on_change=self._on_change,
        )
        try:
            await visit.open()
        except AppError:
            await self._close_visit()
            raise

    async def _close_visit(self) -> None:
        visit, self.visit = self.visit, None
        if visit is None:
            return
        await visit.close()
        workspace = visit.client.workspace
        await self._services.core.run(lambda core: core.workspaces.close(workspace))

    async def _tell(self, error: AppError, path: Path | None) -> None:
        self._refused = None
        if path is not None and await self.restoring.helps(error, path):
            self._refused = (error, path)
        if self.visit is not None and self._refused is not None:
            self.restoring.tell(*self._refused)
            return
        if self.visit is not None:
            self._services.failures.handle(error, "opening a workspace")
            return
        await self.show_welcome()
        if not isinstance(error, CancelledByUserError):
            self.welcome.show_error(error, restorable=self._refused is not None)

    def _restore(self) -> None:
        if self._refused is not None:
            self.restoring.offer(*self._refused)

    async def _refresh_recent(self) -> None:
        await self._presenter.load()
        self._on_change()

    def _ask_close(self) -> None:
        self._services.tasks.run(self.close())

    def _ask_trust(self) -> None:
        self._services.tasks.run(self.trust())


def _upgrade_text(path: Path) -> str:
    return _(
        "A checked copy is put into {folder} first. The upgrade is made as a whole or not at"
        " all; earlier versions of Buildbench cannot open the workspace afterwards."
    ).format(folder=WorkspaceFolders(path).backups)


async def _upgraded(core: "Core", path: Path) -> "Workspace":
    await core.workspaces.upgrade(path)
    return await core.workspaces.open(path)


async def _default_path(core: "Core") -> Path:
    return core.workspaces.default_path()
