"""The application with its real core: starting, opening, closing, and what is kept."""

import asyncio
import functools
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox

from core.errors import AppError
from core.events import Event
from core.paths import UserFolders
from core.progress import JobChanged
from core.projects.schemas import ProjectCreate
from core.workspaces.schemas import WorkspaceKind
from desktop.app import Application
from desktop.arguments import Arguments
from desktop.frame.conduct import Conduct
from desktop.tabs import Tab, TabContext, TabEntry

PATIENCE_S = 30
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
        self._running.append((application, asyncio.ensure_future(application.run())))
        await asyncio.wait_for(application.ready.wait(), PATIENCE_S)
        return application

    async def end(self) -> None:
        """Stop what still runs; each has to end in order."""
        for application, task in self._running:
            application.stop.set()
            assert await asyncio.wait_for(task, PATIENCE_S) == 0


@pytest.fixture
def run(qapp: QApplication, home: Path) -> Runs:
    return Runs(qapp)


def ends(test: Test) -> Test:
    """End what the test started on the loop of the test: Qt's does not run in between."""

    @functools.wraps(test)
    async def whole(run: Runs, **others: Any) -> None:
        try:
            await test(run=run, **others)
        finally:
            await run.end()

    return whole


async def until(condition: Callable[[], object]) -> None:
    """Wait for what tells nobody when it becomes true."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


async def stopped(application: Application) -> None:
    """Stop the application and wait until its core is gone."""
    application.stop.set()
    await until(lambda: application.services.core._thread is None)


def conduct(application: Application) -> Conduct:
    assert application.conduct is not None
    return application.conduct


def plain_file(path: Path) -> bytes:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE songs (name TEXT)")
        connection.commit()
    return path.read_bytes()


def contents(path: Path) -> bytes:
    return path.read_bytes()


def beside(path: Path) -> list[str]:
    """Return what was made beside a file under its name."""
    return [one.name for one in path.parent.glob(f"{path.stem}*") if one != path]


def block(folder: Path) -> None:
    folder.write_text("a file where a folder should be")


@ends
async def test_the_first_start_shows_the_welcome_page(run: Runs) -> None:
    application = await run()
    window = application.window
    assert window.pages.currentWidget() is conduct(application).workspaces.welcome
    assert window.windowTitle() == "Buildbench"
    assert not window.tab_bar.isVisible()
    close = conduct(application).commands.actions["file.close"]
    assert not close.isEnabled()
    assert close.statusTip() == "No workspace is open."
    assert conduct(application).commands.actions["file.new"].isEnabled()


@ends
async def test_a_new_workspace_brings_its_tabs(run: Runs, tmp_path: Path) -> None:
    application = await run(Arguments(new=tmp_path / "nightly.db"))
    window, session = application.window, conduct(application).workspaces.session
    assert session is not None
    assert window.windowTitle() == "Buildbench — nightly.db"
    assert [window.tab_bar.tabText(i) for i in range(2)] == ["Builds", "Migrations"]
    assert all(tab.noted[0] == "load" for tab in session.tabs.values())  # type: ignore[attr-defined]
    await session._fetch_status()
    assert window.status.health.words.text() == "Healthy"
    assert "WAL" in window.status.sizes.words.text()
    recent = conduct(application).workspaces.recent
    assert [one.path.name for one in recent] == ["nightly.db"]


@ends
async def test_tabs_get_events_and_are_closed_in_order(run: Runs, tmp_path: Path) -> None:
    application = await run(Arguments(new=tmp_path / "nightly.db"))
    session = conduct(application).workspaces.session
    assert session is not None
    tab = session.tabs["builds"]
    assert isinstance(tab, NotedTab)
    folder = str(tmp_path)
    actor = application.services.actor
    await session.client.run(
        lambda w: w.projects.create(
            actor, data=ProjectCreate(name="api", path=folder, command="true")
        )
    )
    await until(lambda: bool(tab.events))
    await conduct(application).workspaces.close()
    assert tab.noted[-2:] == ["save", "close"]
    assert application.window.tab_bar.count() == 0
    welcome = conduct(application).workspaces.welcome
    assert application.window.pages.currentWidget() is welcome


@pytest.mark.expected_log("The tab cannot be loaded", "a tab that cannot be closed", "A bug")
@ends
async def test_a_broken_tab_keeps_nothing_from_closing(run: Runs, tmp_path: Path) -> None:
    tabs = (entry("bad", broken=True), entry("good"))
    application = await run(Arguments(new=tmp_path / "x.db"), tabs=tabs)
    titles = [n.title for n in application.services.notifications.shown]
    assert titles == ["The tab cannot be loaded."]
    good = conduct(application).workspaces.session.tabs["good"]  # type: ignore[union-attr]
    await conduct(application).workspaces.close()
    assert isinstance(good, NotedTab)
    assert good.noted[-1] == "close"
    assert application.services.failures.bug_count == 1


@ends
async def test_what_cannot_be_opened_is_told_in_place(run: Runs, tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("no database " * 100)
    application = await run(Arguments(database=path))
    welcome = conduct(application).workspaces.welcome
    assert application.window.pages.currentWidget() is welcome
    assert welcome.error.isVisible()
    assert "notes.db" in welcome.error.title.text()
    assert welcome.error.hint.text()
    assert welcome.new_button.isEnabled()
    assert path.read_text() == "no database " * 100


@pytest.mark.expected_log("cannot_open")
@ends
async def test_a_failed_opening_keeps_the_workspace_that_is_open(
    run: Runs, tmp_path: Path
) -> None:
    application = await run(Arguments(new=tmp_path / "nightly.db"))
    before = conduct(application).workspaces.session
    (tmp_path / "notes.db").write_text("no database " * 100)
    await conduct(application).workspaces.open_path(tmp_path / "notes.db")
    assert conduct(application).workspaces.session is before
    assert "notes.db" in application.services.notifications.shown[0].title
    assert application.window.windowTitle() == "Buildbench — nightly.db"


@ends
async def test_the_last_workspace_opens_again_with_its_tab(run: Runs, tmp_path: Path) -> None:
    application = await run(Arguments(new=tmp_path / "nightly.db"))
    application.window.tab_bar.setCurrentIndex(1)
    application.window.resize(900, 650)
    await stopped(application)
    again = await run()
    assert again.window.windowTitle() == "Buildbench — nightly.db"
    assert again.window.chosen_tab == "migrations"
    assert again.window.height() == 650


@ends
async def test_a_workspace_that_was_closed_stays_closed(run: Runs, tmp_path: Path) -> None:
    application = await run(Arguments(new=tmp_path / "nightly.db"))
    await conduct(application).close_workspace()
    await stopped(application)
    again = await run()
    assert conduct(again).workspaces.session is None


@ends
async def test_a_last_workspace_that_is_gone_is_shown_as_missing(
    run: Runs, tmp_path: Path
) -> None:
    application = await run(Arguments(new=tmp_path / "nightly.db"))
    await stopped(application)
    (tmp_path / "nightly.db").unlink()
    again = await run()
    (row,) = conduct(again).workspaces.welcome.recent.rows()
    assert "Missing" in row.spoken()
    await conduct(again).workspaces._presenter.forget(row.recent.path)
    assert conduct(again).workspaces.welcome.recent.rows() == []


@ends
async def test_a_plain_database_is_shown_untouched(run: Runs, tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    before = plain_file(path)
    application = await run(Arguments(database=path))
    window = application.window
    assert window.tab_bar.count() == 0
    assert window.status.mode.words.text() == "Read only"
    assert window.windowTitle() == "Buildbench — library.sqlite"
    await stopped(application)
    assert (contents(path), beside(path)) == (before, [])


@ends
async def test_what_came_from_elsewhere_is_trusted_only_when_asked(
    run: Runs, tmp_path: Path
) -> None:
    application = await run(Arguments(new=tmp_path / "nightly.db"))
    await stopped(application)
    application.services.folders.trust_file.unlink()
    again = await run()
    window = again.window
    assert window.status.mode.words.text() == "Not trusted"
    (line,) = window.banners.lines
    assert line.words.text() == (
        "nightly.db came from elsewhere; nothing in it runs until you trust it."
    )
    trusting = asyncio.ensure_future(conduct(again).workspaces.trust())
    await asyncio.sleep(0)
    (box,) = window.findChildren(QMessageBox)
    box.buttons()[[b.text() for b in box.buttons()].index("Trust")].click()
    await trusting
    assert window.banners.lines == []
    assert not window.status.mode.isVisible()
    assert conduct(again).workspaces.session.client.info.trusted  # type: ignore[union-attr]


async def test_stopping_before_the_core_is_there(qapp: QApplication, home: Path) -> None:
    application = Application(qapp, Arguments(), UserFolders.of_this_user(), TABS)
    running = asyncio.ensure_future(application.run())
    await until(lambda: application.services.core._thread is not None)
    application.window.close()
    assert await asyncio.wait_for(running, PATIENCE_S) == 0


@pytest.mark.expected_log("settings: The settings could not be read")
@ends
async def test_broken_settings_are_told_and_the_defaults_hold(run: Runs, home: Path) -> None:
    folder = home / "config"
    folder.mkdir(parents=True)
    (folder / "settings.json").write_text("{")
    application = await run()
    title = application.services.notifications.shown[0].title
    assert title == "The settings could not be read, so the defaults are used."
    assert (folder / "settings.json").read_text() == "{"


@pytest.mark.expected_log("The core ended", "folders: Buildbench cannot use its folders")
async def test_unusable_folders_are_told_and_the_window_closes(
    qapp: QApplication, home: Path
) -> None:
    block(home)
    application = Application(qapp, Arguments(), UserFolders.of_this_user(), TABS)
    running = asyncio.ensure_future(application.run())
    told = asyncio.Event()
    application.services.notifications.changed.connect(told.set)
    await asyncio.wait_for(told.wait(), PATIENCE_S)
    assert application.window.starting.words.text() == "Buildbench could not start."
    assert application.services.notifications.shown[0].detail
    application.window.close()
    assert await asyncio.wait_for(running, PATIENCE_S) == 0


@ends
async def test_the_appearance_is_taken_at_once_and_kept(run: Runs) -> None:
    application = await run()
    await conduct(application).choose_appearance("dark")
    assert application.services.theme.dark
    assert (await application.services.current_settings()).appearance.value == "dark"
    await stopped(application)
    again = await run()
    assert again.services.theme.dark
    assert conduct(again).commands.actions["view.appearance.dark"].isChecked()
    await conduct(again).choose_appearance("light")
    assert not again.services.theme.dark


@ends
async def test_settings_diagnostics_and_about_open_once(run: Runs, tmp_path: Path) -> None:
    application = await run(Arguments(new=tmp_path / "nightly.db"))
    desk = conduct(application)
    for _turn in range(2):
        await desk.show_settings()
        await desk.show_diagnostics()
        desk.show_about()
    assert sorted(desk._dialogs) == ["about", "diagnostics", "settings"]
    diagnostics: Any = desk._dialogs["diagnostics"]
    facts = diagnostics._facts.as_text()
    for part in ("Buildbench: 0.", "SQLite: 3.", "nightly.db", "settings.json"):
        assert part in facts
    for dialog in tuple(desk._dialogs.values()):
        dialog.close()
    assert desk._dialogs == {}


@ends
async def test_the_demo_is_a_job_that_is_shown(run: Runs) -> None:
    application = await run()
    seen: list[str] = []

    def note(event: object) -> None:
        if isinstance(event, JobChanged):
            seen.append(event.job.title)

    application.services.core.happened.connect(note)
    await conduct(application).workspaces.demo()
    assert conduct(application).workspaces.session is not None
    assert seen
    assert application.services.activity.jobs()[0].snapshot.title == seen[0]
