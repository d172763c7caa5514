"""The window offers the upgrade of a workspace of an earlier version."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox

from core.migrations.service import known_revisions
from core.paths import UserFolders, WorkspaceFolders
from core.workspaces.memory import ChosenWorkspaces
from desktop.app import Application
from desktop.arguments import Arguments
from tests.core.workspaces.test_upgrade import UID, left_over, make_old, revision_of
from tests.desktop.running import Runs, conduct, ends, stopped
from tests.waiting import until


@pytest.fixture
def run(qapp: QApplication, home: Path) -> Runs:
    return Runs(qapp)


@pytest.fixture
def old(tmp_path: Path, home: Path) -> Path:
    path = tmp_path / "old.db"
    make_old(path)
    folders = UserFolders.of_this_user()
    for file in (folders.open_file, folders.trust_file):
        ChosenWorkspaces(file).add(path, UID)
    return path


async def question(application: Application) -> QMessageBox:
    """Return the dialog that asks, once it is there."""
    await until(lambda: application.window.findChildren(QMessageBox))
    (box,) = application.window.findChildren(QMessageBox)
    return box


def click(box: QMessageBox, text: str) -> None:
    (button,) = (one for one in box.buttons() if one.text().replace("&", "") == text)
    button.click()


@ends
async def test_an_older_workspace_is_upgraded_when_that_is_wanted(run: Runs, old: Path) -> None:
    application = await run(Arguments(database=old))
    box = await question(application)
    assert "0001" in box.text() + box.informativeText()
    assert str(WorkspaceFolders(old).backups) in box.text() + box.informativeText()
    click(box, "Back up and upgrade")
    await until(lambda: conduct(application).workspaces.session is not None)
    assert application.window.windowTitle() == "Buildbench — old.db"
    await stopped(application)
    assert len(left_over(old)) == 2
    assert revision_of(old) == known_revisions()[-1]


@ends
async def test_it_stays_as_it_is_when_that_is_not_wanted(run: Runs, old: Path) -> None:
    application = await run(Arguments(database=old))
    click(await question(application), "Not now")
    await until(lambda: not application.window.findChildren(QMessageBox))
    workspaces = conduct(application).workspaces
    assert application.window.pages.currentWidget() is workspaces.welcome
    assert workspaces.visit is None
    await stopped(application)
    assert left_over(old) == []
    assert revision_of(old) == "0001"
