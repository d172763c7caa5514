"""The tab in a real window, on a real core with a workspace of its own."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.builds.schemas import BuildRow
from core.projects.schemas import ProjectCreate, ProjectRow
from core.security.actors import Actor, Origin, Role
from desktop.builds import BuildsTab
from desktop.core_thread import CoreClient
from desktop.main_window import MainWindow
from desktop.tabs import TabContext
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from tests import waiting
from tests.desktop.benches import close_after_tests, open_window

_HERE = Path(__file__).parent


async def until(condition: Callable[[], Any], *signals: Any) -> None:
    """Wait until something is so, if only for a moment after one of the signals."""
    if condition():
        return  # what would tell it may be gone
    seen = False

    def look(*_values: object) -> None:
        nonlocal seen
        seen = seen or bool(condition())

    for signal in signals:
        signal.connect(look)
    try:
        await waiting.until(lambda: seen or condition(), waiting.source_of(condition))
    finally:
        for signal in signals:
            with contextlib.suppress(RuntimeError):  # a form that is gone by now
                signal.disconnect(look)


@dataclass
class Bench:
    """A window with the tab, and shortcuts to fill its workspace."""

    window: MainWindow
    context: TabContext
    tab: BuildsTab
    folder: Path

    @property
    def presenter(self) -> Any:
        return self.tab.presenter

    @property
    def view(self) -> Any:
        return self.tab.view

    async def add(self, name: str, command: str, **values: Any) -> ProjectRow:
        """Store a project and wait until the list shows it."""
        values.setdefault("path", str(self.folder))
        data = ProjectCreate(name=name, command=command, **values)
        actor = Actor.of_this_computer(Origin.DESKTOP)
        row = await self.context.workspace.run(lambda w: w.projects.create(actor, data=data))
        presenter = self.presenter
        await until(lambda: presenter.projects.find(row.id), presenter.projects_changed)
        return row

    async def choose(self, project: ProjectRow) -> None:
        """Choose a project and wait until its builds are shown."""
        self.presenter.choose_project(project.id)
        await until(lambda: self.shown_project == project.id, self.presenter.project_chosen)

    @property
    def shown_project(self) -> int | None:
        shown: int | None = self.presenter._builds_of
        return shown

    async def run_to_end(self) -> BuildRow:
        """Run a build of the chosen project as the person does, and wait for its end."""
        before = self.presenter.build_id
        await self.tab.deeds.run()
        return await self.ended(before)

    async def ended(self, before: int | None = None) -> BuildRow:
        """Wait until the chosen build, another than ``before``, has ended; return it."""
        presenter = self.presenter
        await until(
            lambda: (
                presenter.build_id != before
                and presenter.build is not None
                and presenter.build.state.finished
            ),
            presenter.build_changed,
            presenter.build_chosen,
        )
        build: BuildRow = presenter.build
        return build

    async def close(self) -> None:
        """Close the tab as the frame does."""
        self.context.workspace.core.happened.disconnect(self.tab.on_event)
        self.tab.save_state()
        await self.tab.close()
        await self.context.tasks.close()
        self.context.actions.clear()


@pytest.fixture
def role() -> Role:
    """Return the role in which the tab acts; tests choose others by parametrizing."""
    return Role.ADMINISTRATOR


@pytest.fixture
async def bench(
    core: CoreClient, tmp_path: Path, theme: Theme, tasks: TaskRunner, role: Role, qtbot: Any
) -> AsyncIterator[Bench]:
    """Return the tab, loaded, in a window that is shown."""
    path = tmp_path / "nightly.db"
    window, context = await open_window(core, path, theme, tasks, role)
    tab = BuildsTab(context)
    core.happened.connect(tab.on_event)
    made = Bench(window, context, tab, tmp_path / "code")
    window.show_tabs({"builds": tab}, "builds")
    window.show()
    await tab.load()
    made.folder.mkdir()
    yield made
    window.drop_tabs()
    window.hide()
    window.deleteLater()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Close the tab at the end of each test that has one."""
    close_after_tests(items, _HERE, "bench")
