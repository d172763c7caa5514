"""What is asked of the core with words first: run with…, retry, note and pin."""

from core.builds.schemas import BuildState, TriggerKind
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
    assert bench.context.actions["build.retry"].isEnabled()
    await bench.tab.deeds.retry()
    second = await bench.ended(first.id)
    assert second.retry_of == first.id
    assert (second.trigger, second.attempt) == (TriggerKind.RETRY, 2)


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
