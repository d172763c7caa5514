"""A window on a database that another program keeps locked."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from core.projects.schemas import ProjectCreate
from core.security.actors import Actor, Origin
from desktop.app import Application
from desktop.arguments import Arguments
from desktop.core_thread import WorkspaceClient
from tests.desktop.running import Runs, conduct, ends, made, stopped
from tests.faults.locker import Locker
from tests.waiting import until


@pytest.fixture
def run(qapp: QApplication) -> Runs:
    """Return what starts the application."""
    return Runs(qapp)


def _client(application: Application) -> WorkspaceClient:
    session = conduct(application).workspaces.session
    assert session is not None
    return session.client


@ends
async def test_the_window_answers_and_says_what_it_waits_for(run: Runs, tmp_path: Path) -> None:
    """Seen failing where the status bar does not follow the wait."""
    path = await made(tmp_path / "w.db")
    application = await run(Arguments(database=path))
    await until(lambda: conduct(application).workspaces.session is not None)
    locker = await asyncio.to_thread(Locker, path)
    data = ProjectCreate(name="late", path=str(tmp_path), command="true")
    actor = Actor.of_this_computer(Origin.DESKTOP)
    writing = asyncio.create_task(
        _client(application).run(lambda w: w.projects.create(actor, data=data))
    )
    waiting = application.window.status.waiting
    await until(lambda: f"({locker.process.pid})" in waiting.words.text())
    assert not writing.done()
    await asyncio.to_thread(locker.end)
    assert (await writing).name == "late"
    await until(lambda: not waiting.words.text())
    await stopped(application)
