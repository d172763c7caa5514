"""The tab of performance and its pages, on a real core with an open database."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from core.performance.maintenance.records import Run
from core.performance.maintenance.repository import RunsRepository
from core.performance.maintenance.schemas import RunState, Task
from core.security.actors import Actor, Origin, Role
from desktop.core_thread import CoreClient, WorkspaceClient
from desktop.main_window import MainWindow
from desktop.performance import PerformanceTab
from desktop.performance.page import Page
from desktop.tabs import TabContext
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from tests.desktop.benches import close_after_tests, open_window

_HERE = Path(__file__).parent


@dataclass
class Site:
    """A place for the tab, or for one of its pages."""

    place: QWidget
    window: MainWindow
    context: TabContext
    core: CoreClient
    folder: Path
    shown: list[Any] = field(default_factory=list)
    went_to: list[str] = field(default_factory=list)

    async def show_tab(self, tab: PerformanceTab) -> PerformanceTab:
        """Show the tab and load it."""
        self._take(tab)
        await tab.load()
        return tab

    def show_page(self, make: Callable[[TabContext, Callable[[str], object]], Any]) -> Any:
        """Make a page and let it work, as the tab does."""
        page = make(self.context, self.went_to.append)
        self._take(page)
        page.show()
        return page

    async def asked(self, call: Callable[[Any, Actor], Awaitable[Any]]) -> Any:
        """Call the workspace as an administrator on this computer, beside the window."""
        actor = Actor.of_this_computer(Origin.SCRIPT)
        return await self.context.workspace.run(lambda w: call(w, actor))

    async def open_plain(self) -> None:
        """Open a database of another program in the place of the workspace."""
        path = self.folder / "songs.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE songs (id INTEGER PRIMARY KEY, name TEXT)")
            connection.executemany("INSERT INTO songs (name) VALUES (?)", [("a",)] * 50)
            connection.commit()
        opened = await self.core.run(lambda c: c.workspaces.open(path))
        self.context = replace(self.context, workspace=WorkspaceClient(self.core, opened))

    async def note_backups(self) -> None:
        """Note more backups of the open database than one list of runs holds."""

        async def note(workspace: Any, actor: Actor) -> None:
            records = await workspace.performance.target.records()
            async with records.unit_of_work() as unit:
                for _number in range(101):
                    done = Run(Task.BACKUP, actor, "", state=RunState.SUCCEEDED)
                    await RunsRepository(unit.session).put(done.values())
                await unit.commit()

        await self.asked(note)

    def act_as(self, role: Role) -> None:
        """Ask on behalf of somebody with this role."""
        actor = Actor(user="vic", role=role, origin=Origin.DESKTOP)
        self.context = replace(self.context, actor=actor)

    async def close(self) -> None:
        """Close what was shown as the frame does."""
        for one in self.shown:
            self.core.happened.disconnect(one.on_event)
            one.save_state()
            if isinstance(one, PerformanceTab):
                await one.close()
            else:
                one.hide()
                one.close()
        await self.context.tasks.close()
        self.context.actions.clear()

    def _take(self, part: "PerformanceTab | Page") -> None:
        self.shown.append(part)
        self.core.happened.connect(part.on_event)
        layout = self.place.layout()
        assert layout is not None
        layout.addWidget(part.widget)
        part.widget.show()


@pytest.fixture
async def site(
    core: CoreClient, tmp_path: Path, theme: Theme, tasks: TaskRunner, qapp: QApplication
) -> AsyncIterator[Site]:
    """Return a place in an open workspace."""
    path = tmp_path / "nightly.db"
    window, context = await open_window(core, path, theme, tasks, Role.ADMINISTRATOR)
    place = QWidget()
    QVBoxLayout(place)
    place.resize(1280, 800)
    place.show()
    yield Site(place, window, context, core, tmp_path)
    for widget in (place, window):
        widget.hide()
        widget.deleteLater()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Close what was shown at the end of each test."""
    close_after_tests(items, _HERE, "site")
