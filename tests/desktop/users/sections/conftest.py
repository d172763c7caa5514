"""Sections of the tab of users beside each other, on a real core with a workspace."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QMessageBox, QVBoxLayout, QWidget

from core.projects.schemas import ProjectCreate, ProjectRow
from core.security.actors import Actor, Origin, Role
from core.settings import load_settings
from core.users.schemas import new_user
from desktop.actions import Actions
from desktop.activity.model import Activity
from desktop.core_thread import CoreClient, WorkspaceClient
from desktop.failures import Failures
from desktop.main_window import MainWindow
from desktop.notifications import Notifications
from desktop.tabs import TabContext
from desktop.tasks import TaskRunner
from desktop.theme import Theme

_HERE = Path(__file__).parent
_PATIENCE_S = 20


async def until(condition: Callable[[], Any]) -> Any:
    """Wait until something is so, and return it; it is looked at each turn of the loop."""
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            if found := condition():
                return found
            await asyncio.sleep(0.005)


def press(box: QMessageBox, words: str) -> None:
    """Press the button of a question with these words."""
    (found,) = [one for one in box.buttons() if one.text() == words]
    found.click()


@dataclass
class Site:
    """A page for sections, and shortcuts to fill its workspace."""

    page: QWidget
    context: TabContext
    core: CoreClient
    folder: Path
    sections: list[Any] = field(default_factory=list)

    async def show(self, section: Any) -> None:
        """Show a section, or the tab with all of them, and load it."""
        self.sections.append(section)
        self.core.happened.connect(section.on_event)
        layout = self.page.layout()
        assert layout is not None
        layout.addWidget(section.widget)
        section.widget.show()
        await section.load()

    async def asked(self, call: Callable[[Any, Actor], Awaitable[Any]]) -> Any:
        """Call the workspace as an administrator on this computer, beside the window."""
        actor = Actor.of_this_computer(Origin.SCRIPT)
        return await self.context.workspace.run(lambda w: call(w, actor))

    async def add(self, *people: tuple[str, Role]) -> dict[str, int]:
        """Store people and return their ids."""
        data = [
            new_user({"username": name, "display_name": name.title(), "role": role})
            for name, role in people
        ]
        ids = await self.asked(lambda w, actor: w.users.create_many(actor, data=data))
        return {name: number for (name, _role), number in zip(people, ids, strict=True)}

    async def project(self, name: str) -> ProjectRow:
        """Store a project."""
        data = ProjectCreate(name=name, path=str(self.folder), command="true")
        row: ProjectRow = await self.asked(lambda w, actor: w.projects.create(actor, data=data))
        return row

    async def close(self) -> None:
        """Close the sections as the tab does."""
        for section in self.sections:
            self.core.happened.disconnect(section.on_event)
            section.save_state()
            closing: Any = section.close()
            if closing is not None:  # a whole tab
                await closing
        await self.context.tasks.close()
        self.context.actions.clear()


@pytest.fixture
async def core(home: Path) -> AsyncIterator[CoreClient]:
    """Return the core, open on its thread."""
    client = CoreClient()
    await client.start(load_settings)
    yield client
    await client.close()


@pytest.fixture
async def site(
    core: CoreClient, tmp_path: Path, theme: Theme, tasks: TaskRunner, qapp: QApplication
) -> AsyncIterator[Site]:
    """Return a page in an open workspace."""
    workspace = await core.run(
        lambda c: c.workspaces.create(tmp_path / "people.db", open_here=True)
    )
    notifications = Notifications()
    failures = Failures(notifications)
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    activity = Activity(lambda _job: None)
    window = MainWindow(theme, notifications, failures, activity, settings)
    context = TabContext(
        workspace=WorkspaceClient(core, workspace),
        tasks=tasks,
        theme=theme,
        notifications=notifications,
        failures=failures,
        actions=Actions(window, tasks),
        activity=activity,
        settings=settings,
        actor=Actor(user="ada", role=Role.ADMINISTRATOR, origin=Origin.DESKTOP),
    )
    page = QWidget()
    QVBoxLayout(page)
    page.resize(1280, 800)
    page.show()
    yield Site(page, context, core, tmp_path)
    for widget in (page, window):
        widget.hide()
        widget.deleteLater()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Close the sections at the end of each test, while its loop still runs."""
    for item in items:
        if not isinstance(item, pytest.Function) or not item.path.is_relative_to(_HERE):
            continue
        if "site" in item.fixturenames:
            item.obj = _closing(item.obj)


def _closing(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    @functools.wraps(test)
    async def closing(**fixtures: Any) -> None:
        try:
            await test(**fixtures)
        finally:
            await fixtures["site"].close()

    return closing
