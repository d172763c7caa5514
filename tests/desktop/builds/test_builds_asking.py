"""What is asked of the core with words first: run with…, retry, note and pin."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from core.builds.schemas import BuildRequest, BuildState, TriggerKind
from core.projects.schemas import BuildType, Priority
from desktop.builds.history.model import Column
from tests.desktop.builds.conftest import Bench, until


async def test_a_build_runs_with_what_was_asked(bench: Bench) -> None:
    project = await bench.add(
        "api",
        'echo "as $KIND for $WHO"',
        build_types=(BuildType(name="release", environment={"KIND": "release"}),),
    )
    await bench.choose(project)
    bench.context.actions["build.run_with"].trigger()
    form = bench.tab.deeds.run_form.shown
    assert form is not None
    form.form.set_values(
        {"build_type": "release", "environment": {"WHO": "me"}, "priority": Priority.HIGH}
    )
    form.submit()
    await until(lambda: bench.presenter.build is not None, bench.presenter.build_chosen)
    build = await bench.ended()
    assert (build.state, build.build_type, build.priority) == (
        BuildState.SUCCESS,
        "release",
        10,
    )
    assert build.environment == {"KIND": "release", "WHO": "me"}
    assert bench.tab.deeds.run_form.shown is None


async def test_a_wrong_branch_is_told_beside_its_field(bench: Bench) -> None:
    project = await bench.add("api", "true", repository_url="https://example.org/a.git")
    await bench.choose(project)
    bench.tab.deeds.run_with()
    form = bench.tab.deeds.run_form.shown
    assert form is not None
    # Who begins to type, types into the first field.
    assert form.focusWidget() is form.form.field("branch").focusProxy()
    form.form.set_values({"branch": "-x"})
    form.submit()
    assert "cannot be the name" in form.form.error("branch")
    form.reject()


async def test_a_build_is_tried_again(bench: Bench) -> None:
    await bench.choose(await bench.add("api", "false"))
    first = await bench.run_to_end()
    assert not bench.view.details.cancel_button.isVisible()
    bench.view.details.retry_button.click()
    second = await bench.ended(first.id)
    assert second.retry_of == first.id
    assert (second.trigger, second.attempt) == (TriggerKind.RETRY, 2)


async def test_other_ways_to_run_are_beside_the_button(bench: Bench, qtbot: QtBot) -> None:
    await bench.choose(await bench.add("api", "true"))
    more = bench.view.header.more_button
    qtbot.keyClick(more, Qt.Key.Key_Down)
    menu = bench.view.header.findChild(QMenu)
    assert menu.isVisible()
    words = [action.objectName() for action in menu.actions() if action.isEnabled()]
    assert words == ["build.run_with"]
    menu.close()


async def test_the_type_has_a_column_where_a_build_has_one(bench: Bench) -> None:
    project = await bench.add("api", "true", build_types=(BuildType(name="debug"),))
    await bench.choose(project)
    await bench.run_to_end()
    table = bench.view.table
    assert table.isColumnHidden(Column.TYPE)
    first = bench.presenter.build
    await bench.presenter.run_build(project.id, BuildRequest(build_type="debug"))
    await bench.ended(first.id)
    assert not table.isColumnHidden(Column.TYPE)
    assert table.model().index(0, Column.TYPE).data() == "debug"


async def test_a_note_and_a_pin_stay_with_a_build(bench: Bench) -> None:
    await bench.choose(await bench.add("api", "true"))
    await bench.run_to_end()
    bench.tab.deeds.note()
    form = bench.tab.deeds.note_form.shown
    assert form is not None
    form.form.set_values({"note": "released as 1.0"})
    form.submit()
    await until(
        lambda: bench.presenter.build and bench.presenter.build.note,
        bench.presenter.build_changed,
    )
    pin = bench.context.actions["build.pin"]
    assert not pin.isChecked()
    await bench.tab.deeds.pin()
    assert pin.isChecked()
    build = bench.presenter.build
    assert build is not None
    assert build.pinned
    tip = bench.presenter.builds.index(0, Column.NUMBER).data(3)
    assert "released as 1.0" in tip
    assert "Pinned" in tip
