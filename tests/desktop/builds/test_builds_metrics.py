"""The page of metrics: curves, figures, what grows and what fails."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.builds.schemas import BuildRow, BuildSampleRow, BuildState, SamplesGrown
from core.errors import DatabaseBusyError
from core.events import Changed
from desktop.builds.panes.metrics import MetricsPane, figure_texts, nothing_words
from desktop.builds.panes.metrics_curves import Figures, curves, figures
from tests.desktop.builds.conftest import Bench, until
from tests.desktop.builds.samples import a_build


def _samples(count: int, every_ms: int = 1_000) -> tuple[BuildSampleRow, ...]:
    return tuple(
        BuildSampleRow(
            (i + 1) * every_ms, cpu=10.0 * i, memory=1_000 * (i + 1), processes=i % 3
        )
        for i in range(count)
    )


def test_figures_are_those_of_the_samples_while_a_build_runs() -> None:
    running = a_build(state=BuildState.RUNNING)
    found = figures(running, _samples(3))
    assert (found.cpu_ms, found.cpu_peak, found.memory_peak) == (300, 20.0, 3_000)
    assert found.processes == 2
    ended = replace(running, state=BuildState.SUCCESS, cpu_ms=777, cpu_peak=350.0)
    assert figures(ended, _samples(3)).cpu_ms == 777
    assert figures(ended, _samples(3)).cpu_peak == 350.0
    assert figures(ended, ()) == Figures(777, 350.0, None, None)
    assert set(figure_texts(Figures()).values()) == {"—"}


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    moments=st.lists(st.integers(0, 200_000_000), max_size=30, unique=True).map(sorted),
    before=st.lists(st.integers(0, 3_000_000), max_size=5, unique=True).map(sorted),
)
def test_curves_keep_peaks_and_stay_small(moments: list[int], before: list[int]) -> None:
    """Fails when a peak is lost between two points (mutant: the last of a point wins)."""
    own = [BuildSampleRow(at, float(i % 7), i, 1) for i, at in enumerate(moments)]
    others = [BuildSampleRow(at, 1.0, 1, 1) for at in before]
    drawn = curves(own, others)
    assert len(drawn.labels) == len(drawn.cpu) == len(drawn.memory) <= 242
    known = [value for value in drawn.cpu if value is not None]
    assert max(known, default=None) == max((one.cpu for one in own), default=None)
    assert bool(drawn.cpu_before) == bool(others)
    if own and not others:
        # No gap before the last sample: a line would break there.
        last = max(at for at, value in enumerate(drawn.cpu) if value is not None)
        assert None not in drawn.cpu[: last + 1]


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ({"state": BuildState.PENDING}, "Not started yet"),
        ({"state": BuildState.RUNNING}, "Measuring"),
        ({"state": BuildState.CANCELLED, "started_at": None}, "Nothing was measured"),
        ({"state": BuildState.SUCCESS}, "Nothing was measured"),
    ],
)
def test_why_there_is_nothing(values: dict[str, Any], title: str) -> None:
    assert nothing_words(replace(a_build(), **values))[0] == title


def _pane(bench: Bench) -> MetricsPane:
    found: MetricsPane = next(p for p in bench.view.details.panes if isinstance(p, MetricsPane))
    return found


async def _chosen(bench: Bench) -> tuple[MetricsPane, BuildRow]:
    await bench.choose(await bench.add("measured", "sleep 0.2"))
    build = await bench.run_to_end()
    return _pane(bench), build


async def test_a_real_build_is_measured_and_drawn(bench: Bench) -> None:
    pane, build = await _chosen(bench)
    bench.view.details.bring(pane)
    await until(lambda: pane.pages.currentWidget() is pane._area, pane.pages.currentChanged)
    assert pane.figures["memory_peak"].value.text() != "—"
    assert "Memory peak: " in pane.figures["memory_peak"].accessibleName()
    assert pane.cpu.table.model().rowCount() > 0
    assert build.memory_peak


async def test_a_growing_curve_is_fetched_only_while_it_is_looked_at(bench: Bench) -> None:
    """Fails when every sample of any build is fetched behind another page."""
    pane, build = await _chosen(bench)
    asked: list[int] = []
    fetched = _samples(2)

    async def samples(build_id: int) -> tuple[BuildSampleRow, ...]:
        asked.append(build_id)
        return fetched

    async def before(_build: BuildRow) -> None:
        return None

    pane._calls.samples = samples  # type: ignore[method-assign]
    pane._calls.before = before  # type: ignore[method-assign,assignment]
    pane.on_event(SamplesGrown(build.id))
    assert not asked
    bench.view.details.bring(pane)
    await until(pane.cpu.table.model().rowCount, pane.pages.currentChanged)
    rows = pane.cpu.table.model().rowCount()
    pane.on_event(SamplesGrown(build.id + 1))
    pane.on_event(Changed(frozenset({"build_samples"})))
    assert asked == [build.id]
    fetched = _samples(5)
    plot = pane.cpu.plot
    assert plot is not None
    plot.point(4)
    pane.on_event(SamplesGrown(build.id))
    await until(lambda: pane.cpu.table.model().rowCount() > rows, plot.pointed)
    assert plot.place == 4
    bench.view.details.bring(bench.view.log_pane)
    pane.on_event(SamplesGrown(build.id))
    assert asked == [build.id, build.id]


async def test_a_failure_is_told_in_place_and_can_be_tried_again(bench: Bench) -> None:
    pane, _build = await _chosen(bench)
    real = pane._calls.samples

    async def broken(_build_id: int) -> tuple[BuildSampleRow, ...]:
        raise DatabaseBusyError("The database is busy.", hint="Try again.")

    pane._calls.samples = broken  # type: ignore[method-assign,assignment]
    bench.view.details.bring(pane)
    await until(lambda: not pane.error.isHidden(), bench.presenter.build_changed, _tick(bench))
    pane._calls.samples = real  # type: ignore[method-assign]
    pane.error.triggered.emit()
    await until(lambda: pane.pages.currentWidget() is pane._area, pane.pages.currentChanged)
    assert pane.error.isHidden()


def _tick(bench: Bench) -> Any:
    return bench.tab._clock.timeout
