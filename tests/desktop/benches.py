"""What a tab or a section needs to stand in a window of its own, on a real core."""

import functools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings

from core.security.actors import Actor, Origin, Role
from desktop.actions import Actions
from desktop.activity.model import Activity
from desktop.core_thread import CoreClient, WorkspaceClient
from desktop.failures import Failures
from desktop.main_window import MainWindow
from desktop.notifications import Notifications
from desktop.tabs import TabContext
from desktop.tasks import TaskRunner
from desktop.theme import Theme


async def open_window(
    core: CoreClient, path: Path, theme: Theme, tasks: TaskRunner, role: Role
) -> tuple[MainWindow, TabContext]:
    """Make a workspace, and return a window for it with what its tabs are given.

    Jobs are followed, and cancelled, as in the whole application.
    """
    workspace = await core.run(lambda c: c.workspaces.create(path, open_here=True))
    notifications = Notifications()
    failures = Failures(notifications)
    settings = QSettings(str(path.with_name("window.ini")), QSettings.Format.IniFormat)

    async def cancel(job: int) -> None:
        async def cancel_there(opened: Any) -> None:
            opened.jobs.cancel(job)

        await core.run(cancel_there)

    activity = Activity(lambda job: tasks.run(cancel(job)))
    core.happened.connect(activity.on_event)
    window = MainWindow(theme, notifications, failures, activity, settings)
    context = TabContext(
        workspace=WorkspaceClient(core, workspace),
        tasks=tasks,
        theme=theme,
        notifications=notifications,
        failures=failures,
        actions=Actions(window, tasks),
        activity=activity,
        settings=settings,
        actor=Actor(user="ada", role=role, origin=Origin.DESKTOP),
        come_forward=window.bring_forward,
    )
    return window, context


def close_after_tests(items: list[pytest.Item], folder: Path, fixture: str) -> None:
    """Close a fixture at the end of each test of a folder, while its loop still runs.

    Between a test and the end of its fixtures pytest-qt handles events without a loop, and
    whatever a tab has under way would fail there.
    """
    for item in items:
        if not isinstance(item, pytest.Function) or not item.path.is_relative_to(folder):
            continue
        if fixture in item.fixturenames:
            item.obj = _closing(item.obj, fixture)


def _closing(test: Callable[..., Awaitable[None]], name: str) -> Callable[..., Awaitable[None]]:
    @functools.wraps(test)
    async def closing(**fixtures: Any) -> None:
        try:
            await test(**fixtures)
        finally:
            await fixtures[name].close()

    return closing
