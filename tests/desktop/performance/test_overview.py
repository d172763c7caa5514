"""The overview goes on with each sample while it is in sight, and rests else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from core.errors import AppError
from core.performance.advice.schemas import AdviceChanged
from core.performance.metrics.schemas import Metric, MetricsSampled, Series, Span
from desktop.performance.overview import OverviewPage, figures
from desktop.performance.overview.charts import charts, measured_points
from tests.desktop.performance.conftest import Site
from tests.waiting import until


def sample(site: Site, at: float, **values: float) -> MetricsSampled:
    path = site.context.workspace.info.path
    return MetricsSampled(path, at, {Metric[name]: value for name, value in values.items()})


async def opened(site: Site) -> Any:
    page = site.show_page(OverviewPage)
    await until(lambda: all(feed.answered for feed in page.feeds))
    return page


async def test_cards_and_charts_follow_the_samples(site: Site) -> None:
    page = await opened(site)
    view = page.view
    await until(lambda: view.cards["database"].figure.text() not in ("…", "—"))
    assert view.cards["connections"].figure.text().endswith("of 6")
    later = datetime.now(UTC).timestamp() + 100
    chart = view.charts["latency"]
    before = chart.points
    event = sample(
        site, later, DATABASE_BYTES=5e6, WAL_BYTES=2e6, STATEMENT_P50=0.3, STATEMENT_P95=4.2,
        STATEMENT_P99=18.0, POOL_IN_USE=2, OPEN_TRANSACTIONS=1, LONGEST_TRANSACTION=0.014,
    )  # fmt: skip
    page.on_event(event)
    assert view.cards["database"].figure.text() == "5.0 MB"
    assert view.cards["wal"].note.text() == "at most 2.0 MB in 10 minutes"
    assert view.cards["p95"].figure.text() == "4.2 ms"
    assert view.cards["p95"].note.text() == "p50 0.30 ms · p99 18.0 ms"
    assert view.cards["connections"].figure.text() == "2 of 6"
    assert view.cards["connections"].note.text() == "longest transaction 14.0 ms"
    assert chart.points == before + 1
    assert view.business["users"].accessibleName().startswith("People: ")
    for after in range(1, 62):
        page.on_event(sample(site, later + after, WAL_BYTES=0))
    # Seen failing where both were told by what the charts had fetched.
    assert view.cards["p95"].note.text() == "no statement within a minute"
    assert view.cards["wal"].note.text() == "at most 2.0 MB in 10 minutes"
    page.on_event(sample(site, later + 600, WAL_BYTES=0))
    assert view.cards["wal"].note.text() == "none in 10 minutes"
    assert page.alerts.busy  # ages are told anew


async def test_samples_of_another_database_are_let_pass(site: Site) -> None:
    page = await opened(site)
    text = page.view.cards["database"].figure.text()
    page.on_event(MetricsSampled(site.folder / "other.db", 1e10, {Metric.DATABASE_BYTES: 9e9}))
    assert page.view.cards["database"].figure.text() == text


async def test_nothing_goes_on_out_of_sight(site: Site) -> None:
    """Seen failing with a page that took samples while it was hidden."""
    page = await opened(site)
    page.hide()
    points = page.view.charts["cpu"].points
    page.on_event(sample(site, 1e10, CPU=0.5))
    assert page.view.charts["cpu"].points == points
    assert not any(feed.busy for feed in page.feeds)
    page.show()
    assert page.series.busy


async def test_a_span_is_chosen_and_kept(site: Site) -> None:
    page = await opened(site)
    page.view.spans[Span.WEEK].click()
    assert page.span is Span.WEEK
    chart = page.view.charts["cpu"]
    await until(lambda: chart.points == 168)
    page.on_event(sample(site, 1e10, CPU=0.5))
    assert chart.points == 168
    page.choose_span(Span.TEN_MINUTES)
    page.on_event(sample(site, 1e10, CPU=0.5))
    assert chart.points == 168  # seen failing: it was glued to the week that was still drawn
    page.choose_span(Span.WEEK)
    page.save_state()
    again = site.show_page(OverviewPage)
    assert again.span is Span.WEEK
    assert again.view.spans[Span.WEEK].isChecked()


async def test_a_failure_is_told_and_tried_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await opened(site)

    async def failing() -> Any:
        raise AppError("The disk is gone.", hint="Put it back.")

    fetch = page.series._fetch
    monkeypatch.setattr(page.series, "_fetch", failing)
    page.series.again()
    await until(page.holder.error.isVisible)
    assert page.holder.error.title.text() == "The disk is gone."
    monkeypatch.setattr(page.series, "_fetch", fetch)
    page.holder.retried.emit()
    await until(lambda: not page.holder.error.isVisible())


async def test_a_plain_database_has_no_business_figures(site: Site) -> None:
    await site.open_plain()
    page = await opened(site)
    assert page.view.business == {}
    assert "builds" not in page.view.charts
    assert page.view.slowest.isVisibleTo(page.view)
    words = " ".join(label.text() for label in page.view.findChildren(QLabel))
    assert "It is only read, unless" in words  # also after somebody packed it here


async def test_the_keyboard_goes_through_the_page_as_the_eye_does(site: Site) -> None:
    view = (await opened(site)).view
    stops = [view.charts[key].table_button for key in ("latency", "throughput")]
    stops += [view.slowest.table, *(view.charts[key].table_button for key in ("cpu", "lag"))]
    ahead = view.spans[Span.YEAR].nextInFocusChain()
    met = []
    while ahead is not view.spans[Span.TEN_MINUTES]:
        met.append(ahead)
        ahead = ahead.nextInFocusChain()
    assert [part for part in met if part in stops] == stops


async def test_all_statements_are_a_click_away(site: Site) -> None:
    page = await opened(site)
    page.view.slowest.all_button.click()
    page.view.alerts.wanted.emit()
    assert site.went_to == ["statements", "alerts"]
    rows = page.view.slowest.table.list_model.rows
    assert [row.p95_ms for row in rows] == sorted((r.p95_ms for r in rows), reverse=True)


async def test_recommendations_are_asked_for_when_they_changed(site: Site) -> None:
    page = await opened(site)
    page.view.advice.wanted.emit()
    assert site.went_to == ["recommendations"]
    page.advice.answered = False
    page.on_event(AdviceChanged(site.context.workspace.info.path))
    await until(lambda: page.advice.answered)


def series(*values: float | None, step: float = 1.0, begin: float = 0.0) -> Series:
    times = tuple(begin + step * n for n in range(len(values)))
    return Series(Metric.DATABASE_BYTES, times, values, values, values)


def test_the_change_of_today_counts_from_midnight() -> None:
    now = datetime(2026, 3, 2, 9, 30).astimezone()
    midnight = now.replace(hour=0, minute=0).timestamp()
    day = series(5.0, 6.0, 7.0, 9.0, step=3600, begin=midnight - 2 * 3600)
    assert figures.change_today(day, 10.0, now) == 3.0
    assert figures.change_today(series(None, None), 10.0, now) is None
    assert figures.change_today(day, None, now) is None


def test_a_chart_begins_where_something_was_measured() -> None:
    values = [None] * 400 + [1.0] * 200
    assert measured_points({Metric.CPU: series(*values)}) == slice(400, 600)
    few = series(*[None] * 590, *[1.0] * 9, None)
    assert measured_points({Metric.CPU: few}) == slice(509, 599)
    assert measured_points({Metric.CPU: series(None, None)}) == slice(0, 2)


def test_every_metric_is_seen_somewhere() -> None:
    """What is measured and never shown would be measured for nothing."""
    drawn = {metric for one in charts() for metric in one.metrics}
    told = {
        Metric.USERS,
        Metric.ACTIVE_USERS,
        Metric.SUCCESS_RATE,
        Metric.LONGEST_TRANSACTION,
    }
    assert set(Metric) == drawn | told
