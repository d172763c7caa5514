"""Sections of the tab of users beside each other, on a real core with a workspace."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox, QVBoxLayout, QWidget

from core.projects.schemas import ProjectCreate, ProjectRow
from core.security.actors import Actor, Origin, Role
from core.users.schemas import new_user
from desktop.core_thread import CoreClient
from desktop.tabs import TabContext
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from tests.desktop.benches import close_after_tests, open_window

_HERE = Path(__file__).parent


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
async def site(
    core: CoreClient, tmp_path: Path, theme: Theme, tasks: TaskRunner, qapp: QApplication
) -> AsyncIterator[Site]:
    """Return a page in an open workspace."""
    path = tmp_path / "people.db"
    window, context = await open_window(core, path, theme, tasks, Role.ADMINISTRATOR)
    page = QWidget()
    QVBoxLayout(page)
    page.resize(1280, 800)
    page.show()
    yield Site(page, context, core, tmp_path)
    for widget in (page, window):
        widget.hide()
        widget.deleteLater()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Close the sections at the end of each test."""
    close_after_tests(items, _HERE, "site")
