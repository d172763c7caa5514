"""The application with its real core: how it starts and stops, and its settings."""

import asyncio
import errno
import os
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox

from core.paths import UserFolders
from core.progress import JobChanged
from core.settings import SettingsStore
from desktop.app import Application
from desktop.arguments import Arguments
from tests.desktop.builds.dialogs import opened
from tests.desktop.running import PATIENCE_S, TABS, Runs, conduct, ends, made, stopped
from tests.waiting import until


@pytest.fixture
def run(qapp: QApplication, home: Path) -> Runs:
    return Runs(qapp)


def block(folder: Path) -> None:
    folder.write_text("a file where a folder should be")


@ends
async def test_the_first_start_shows_the_welcome_page(
    run: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing: what a killed window had left stayed for ever."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / "buildbench-marks-left"
    left.mkdir()
    (left / "owner.lock").touch()
    os.utime(left / "owner.lock", (0, 0))
    application = await run()
    await until(lambda: not left.exists())
    window = application.window
    assert window.pages.currentWidget() is conduct(application).workspaces.welcome
    assert window.windowTitle() == "Buildbench"
    assert not window.tab_bar.isVisible()
    close = conduct(application).commands.actions["file.close"]
    assert not close.isEnabled()
    assert close.statusTip() == "No workspace is open."
    assert conduct(application).commands.actions["file.new"].isEnabled()


async def test_stopping_before_the_core_is_there(qapp: QApplication, home: Path) -> None:
    application = Application(qapp, Arguments(), UserFolders.of_this_user(), TABS)
    running = asyncio.create_task(application.run())
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
    running = asyncio.create_task(application.run())
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
    application = await run(Arguments(database=await made(tmp_path / "nightly.db")))
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
async def test_a_window_that_is_wished_twice_at_once_opens_once(run: Runs) -> None:
    application = await run()
    desk = conduct(application)
    for show in (desk.show_settings, desk.show_diagnostics):
        await asyncio.gather(show(), show())
    shown = [one for one in application.window.findChildren(QDialog) if one.isVisible()]
    assert len(shown) == 2
    for dialog in shown:
        dialog.close()
    assert desk._dialogs == {}
    await desk.show_settings()
    assert list(desk._dialogs) == ["settings"]


@ends
async def test_a_settings_window_with_changes_goes_with_the_program(run: Runs) -> None:
    application = await run()
    await conduct(application).show_settings()
    window: Any = conduct(application)._dialogs["settings"]
    window.editors["log_cap_mib"].setValue(5)
    window.close()
    await opened(window, QMessageBox)
    await stopped(application)
    assert conduct(application)._dialogs == {}
    assert application.services.failures.bug_count == 0


@pytest.mark.expected_log("A bug in starting", "The core ended")
@pytest.mark.parametrize("error", [RuntimeError("odd"), OSError(errno.EIO, "odd")])
async def test_a_bug_at_the_start_is_told_as_one_and_the_window_closes(
    qapp: QApplication, home: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(_store: SettingsStore) -> None:
        raise error

    monkeypatch.setattr(SettingsStore, "load", broken)
    application = Application(qapp, Arguments(), UserFolders.of_this_user(), TABS)
    running = asyncio.create_task(application.run())
    told = asyncio.Event()
    application.services.failures.bug_found.connect(told.set)
    await asyncio.wait_for(told.wait(), PATIENCE_S)
    assert application.window.starting.words.text() == "Buildbench could not start."
    assert "odd" in application.services.failures.report()
    application.window.close()
    assert await asyncio.wait_for(running, PATIENCE_S) == 0


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


@ends
async def test_the_activity_panel_is_kept_in_sight(run: Runs) -> None:
    application = await run()
    action = conduct(application).commands.actions["view.activity"]
    assert bool(application.window.activity_is_shown) is False
    action.trigger()
    assert bool(application.window.activity_is_shown)
    assert action.isChecked()
    await stopped(application)
    again = await run()
    assert bool(again.window.activity_is_shown)
    action = conduct(again).commands.actions["view.activity"]
    assert action.isChecked()
    action.trigger()
    assert not bool(again.window.activity_is_shown)
    assert not action.isChecked()
