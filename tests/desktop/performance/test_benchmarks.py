"""The page of benchmarks: measured live, kept, compared, and profiles side by side."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QMessageBox, QWidget

from core.errors import AppError
from core.performance.benchmarks.schemas import (
    USUAL,
    BenchmarkKind,
    BenchmarkMoved,
    BenchmarkResult,
    BenchmarkRow,
    BenchmarkSettings,
    BenchmarkState,
    Change,
    Machine,
)
from core.security.actors import Role
from desktop.performance.benchmarks import BenchmarksPage
from desktop.performance.benchmarks.words import change_badge, newest_profiles
from tests.desktop.performance.conftest import Site
from tests.desktop.test_spoken import nameless
from tests.waiting import until

SMALL = {"concurrency": 2, "operations": 40, "rows": 1_000, "warm_up": 2}


async def opened(site: Site) -> Any:
    page: Any = site.show_page(BenchmarksPage)
    await until(lambda: page.holder.filled)
    return page


async def measured(page: Any) -> BenchmarkRow:
    """Run a small benchmark by its button, and return it from the history."""
    rows = page.view.history.table.list_model
    before = len(rows.rows)
    page.view.settings.form.set_values(SMALL)
    page.view.settings.run_button.click()
    await until(lambda: page.view.place.busy)
    await until(lambda: not page.view.place.busy and len(rows.rows) > before)
    row: BenchmarkRow = rows.rows[0]
    return row


def mark(page: Any, *places: int) -> None:
    flags = QItemSelectionModel.SelectionFlag
    table = page.view.history.table
    table.clearSelection()
    for place in places:
        index = table.list_model.index(place, 0)
        table.selectionModel().select(index, flags.Select | flags.Rows)


async def test_a_benchmark_is_run_shown_compared_and_deleted(site: Site) -> None:
    await site.open_plain()
    page = await opened(site)
    view = page.view
    assert view.result.empty.isVisibleTo(view)
    row = await measured(page)
    assert row.state is BenchmarkState.SUCCEEDED
    assert not view.result.empty.isVisibleTo(view)
    assert view.result.cards["throughput"].figure.text().endswith("/s")
    assert "40 in" in view.result.cards["throughput"].note.text()
    assert "SQLite" in view.result.about.text()
    title = site.context.activity.jobs()[0].snapshot.title
    assert title == "Benchmark: Reads of single rows"
    await measured(page)
    assert not view.history.compare_button.isEnabled()
    mark(page, 0, 1)
    view.history.compare_button.click()
    await until(lambda: view.comparison.isVisibleTo(view))
    names = [change.name for change in view.comparison.table.list_model.rows]
    assert {"throughput", "p99_ms", "errors"} <= set(names)
    assert "measured 3 times" in view.comparison.chance.text()
    mark(page, 1)
    view.history.delete_button.click()
    box = await until(lambda: site.place.findChild(QMessageBox))
    assert box.text() == "Delete 1 benchmark?"
    next(one for one in box.buttons() if one.text() == "Delete").click()
    await until(lambda: len(view.history.table.list_model.rows) == 1)


async def test_what_goes_on_is_shown_live(site: Site) -> None:
    page = await opened(site)
    result = page.view.result
    result.begin("Reads")
    path = site.context.workspace.info.path
    for at, rate in ((0.5, 1000.0), (1.0, 3000.0), (1.4, 3000.0), (1.9, 3000.0)):
        result.go_on(BenchmarkMoved(path, "", at, round(at * 100), 200, rate, 4.0))
    assert result.cards["throughput"].figure.text() == "3,000/s"
    assert result.cards["throughput"].note.text() == "190 of 200"
    # Drawn once a second; seen failing where each figure was drawn, five times a second.
    assert result.chart.table.model().rowCount() == 2
    assert result.live.table.model().rowCount() == 2
    result.go_on(BenchmarkMoved(path, "next", 0.1, 1, 200, 500.0, 4.0))
    assert len(result._points) == 1


async def test_a_comparison_that_comes_late_does_not_replace_a_newer_one(site: Site) -> None:
    """Seen failing where each comparison was a task of its own."""
    page = await opened(site)
    gates = {1: asyncio.Event(), 3: asyncio.Event()}
    asked: list[int] = []
    shown: list[int] = []

    async def compare(first: int, _second: int) -> int:
        asked.append(first)
        await gates[first].wait()
        return first

    page.calls.compare = compare
    page.view.comparison.show_comparison = shown.append
    page.view.history.compare_wanted.emit(1, 2)
    await until(lambda: asked == [1])
    page.view.history.compare_wanted.emit(3, 4)
    await until(lambda: asked == [1, 3])
    gates[1].set()
    gates[3].set()
    await until(lambda: 3 in shown)
    assert shown == [3]


async def test_usual_settings_begin_each_kind_and_chosen_ones_are_kept(
    site: Site,
) -> None:
    page = await opened(site)
    settings = page.view.settings
    assert settings.settings == USUAL[BenchmarkKind.READS]
    field = settings.form.field("kind")
    field.set_value(BenchmarkKind.MIXED)
    field.changed.emit()
    assert settings.settings == USUAL[BenchmarkKind.MIXED]
    assert settings.form.field("seconds").isVisibleTo(settings)
    assert not settings.form.field("operations").isVisibleTo(settings)
    settings.more_button.click()
    settings.form.set_values({"cache_kib": 2_000})
    chosen = settings.settings
    page.save_state()
    again = (await opened(site)).view.settings
    assert again.settings == chosen
    assert again.form.field("cache_kib").isVisibleTo(again)


async def test_more_settings_unfold_and_say_what_they_risk(site: Site) -> None:
    page = await opened(site)
    settings = page.view.settings
    field = settings.form.field("synchronous")
    assert not field.isVisibleTo(settings)
    settings.more_button.click()
    assert field.isVisibleTo(settings)
    field.set_value("off")
    field.changed.emit()
    assert "corrupt" in settings.risk.text()


async def test_what_is_cancelled_is_kept_as_such(site: Site) -> None:
    page = await opened(site)
    page.view.settings.form.set_values(SMALL | {"operations": 100_000})
    page.view.settings.run_button.click()
    place = page.view.place
    await until(lambda: len(page.view.result._points) > 1)
    await until(place.cancel_button.isEnabled)
    place.cancel_button.click()
    rows = page.view.history.table.list_model
    await until(lambda: not place.busy and rows.rows)
    assert rows.rows[0].state is BenchmarkState.CANCELLED
    await until(lambda: page.view.result.error.text() == "It was cancelled.")
    assert page.view.settings.run_button.isEnabled()


async def test_profiles_are_compared_as_bars(site: Site) -> None:
    page = await opened(site)
    one = await measured(page)
    labels = ("a", "b", "c")
    profiles = [replace(one, id=one.id + n, label=label) for n, label in enumerate(labels, 1)]
    page.view.show_history([*reversed(profiles), one])
    assert page.view.profiles.isVisibleTo(page.view)
    pane = page.view.profiles
    assert [pane.throughput.table.model().rowCount(), pane.p95.table.model().rowCount()] == [
        3,
        3,
    ]
    assert "500 simulated power cuts" in pane.risks.text()
    page.view.profiles.chosen.emit(one.id)
    assert page.view.result.title.text().startswith("Reads of single rows")


def row(number: int, label: str, **settings: Any) -> BenchmarkRow:
    machine = Machine("Linux", "cpu", 2, 1, "3.13", "/tmp")
    return BenchmarkRow(
        number, BenchmarkKind.READS, BenchmarkSettings(**settings), None,
        BenchmarkState.FAILED, "", label, datetime.now(UTC), "ada", "3.50", machine,
    )  # fmt: skip


def test_the_newest_profiles_end_where_others_begin() -> None:
    """Seen failing where an older comparison was taken for a part of the newest one."""
    rows = [row(9, "b"), row(8, "a"), row(7, "b"), row(6, "a")]
    found = newest_profiles(rows)
    assert found == []  # none of them came to its end
    result = BenchmarkResult(1, 0, "", 1.0, 1.0, 1, 1, 1, 1, 1, 1, ())
    whole = [replace(one, result=result) for one in rows]
    assert [one.id for one in newest_profiles(whole)] == [8, 9]
    other = replace(whole[0], id=10, settings=BenchmarkSettings(concurrency=3))
    assert [one.id for one in newest_profiles([other, *whole])] == [10]


def test_changes_say_better_or_worse() -> None:
    worse = Change("p95_ms", "ms", 1.0, 2.0, 2.0, better=False)
    assert change_badge(worse).word == "+100 %, worse"
    faster = Change("throughput", "/s", 1.0, 1.5, 1.5, better=True)
    assert change_badge(faster).word == "+50 %, better"
    assert change_badge(Change("errors", "", 0.0, 0.0, None, better=None)).word == "—"
    chance = Change("mean_ms", "ms", 1.0, 1.1, 1.1, better=None, within=True)
    assert change_badge(chance).word == "+10 %, within what repeats vary"


async def test_a_failure_is_told_and_the_form_can_be_used_again(site: Site) -> None:
    page = await opened(site)

    async def failing(_settings: Any, _ticket: Any) -> Any:
        raise AppError("There is no room.")

    page.calls.run = failing
    page.view.settings.run_button.click()
    error = page.view.place.error
    await until(lambda: error.isVisibleTo(page.view))
    assert error.title.text() == "There is no room."
    assert page.view.settings.run_button.isEnabled()
    assert page.view.result.empty.isVisibleTo(page.view)


async def test_a_viewer_sees_but_does_not_run(site: Site) -> None:
    site.act_as(Role.VIEWER)
    page = await opened(site)
    settings = page.view.settings
    for part in (settings.run_button, settings.profiles_button):
        assert not part.isEnabled()
        assert part.toolTip() == "This needs the role operator."
    assert isinstance(page.widget, QWidget)
    assert nameless(page.widget) == []
