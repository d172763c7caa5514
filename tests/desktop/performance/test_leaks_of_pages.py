"""What the pages were is gone once the database is closed."""

import asyncio
import gc
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from desktop.app import TABS
from desktop.performance import PerformanceTab
from desktop.performance.alerts.page import AlertsPage
from desktop.performance.concurrency import ConcurrencyPage
from desktop.performance.overview import OverviewPage
from desktop.performance.statements import StatementsPage
from desktop.widgets.charts import LiveChart
from tests.desktop.running import Runs, conduct, ends, made, until

_PAGES = ("overview", "statements", "concurrency", "alerts")
_KINDS = (
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


@ends
async def test_closed_pages_leave_nothing_behind(run: Runs, tmp_path: Path) -> None:
    application = await run(tabs=TABS)
    workspaces = conduct(application).workspaces
    path = await made(tmp_path / "a.db")

    async def look() -> None:
        await workspaces.open_path(path)
        session = workspaces.session
        assert session is not None
        tab = session.tabs["performance"]
        assert isinstance(tab, PerformanceTab)
        application.window.choose_tab("performance")
        for key in _PAGES:
            tab.view.list.choose(key)
            page = tab.pages[key]
            poll = getattr(page, "poll", None) or page.series  # type: ignore[attr-defined]
            await until(lambda poll=poll: poll.answered)  # type: ignore[misc]
        del tab, session, page, poll
        await workspaces.close()

    await look()
    before = await _alive()
    for _round in range(2):
        await look()
    assert await _alive() == before
