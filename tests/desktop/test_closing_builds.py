"""Closing the window while a real build is running."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication, QMessageBox

from core.builds.schemas import BuildRow, BuildState
from core.paths import UserFolders
from core.progress import JobChanged, JobSnapshot, JobState
from core.projects.schemas import ProjectCreate
from core.security.actors import Actor, Origin
from desktop.app import Application
from desktop.arguments import Arguments
from desktop.core_thread import WorkspaceClient
from desktop.frame.tray import Tray
from tests.desktop.running import made
from tests.waiting import until

PATIENCE_S = 30


@asynccontextmanager
async def building(
    qt: QApplication, tmp_path: Path
) -> AsyncIterator[tuple[Application, "asyncio.Task[int]", Path]]:
    """Give a window with a build that runs until somebody writes to a pipe."""
    arguments = Arguments(database=await made(tmp_path / "w.db"))
    application = Application(qt, arguments, UserFolders.of_this_user(), ())
    running = asyncio.create_task(application.run())
    await asyncio.wait_for(application.ready.wait(), PATIENCE_S)
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    await _start_build(client(application), tmp_path, f"read line < '{gate}'")
    try:
        yield application, running, gate
    finally:
        application.stop.set()
        assert await asyncio.wait_for(running, PATIENCE_S) == 0
        await _end(gate)


def client(application: Application) -> WorkspaceClient:
    assert application.conduct is not None
    session = application.conduct.workspaces.session
    assert session is not None
    return session.client


async def _start_build(opened: WorkspaceClient, folder: Path, command: str) -> None:
    actor = Actor.of_this_computer(Origin.DESKTOP)
    data = ProjectCreate(name="slow", path=str(folder), command=command, grace_s=0)
    project = await opened.run(lambda w: w.projects.create(actor, data=data))
    await opened.run(lambda w: w.builds.queue(actor, project_id=project.id))
    async with asyncio.timeout(PATIENCE_S):
        while not await _rows(opened, BuildState.RUNNING):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def _rows(opened: WorkspaceClient, state: BuildState) -> list[BuildRow]:
    actor = Actor.of_this_computer(Origin.DESKTOP)
    rows = await opened.run(lambda w: w.builds.running(actor))
    return [row for row in rows if row.state is state]


async def _end(gate: Path) -> None:
    """Let the build go on, where one still waits, and wait until its supervisor is gone."""
    async with asyncio.timeout(PATIENCE_S):
        while _supervisors(gate):
            try:
                descriptor = os.open(gate, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            os.write(descriptor, b"go\n")
            os.close(descriptor)
            await asyncio.sleep(0.02)


def _supervisors(gate: Path) -> list[int]:
    marker = str(gate.parent)
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if process.pid != os.getpid() and any(marker in word for word in words):
            found.append(process.pid)
    return found


def boxes(application: Application) -> list[QMessageBox]:
    return application.window.findChildren(QMessageBox)


async def box_of(application: Application) -> QMessageBox:
    await until(lambda: application.window.findChildren(QMessageBox))
    (box,) = application.window.findChildren(QMessageBox)
    return box


def press(box: QMessageBox, words: str) -> None:
    (button,) = [b for b in box.buttons() if b.text() == words]
    button.click()


async def test_stay_keeps_everything_as_it_was(
    qapp: QApplication, home: Path, tmp_path: Path
) -> None:
    async with building(qapp, tmp_path) as (application, running, _gate):
        application.window.close()
        application.window.close()
        box = await box_of(application)
        assert len(application.window.findChildren(QMessageBox)) == 1
        assert box.text() == "1 build is still running"
        press(box, "Stay")
        await asyncio.sleep(0)
        assert application.window.isVisible()
        assert not running.done()
        assert await _rows(client(application), BuildState.RUNNING)


async def test_the_build_finishes_alone_and_the_choice_is_remembered(
    qapp: QApplication, home: Path, tmp_path: Path
) -> None:
    async with building(qapp, tmp_path) as (application, running, gate):
        application.window.close()
        box = await box_of(application)
        box.checkBox().setChecked(True)
        press(box, "Let it finish alone")
        assert await asyncio.wait_for(running, PATIENCE_S) == 0
        assert _supervisors(gate)
        assert '"finish"' in (home / "config" / "settings.json").read_text()


async def test_the_builds_are_cancelled(qapp: QApplication, home: Path, tmp_path: Path) -> None:
    """Jobs are asked about apart; seen failing where they went without a word."""
    async with building(qapp, tmp_path) as (application, running, gate):
        job = JobSnapshot(9, "Pack", "", JobState.RUNNING, None, 1.0, None, cancellable=True)
        application.services.activity.on_event(JobChanged(job))
        application.window.close()
        first = await box_of(application)
        press(first, "Cancel the build")
        await until(lambda: not first.isVisible())
        await until(lambda: [box for box in boxes(application) if box.isVisible()])
        (box,) = [box for box in boxes(application) if box.isVisible()]
        assert box.text() == "“Pack” is under way"
        press(box, "Break it off and close")
        assert await asyncio.wait_for(running, PATIENCE_S) == 0
        await until(lambda: not _supervisors(gate))


@pytest.mark.expected_log("QSystemTrayIcon", "systemTrayWindowChanged")
async def test_the_program_goes_on_in_the_tray(
    qapp: QApplication, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A platform without a screen has no tray, so that alone is pretended."""
    monkeypatch.setattr(Tray, "available", staticmethod(lambda: True))
    async with building(qapp, tmp_path) as (application, running, gate):
        application.window.close()
        press(await box_of(application), "Keep going in the tray")
        await until(lambda: not application.window.isVisible())
        assert application.conduct is not None
        tray = application.conduct.tray
        assert tray.visible
        assert await _rows(client(application), BuildState.RUNNING)
        tray._on_show()
        assert application.window.isVisible()
        assert not bool(tray.visible)
        application.window.close()
        press(await box_of(application), "Let it finish alone")
        assert await asyncio.wait_for(running, PATIENCE_S) == 0
        assert _supervisors(gate)
