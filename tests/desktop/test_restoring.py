"""The window offers the backups of a database that cannot be opened."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox

from core.app import open_core
from core.progress import Progress
from core.security.actors import Actor, Origin
from core.settings import load_settings
from desktop.app import Application
from desktop.arguments import Arguments
from desktop.frame.restore_window import RestoreWindow
from tests.desktop.running import Runs, conduct, ends, made, stopped
from tests.desktop.test_upgrade import click, question
from tests.waiting import until


@pytest.fixture
def run(qapp: QApplication, home: Path) -> Runs:
    return Runs(qapp)


@pytest.fixture
async def damaged(home: Path, tmp_path: Path) -> Path:
    """Return a workspace with a backup, of which nothing but garbage is left."""
    path = tmp_path / "nightly.db"
    async with open_core(load_settings()) as core:
        workspace = await core.workspaces.create(path, open_here=True)
        actor = Actor.of_this_computer(Origin.SCRIPT)
        await workspace.performance.backups.make(actor, progress=Progress(lambda: None))
    path.write_bytes(b"garbage")
    return path


async def offered(application: Application) -> RestoreWindow:
    """Return the window with the backups, once it is there."""
    shown: RestoreWindow = await until(
        lambda: conduct(application).workspaces.restoring.shown.shown
    )
    return shown


@ends
async def test_what_cannot_be_opened_is_restored(run: Runs, damaged: Path) -> None:
    application = await run(Arguments(database=damaged))
    welcome = conduct(application).workspaces.welcome
    await until(welcome.error.isVisible)
    assert welcome.error.action_button.isVisible()
    welcome.error.action_button.click()
    window = await offered(application)
    assert len(window.table.list_model.rows) == 1
    window.restore_button.click()
    box = await question(application)
    assert "kept" in box.informativeText()
    click(box, "Cancel")
    await until(lambda: not application.window.findChildren(QMessageBox))
    assert await asyncio.to_thread(damaged.read_bytes) == b"garbage"
    window.restore_button.click()
    click(await question(application), "Restore")
    await until(lambda: conduct(application).workspaces.session is not None)
    assert conduct(application).workspaces.restoring.shown.shown is None
    (note, *_more) = application.services.notifications.shown
    (kept,) = damaged.with_name("nightly.buildbench").glob("backups/*.damaged")
    assert str(kept) in note.detail
    await stopped(application)


@ends
async def test_beside_an_open_one_it_is_told_with_a_button(
    run: Runs, damaged: Path, tmp_path: Path
) -> None:
    """A file that is gone and has no backups is only told of."""
    application = await run(Arguments(database=await made(tmp_path / "other.db")))
    workspaces = conduct(application).workspaces
    await until(lambda: workspaces.session is not None)
    await workspaces.open_path(tmp_path / "no.db")
    (note,) = application.services.notifications.shown
    assert not note.choices
    application.services.notifications.clear()
    await asyncio.to_thread(damaged.unlink)
    await workspaces.open_path(damaged)
    (note,) = application.services.notifications.shown
    note.choices[0].handler()
    window = await offered(application)
    manifest = window.table.list_model.rows[0].path
    manifest.write_bytes(manifest.read_bytes()[:-1] + b"!")
    window.restore_button.click()
    click(await question(application), "Restore")
    await until(window.place.error.isVisible)
    assert "cannot be used" in window.place.error.title.text()
    window.reject()
    assert workspaces.is_open
    assert not await asyncio.to_thread(damaged.exists)
    await stopped(application)
