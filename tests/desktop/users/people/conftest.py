"""The section of people in a real window, on a real core with a workspace of its own."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from core.database.fields.money import Money
from core.security.actors import Actor, Origin, Role
from core.users.schemas import UserCreate, UserRow, new_user
from desktop.core_thread import CoreClient
from desktop.main_window import MainWindow
from desktop.tabs import TabContext
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.users.people import PeopleSection
from tests.desktop.benches import close_after_tests, open_window
from tests.waiting import until

_HERE = Path(__file__).parent


def person(username: str, **values: Any) -> UserCreate:
    """Return the input of a person."""
    values.setdefault("display_name", username.replace(".", " ").title())
    values.setdefault("balance", Money.from_minor(0, "EUR"))
    return new_user({"username": username, **values})


class PageOfSection:
    """The section as a tab of the window, as far as the window asks for it."""

    title, icon = "Users", "users"

    def __init__(self, section: PeopleSection) -> None:
        self.section = section
        self.widget = section.widget

    async def load(self) -> None:
        await self.section.load()

    async def close(self) -> None:
        self.section.close()

    def on_event(self, event: Any) -> None:
        self.section.on_event(event)

    def save_state(self) -> None:
        self.section.save_state()

    def focus_main(self) -> None:
        self.section.focus_main()


@dataclass
class Bench:
    """A window with the section, and shortcuts to fill its workspace."""

    window: MainWindow
    context: TabContext
    section: PeopleSection
    core: CoreClient
    folder: Path

    @property
    def view(self) -> Any:
        return self.section.view

    @property
    def presenter(self) -> Any:
        return self.section.presenter

    @property
    def table(self) -> Any:
        return self.section.view.table

    @property
    def shown(self) -> list[str]:
        """The user names in the list, from above."""
        model = self.presenter.model
        rows = (model.row_at(place) for place in range(model.rowCount()))
        return ["…" if row is None else row.username for row in rows]

    def action(self, name: str) -> Any:
        return self.context.actions[f"user.{name}"]

    async def asked(self, call: Callable[[Any, Actor], Awaitable[Any]]) -> Any:
        """Call the workspace as an administrator on this computer, beside the window."""
        actor = Actor.of_this_computer(Origin.SCRIPT)
        return await self.context.workspace.run(lambda w: call(w, actor))

    async def add(self, *people: UserCreate) -> tuple[int, ...]:
        """Store people and wait until the list is as long as it should be."""
        ids = await self.asked(lambda w, actor: w.users.create_many(actor, data=people))
        found: tuple[int, ...] = ids
        return found

    async def lists(self, *usernames: str) -> None:
        """Wait until the list shows these people, in this order."""
        await until(lambda: self.shown == list(usernames))

    async def choose(self, username: str) -> UserRow:
        """Choose a person in the list and wait for the details."""
        await until(lambda: username in self.shown)
        self.table.selectRow(self.shown.index(username))
        row: UserRow = await until(lambda: self._chosen(username))
        return row

    def _chosen(self, username: str) -> UserRow | None:
        one = self.presenter.choice.one
        details = self.presenter.details
        there = one is not None and one.username == username and details is not None
        return one if there and details.row.id == one.id else None

    async def told(self, title: str) -> Any:
        """Wait for a notification and return it."""
        shown = self.context.notifications
        return await until(lambda: next((n for n in shown.shown if n.title == title), None))

    async def close(self) -> None:
        """Close the section as the frame does."""
        self.core.happened.disconnect(self.section.on_event)
        self.section.save_state()
        self.section.close()
        await self.context.tasks.close()
        self.context.actions.clear()


@pytest.fixture
def role() -> Role:
    """Return the role in which the section acts; tests choose others by parametrizing."""
    return Role.ADMINISTRATOR


@pytest.fixture
async def bench(
    core: CoreClient,
    tmp_path: Path,
    theme: Theme,
    tasks: TaskRunner,
    role: Role,
    qapp: QApplication,
) -> AsyncIterator[Bench]:
    """Return the section, loaded, in a window that is shown."""
    path = tmp_path / "people.db"
    window, context = await open_window(core, path, theme, tasks, role)
    section = PeopleSection(context)
    core.happened.connect(section.on_event)
    made = Bench(window, context, section, core, tmp_path)
    window.resize(1280, 800)
    window.show_tabs({"users": PageOfSection(section)}, "users")
    window.show()
    await section.load()
    yield made
    with contextlib.suppress(RuntimeError):  # it was closed with the test
        window.drop_tabs()
    window.hide()
    window.deleteLater()
    qapp.clipboard().clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Close the section at the end of each test that has one."""
    close_after_tests(items, _HERE, "bench")
