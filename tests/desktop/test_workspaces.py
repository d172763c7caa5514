"""Opening and closing workspaces in the window, with the real core."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox

from core.progress import JobChanged, JobSnapshot, JobState
from core.projects.schemas import ProjectCreate
from desktop.app import TABS
from desktop.arguments import Arguments
from tests.desktop.running import NotedTab, Runs, conduct, ends, entry, made, stopped
from tests.waiting import until


@pytest.fixture
def run(qapp: QApplication, home: Path) -> Runs:
    return Runs(qapp)


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


@ends
async def test_a_new_workspace_brings_its_tabs(run: Runs, tmp_path: Path) -> None:
    application = await run(Arguments(database=await made(tmp_path / "nightly.db")))
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
    application = await run(Arguments(database=await made(tmp_path / "nightly.db")))
    session = conduct(application).workspaces.session
    assert session is not None
    tab = session.tabs["builds"]
    assert isinstance(tab, NotedTab)
    folder = str(tmp_path)
    actor = session.actor
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
    application = await run(Arguments(database=await made(tmp_path / "x.db")), tabs=tabs)
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


@ends
async def test_another_one_is_opened_once_jobs_may_be_broken_off(
    run: Runs, tmp_path: Path
) -> None:
    """Seen failing: the other one was opened, and the job broken off without a question."""
    other = await made(tmp_path / "weekly.db")
    application = await run(Arguments(database=await made(tmp_path / "nightly.db")))
    conduct(application)._unattended = False
    job = JobSnapshot(1, "Pack", "Writing", JobState.RUNNING, 0.5, 2.0, 2.0, cancellable=True)
    application.services.activity.on_event(JobChanged(job))
    for words, opened in (("Stay", "nightly.db"), ("Break it off and close", "weekly.db")):
        opening = asyncio.create_task(conduct(application).workspaces.open_path(other))
        box = await until(QApplication.activeModalWidget)
        assert isinstance(box, QMessageBox)
        assert box.text() == "“Pack” is under way"
        next(one for one in box.buttons() if one.text() == words).click()
        await opening
        assert application.window.windowTitle() == f"Buildbench — {opened}"
    conduct(application)._unattended = True


@pytest.mark.expected_log("cannot_open")
@ends
async def test_a_failed_opening_keeps_the_workspace_that_is_open(
    run: Runs, tmp_path: Path
) -> None:
    application = await run(Arguments(database=await made(tmp_path / "nightly.db")))
    before = conduct(application).workspaces.session
    (tmp_path / "notes.db").write_text("no database " * 100)
    await conduct(application).workspaces.open_path(tmp_path / "notes.db")
    assert conduct(application).workspaces.session is before
    assert "notes.db" in application.services.notifications.shown[0].title
    assert application.window.windowTitle() == "Buildbench — nightly.db"


@ends
async def test_the_last_workspace_opens_again_with_its_tab(run: Runs, tmp_path: Path) -> None:
    application = await run(Arguments(database=await made(tmp_path / "nightly.db")))
    application.window.tab_bar.setCurrentIndex(1)
    application.window.resize(900, 650)
    await stopped(application)
    again = await run()
    assert again.window.windowTitle() == "Buildbench — nightly.db"
    assert again.window.chosen_tab == "migrations"
    assert again.window.height() == 650


@ends
async def test_a_workspace_that_was_closed_stays_closed(run: Runs, tmp_path: Path) -> None:
    application = await run(Arguments(database=await made(tmp_path / "nightly.db")))
    await conduct(application).close_workspace()
    await stopped(application)
    again = await run()
    assert conduct(again).workspaces.session is None


@ends
async def test_a_last_workspace_that_is_gone_is_shown_as_missing(
    run: Runs, tmp_path: Path
) -> None:
    application = await run(Arguments(database=await made(tmp_path / "nightly.db")))
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
    application = await run(Arguments(database=path), tabs=TABS)
    window = application.window
    assert window.chosen_tab == "performance"
    assert window.tab_bar.count() == 1
    assert window.status.mode.words.text() == "Not a workspace"
    assert window.windowTitle() == "Buildbench — library.sqlite"
    await stopped(application)
    assert (contents(path), beside(path)) == (before, [])


@ends
async def test_what_came_from_elsewhere_is_trusted_only_when_asked(
    run: Runs, tmp_path: Path
) -> None:
    application = await run(Arguments(database=await made(tmp_path / "nightly.db")))
    await stopped(application)
    application.services.folders.trust_file.unlink()
    again = await run()
    window = again.window
    assert window.status.mode.words.text() == "Not trusted"
    (line,) = window.banners.lines
    assert line.words.text() == (
        "nightly.db came from elsewhere; nothing in it runs until you trust it."
    )
    trusting = asyncio.create_task(conduct(again).workspaces.trust())
    await asyncio.sleep(0)
    (box,) = window.findChildren(QMessageBox)
    box.buttons()[[b.text() for b in box.buttons()].index("Trust")].click()
    await trusting
    assert window.banners.lines == []
    assert not window.status.mode.isVisible()
    assert conduct(again).workspaces.session.client.info.trusted  # type: ignore[union-attr]


@ends
async def test_only_one_workspace_is_opened_at_a_time(run: Runs, tmp_path: Path) -> None:
    application = await run(Arguments(database=await made(tmp_path / "nightly.db")))
    desk = conduct(application)
    actions = desk.commands.actions
    opening = asyncio.create_task(desk.workspaces.open_path(tmp_path / "nightly.db"))
    await asyncio.sleep(0)
    for one in ("file.new", "file.open", "file.demo"):
        assert not actions[one].isEnabled()
        assert actions[one].statusTip() == "A workspace is being opened."
    recent = desk.commands._recent.menu
    assert not recent.isEnabled()
    await desk.workspaces.open_path(tmp_path / "another.db")
    titles = [n.title for n in application.services.notifications.shown]
    assert titles == ["A workspace is being opened."]
    await opening
    assert actions["file.new"].isEnabled()
    assert actions["file.new"].statusTip() != "A workspace is being opened."
    assert recent.isEnabled()
