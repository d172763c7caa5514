"""The steps of the tour about the database itself: seen, measured and watched."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

from core.performance.alerts.schemas import AlertKind, AlertRule
from desktop.performance.alerts.page import AlertsPage
from desktop.performance.concurrency import ConcurrencyPage
from desktop.performance.overview import OverviewPage
from desktop.performance.page import Page
from desktop.performance.statements import StatementsPage
from desktop.performance.statements.page import EXPLAIN, MEASURED
from desktop.tour.guide import LARGE, SIZE, Guide, Step, TourError
from desktop.widgets.paged_table import State

P = TypeVar("P", bound=Page)

_SQL = (
    "SELECT project_id, count(*), avg(duration_ms) FROM builds\n"
    "WHERE state = 'success' AND message LIKE '%disk%' GROUP BY project_id ORDER BY 2 DESC;\n"
    "SELECT username FROM users WHERE id = 7;\n"
    "SELEKT nothing;"
)
_POINTS_S = 3.0
# The alert that a low threshold raises: this program always needs some memory.
_TOUCHY = AlertKind.MEMORY_HIGH


async def overview(guide: Guide) -> str:
    """Look at the figures and charts, once they moved on for a few seconds."""
    page = show(guide, "overview", OverviewPage)
    await guide.until(lambda: all(feed.answered for feed in page.feeds), "all figures")
    charts = page.view.charts
    before = charts["throughput"].points
    await guide.until(lambda: charts["throughput"].points > before, "a sample")
    await asyncio.sleep(_POINTS_S)
    await guide.picture("performance-overview")
    page.view.verticalScrollBar().setValue(page.view.verticalScrollBar().maximum())
    await guide.picture("performance-overview-below")
    page.view.verticalScrollBar().setValue(0)
    guide.window.resize(*LARGE)
    await guide.picture("performance-overview-large")
    guide.window.resize(*SIZE)
    return f"{len(charts)} charts that go on each second"


async def statements(guide: Guide) -> str:
    """Look at the costliest statement that reads by a plan, and explain some SQL."""
    page = show(guide, "statements", StatementsPage)
    page.bar.setCurrentIndex(MEASURED)
    measured = page.measured
    await guide.until(lambda: measured.model.state is State.READY, "the statements")
    measured.search.setText("builds where")
    await guide.until(lambda: _is_narrowed(page), "the search")
    await guide.until(lambda: _place_of_a_plan(page) is not None, "a statement with a plan")
    measured.table.chosen.select_one(_place_of_a_plan(page) or 0)
    await guide.until(lambda: measured.details.plan.plan is not None, "the plan")
    await guide.picture("performance-statements")
    measured.search.clear()
    page.bar.setCurrentIndex(EXPLAIN)
    page.explain.field.setPlainText(_SQL)
    page.explain.explain_soon()
    await guide.until(lambda: len(page.explain.cards) == 3, "the plans")
    await guide.picture("performance-explain")
    page.bar.setCurrentIndex(MEASURED)
    return f"{len(measured.list.found.rows) if measured.list.found else 0} statements measured"


async def concurrency(guide: Guide) -> str:
    """Look at what goes on at once while a transaction stays open."""
    page = show(guide, "concurrency", ConcurrencyPage)
    table = page.view.open.table
    async with _open_transaction(guide):
        await guide.until(lambda: bool(table.list_model.rows), "the open transaction")
        await guide.picture("performance-concurrency")
    return "pools, transactions, locks and leases"


async def alerts(guide: Guide) -> str:
    """Have an alert raised by a low threshold, take note of it, and put the threshold back."""
    page = show(guide, "alerts", AlertsPage)
    before = await page.calls.rules()
    health = guide.window.status.health.words
    await page.calls.change_rules([_touchy(rule) for rule in before])
    try:
        title = await _raised_and_noted(guide, page)
        await page.calls.change_rules([replace(rule, for_s=0.0) for rule in before])
        await guide.until(lambda: _TOUCHY not in page.view.cards, "the alert to be over")
        await guide.until(lambda: health.text() != title, "the status bar to be calm")
    finally:
        await page.calls.change_rules(before)
    await page.edit_rules()
    if page.form.shown is None:
        raise TourError("The thresholds did not open.")
    await guide.picture("performance-thresholds", page.form.shown)
    page.form.shown.reject()
    return f"“{title}” raised, told and noted"


async def _raised_and_noted(guide: Guide, page: AlertsPage) -> str:
    """Wait for the alert, take note of it, and return its title."""
    health = guide.window.status.health.words
    await guide.until(lambda: _stored(page), "the alert")
    await guide.until(lambda: health.text() != "Healthy", "the status bar to tell")
    await guide.picture("performance-alerts", toasts=True)
    page.view.cards[_TOUCHY].button.click()
    await guide.until(lambda: bool(page.view.cards[_TOUCHY].alert.acknowledged_by), "the note")
    return page.view.cards[_TOUCHY].alert.title


def show(guide: Guide, key: str, kind: type[P]) -> P:
    """Show a page of the tab of performance and return it."""
    guide.show_tab("performance")
    tab = guide.performance
    tab.view.list.choose(key)
    page: Any = tab.pages.get(key)
    if not isinstance(page, kind):
        raise TourError(f"The page {key} is another one.")
    return page


def _is_narrowed(page: StatementsPage) -> bool:
    query = page.measured.model.query
    ready = page.measured.model.state is State.READY
    return query is not None and bool(query.search) and ready


def _place_of_a_plan(page: StatementsPage) -> int | None:
    """Return the costliest statement whose plan is known: not each ran twice by now."""
    query = page.measured.model.query
    rows = page.measured.list.matching(query) if query is not None else []
    return next((place for place, row in enumerate(rows) if row.verdict is not None), None)


@asynccontextmanager
async def _open_transaction(guide: Guide) -> AsyncIterator[None]:
    """Keep a transaction open in the core meanwhile."""
    session = guide.conduct.workspaces.session
    if session is None:
        raise TourError("No workspace is open.")
    done = asyncio.Event()

    async def hold(workspace: Any) -> None:
        async with workspace.database.read(snapshot=True):
            await done.wait()

    async def release(_workspace: Any) -> None:
        done.set()

    holding = asyncio.create_task(session.client.run(hold))
    try:
        yield
    finally:
        await session.client.run(release)
        await holding


def _touchy(rule: AlertRule) -> AlertRule:
    if rule.kind is _TOUCHY:
        return replace(rule, enabled=True, raise_at=2e6, clear_at=1e6, for_s=0.0)
    return rule


def _stored(page: AlertsPage) -> bool:
    card = page.view.cards.get(_TOUCHY)
    return card is not None and card.alert.id > 0


PERFORMANCE_STEPS = (
    Step("The database at a glance", overview),
    Step("What statements cost", statements),
    Step("What goes on at once", concurrency),
    Step("An alert, and its threshold", alerts),
)
