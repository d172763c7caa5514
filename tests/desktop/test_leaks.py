"""What was closed is gone: windows that stay open for days open and close many workspaces."""

import asyncio
import gc
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.actions import Actions, MenuName
from desktop.app import TABS
from desktop.builds.history.buttons import mirror
from desktop.builds.tab import BuildsTab
from desktop.builds.view import BuildsView
from desktop.frame.session import WorkspaceSession
from desktop.performance import PerformanceTab
from desktop.performance.alerts.page import AlertsPage
from desktop.performance.concurrency import ConcurrencyPage
from desktop.performance.overview import OverviewPage
from desktop.performance.statements import StatementsPage
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.charts import LiveChart
from desktop.widgets.log_view.delegate import LogDelegate
from tests.desktop.running import Runs, conduct, ends, made
from tests.desktop.test_actions import Host
from tests.waiting import until

_PAGES = ("overview", "statements", "concurrency", "alerts")
_KINDS = (
    BuildsTab, BuildsView, WorkspaceSession, LogDelegate, QAction,
    PerformanceTab, OverviewPage, StatementsPage, ConcurrencyPage, AlertsPage, LiveChart,
)  # fmt: skip


@pytest.fixture
def run(qapp: QApplication, home: Path) -> Runs:
    return Runs(qapp)


async def _alive() -> dict[str, int]:
    await asyncio.sleep(0)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    everything = gc.get_objects()
    return {kind.__name__: sum(isinstance(one, kind) for one in everything) for kind in _KINDS}


async def _look_at_pages(session: WorkspaceSession) -> None:
    tab = session.tabs["performance"]
    assert isinstance(tab, PerformanceTab)
    for key in _PAGES:
        tab.view.list.choose(key)
        feed = tab.pages[key].feeds[0]
        await until(lambda feed=feed: feed.answered)  # type: ignore[misc]


@ends
async def test_a_closed_workspace_leaves_nothing_behind(run: Runs, tmp_path: Path) -> None:
    """Neither its tabs nor the pages that were looked at."""
    application = await run(tabs=TABS)
    workspaces = conduct(application).workspaces
    window, theme = application.window, application.services.theme
    path = await made(tmp_path / "a.db")

    async def look() -> None:
        await workspaces.open_path(path)
        assert workspaces.session is not None
        window.choose_tab("performance")
        await _look_at_pages(workspaces.session)
        await workspaces.close()

    def parts() -> tuple[int, int]:
        return len(window.findChildren(QObject)), theme.receivers("2changed()")

    await look()
    before = (await _alive(), *parts())
    for _round in range(2):
        await look()
    assert (await _alive(), *parts()) == before


async def test_actions_and_lines_of_menus_go_with_their_owner(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    host = Host(theme)
    qtbot.addWidget(host)

    def alive() -> int:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        return len(host.findChildren(QAction))

    before = alive()
    for _round in range(3):
        actions = Actions(host, tasks)
        actions.add("a", "A", lambda: None, menu=MenuName.BUILD, section="one")
        actions.add("b", "B", lambda: None)
        actions.clear()
    assert alive() == before


async def test_a_button_outlives_its_action(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    host, button = Host(theme), QPushButton()
    qtbot.addWidget(host)
    qtbot.addWidget(button)
    pressed: list[bool] = []
    actions = Actions(host, tasks)
    action = actions.add("a", "A", lambda: pressed.append(action.isChecked()), checkable=True)
    button.setCheckable(True)
    mirror(button, action)
    button.click()
    assert (pressed, button.isChecked()) == ([True], True)
    actions.clear()
    button.click()
    assert pressed == [True]
