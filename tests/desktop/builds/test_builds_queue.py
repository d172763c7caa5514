"""The queue of all projects: shown, arranged, paused, and refused where it may not be."""

import pytest
from PySide6.QtCore import Qt

from core.builds.schemas import BuildState
from core.projects.schemas import Priority
from core.security.actors import Role
from desktop.builds.areas import Area
from desktop.builds.history.model import Column as BuildColumn
from desktop.builds.queue.model import Column
from tests.desktop.builds.conftest import Bench
from tests.waiting import until


def _names(bench: Bench) -> list[str]:
    model = bench.tab.queue.model
    return [str(model.index(row, Column.BUILD).data()) for row in range(model.rowCount())]


async def _paused_with(bench: Bench, *names: str) -> None:
    """Queue a build of each of new projects, while none starts."""
    await bench.tab.queue.pause()
    for name in names:
        await bench.choose(await bench.add(name, "true"))
        await bench.tab.deeds.run()
    bench.context.actions["builds.queue"].trigger()
    await until(lambda: bench.tab.queue.model.rowCount() == len(names))


async def test_waiting_builds_are_moved_and_then_run(bench: Bench) -> None:
    await _paused_with(bench, "a", "b", "c")
    section = bench.tab.queue
    assert bench.view.area is Area.QUEUE
    assert _names(bench) == ["a #1", "b #1", "c #1"]
    assert "paused" in section.page.told.text()
    assert section.page.pause_button.text() == "Resume"
    assert bench.view.areas.queue.text() == "Queue · paused, 3 waiting"
    section.page.choose(section.model.rows[2].id)
    await section.move_up()
    assert _names(bench) == ["a #1", "c #1", "b #1"]
    await section.move_first()
    assert _names(bench) == ["c #1", "a #1", "b #1"]
    await section.move_down()
    assert _names(bench) == ["a #1", "c #1", "b #1"]
    section.page.choose(section.model.rows[2].id)
    await section.raise_priority()
    assert _names(bench) == ["b #1", "a #1", "c #1"]
    assert section.model.rows[0].priority == Priority.HIGH
    await section.cancel()
    assert _names(bench) == ["a #1", "c #1"]
    await section.pause()
    await until(lambda: section.model.rowCount() == 0)
    assert section.page.empty.isVisible()
    assert bench.view.areas.queue.text() == "Queue"


async def test_a_build_that_waits_for_a_paused_queue_says_so_and_resumes_it(
    bench: Bench,
) -> None:
    """Seen failing: it said that it waits for its turn, which never came."""
    await _paused_with(bench, "a")
    bench.tab.show_build(bench.tab.queue.model.rows[0])
    builds, details = bench.presenter.builds, bench.view.details
    trend = builds.index(0, BuildColumn.TREND)
    await until(lambda: trend.data() == "queue is paused")
    assert "the queue is paused" in trend.data(Qt.ItemDataRole.ToolTipRole)
    assert "the queue is paused" in bench.view.facts.text("outcome")
    assert details.why.isVisible()
    details.resume_button.click()
    await until(lambda: bench.presenter.build.state.finished)
    assert not details.why.isVisible()
    assert bench.view.facts.text("outcome") == "Successful."


async def test_a_build_of_the_queue_leads_to_its_project(bench: Bench) -> None:
    await _paused_with(bench, "a", "b")
    section = bench.tab.queue
    section.page.choose(section.model.rows[0].id)
    wanted = section.model.rows[0]
    section.show()
    await until(lambda: bench.presenter.build_id == wanted.id)
    assert bench.view.area is Area.PROJECT
    assert bench.presenter.build is not None
    assert bench.presenter.build.state is BuildState.PENDING


@pytest.mark.parametrize("role", [Role.VIEWER])
async def test_who_may_only_look_is_told_why(bench: Bench) -> None:
    await bench.tab.queue.refresh()
    action = bench.context.actions["queue.pause"]
    assert not action.isEnabled()
    assert "operators" in action.toolTip()
