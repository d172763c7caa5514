"""Runs the application with its real core inside a test, and ends it in order."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QLabel

from core.app import open_core
from core.errors import AppError
from core.events import Event
from core.paths import UserFolders
from core.settings import load_settings
from core.workspaces.schemas import WorkspaceKind
from desktop.app import Application
from desktop.arguments import Arguments
from desktop.frame.conduct import Conduct
from desktop.tabs import Tab, TabContext, TabEntry
from tests.waiting import until

PATIENCE_S = 60
Test = Callable[..., Awaitable[None]]


class NotedTab:
    """A tab that notes what is done with it."""

    def __init__(self, context: TabContext, title: str, broken: bool = False) -> None:
        self.context, self.title, self.broken = context, title, broken
        self.icon = "wrench"
        self.widget = QLabel(title)
        self.noted: list[str] = []
        self.events: list[Event] = []

    async def load(self) -> None:
        self.noted.append("load")
        if self.broken:
            raise AppError("The tab cannot be loaded.")

    async def close(self) -> None:
        self.noted.append("close")
        if self.broken:
            raise RuntimeError("a tab that cannot be closed")

    def on_event(self, event: Event) -> None:
        self.events.append(event)

    def save_state(self) -> None:
        self.noted.append("save")

    def focus_main(self) -> None:
        self.noted.append("focus")


def entry(key: str, *, broken: bool = False) -> TabEntry:
    def create(context: TabContext) -> Tab:
        return NotedTab(context, key.title(), broken)

    return TabEntry(key, frozenset({WorkspaceKind.MANAGED}), create)


TABS = (entry("builds"), entry("migrations"))


class Runs:
    """Starts the application, more than once after another if need be."""

    def __init__(self, qt: QApplication) -> None:
        self._qt = qt
        self._running: list[tuple[Application, asyncio.Task[int]]] = []

    async def __call__(
        self, arguments: Arguments | None = None, *, tabs: tuple[TabEntry, ...] = TABS
    ) -> Application:
        """Start it and wait until it can be used."""
        folders = UserFolders.of_this_user()
        application = Application(
            self._qt, arguments or Arguments(), folders, tabs, unattended=True
        )
        self._running.append((application, asyncio.create_task(application.run())))
        await asyncio.wait_for(application.ready.wait(), PATIENCE_S)
        return application

    async def end(self) -> None:
        """Stop what still runs; each has to end in order."""
        for application, task in self._running:
            application.stop.set()
            assert await asyncio.wait_for(task, PATIENCE_S) == 0
            application.services.theme.deleteLater()  # the process goes on after it


def ends(test: Test) -> Test:
    """End what the test started on the loop of the test: Qt's does not run in between."""

    @functools.wraps(test)
    async def whole(run: Runs, **others: Any) -> None:
        try:
            await test(run=run, **others)
        finally:
            await run.end()

    return whole


async def made(path: Path) -> Path:
    """Make a workspace that opens here without sign-in, and return its path."""
    async with open_core(load_settings()) as core:
        await core.workspaces.create(path, open_here=True)
    return path


async def stopped(application: Application) -> None:
    """Stop the application and wait until its core is gone."""
    application.stop.set()
    await until(lambda: application.services.core._thread is None)


def conduct(application: Application) -> Conduct:
    assert application.conduct is not None
    return application.conduct
