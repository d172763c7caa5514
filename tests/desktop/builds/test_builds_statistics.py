"""The figures of all projects and of one, with what lies behind them."""

from desktop.builds.areas import Area
from tests.desktop.builds.conftest import Bench
from tests.waiting import until


async def test_figures_count_what_was_built(bench: Bench) -> None:
    good = await bench.add("good", "true")
    await bench.choose(good)
    await bench.run_to_end()
    await bench.choose(await bench.add("bad", "false"))
    await bench.run_to_end()
    bench.context.actions["builds.statistics"].trigger()
    page = bench.tab.statistics.page
    await until(lambda: page.cards["total"].figure.text() == "2")
    assert page.cards["rate"].figure.text() == "50 %"
    assert page.cards["failed"].figure.text() == "1"
    page.scope.setCurrentIndex(page.scope.findData(good.id))
    page.asked.emit()
    await until(page.trend.isVisible)
    assert page.cards["total"].figure.text() == "1"
    assert not page.failing.isVisible()
    page.project_chosen.emit(good.id)
    await until(lambda: bench.presenter.project_id == good.id)
    assert bench.view.area is Area.PROJECT


async def test_a_bar_of_the_trend_leads_to_its_build(bench: Bench) -> None:
    project = await bench.add("good", "true")
    await bench.choose(project)
    first = await bench.run_to_end()
    await bench.run_to_end()
    bench.context.actions["builds.statistics"].trigger()
    page = bench.tab.statistics.page
    page.offer_projects([project])
    page.scope.setCurrentIndex(1)
    page.asked.emit()
    await until(page.trend.isVisible)
    page.trend.chosen.emit(0)
    await until(lambda: bench.presenter.build_id == first.id)
    assert bench.view.area is Area.PROJECT


async def test_without_builds_the_page_says_so(bench: Bench) -> None:
    await bench.choose(await bench.add("good", "true"))
    bench.context.actions["builds.statistics"].trigger()
    page = bench.tab.statistics.page
    await until(lambda: page.cards["total"].figure.text() == "0")
    assert page.empty.isVisible()
