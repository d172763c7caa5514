"""What the frame does for the database: it reports its own lag, and tells of alerts."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.performance.alerts.schemas import AlertKind
from core.performance.metrics.schemas import Metric, MetricsSampled
from core.security.actors import Actor, Origin
from desktop.app import TABS
from desktop.arguments import Arguments
from desktop.performance import PerformanceTab
from tests.desktop.running import Runs, conduct, ends, made
from tests.waiting import until


@pytest.fixture
def run(qapp: QApplication, home: Path) -> Runs:
    return Runs(qapp)


async def opened(run: Runs, tmp_path: Path) -> tuple[Any, Any]:
    database = await made(tmp_path / "nightly.db")
    application = await run(Arguments(database=database), tabs=TABS)
    return application, conduct(application).workspaces.session


@ends
async def test_the_window_reports_how_late_it_is(run: Runs, tmp_path: Path) -> None:
    application, session = await opened(run, tmp_path)
    reported = asyncio.get_running_loop().create_future()

    def take(event: object) -> None:
        if isinstance(event, MetricsSampled) and Metric.WINDOW_GAP in event.values:
            reported.set_result(event.values[Metric.WINDOW_GAP])
            application.services.core.happened.disconnect(take)

    application.services.core.happened.connect(take)
    async with asyncio.timeout(30):
        assert await reported > 0
    assert session is not None


@ends
async def test_an_alert_in_the_status_bar_leads_to_the_alerts(
    run: Runs, tmp_path: Path
) -> None:
    application, session = await opened(run, tmp_path)
    window = application.window
    health = window.status.health
    assert health.words.text() == "Healthy"
    actor = Actor.of_this_computer(Origin.SCRIPT)
    before = await session.client.run(lambda w: w.performance.alerts.rules(actor))
    touchy = [
        replace(rule, raise_at=2.0, clear_at=1.0, for_s=0.0)
        if rule.kind is AlertKind.MEMORY_HIGH
        else rule
        for rule in before
    ]

    async def change(rules: Any) -> None:
        await session.client.run(
            lambda w: w.performance.alerts.change_rules(actor, rules=rules)
        )

    await change(touchy)
    await until(lambda: health.words.text() != "Healthy")
    QTest.mouseClick(health, Qt.MouseButton.LeftButton)
    tab = session.tabs["performance"]
    assert isinstance(tab, PerformanceTab)
    assert window.chosen_tab == "performance"
    assert tab.view.list.key == "alerts"
    await until(lambda: tab.view.list.count_of("alerts") == 1)
    await change([replace(rule, for_s=0.0) for rule in before])
    await until(lambda: health.words.text() == "Healthy")
