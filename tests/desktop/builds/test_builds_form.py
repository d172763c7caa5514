"""The form against the real service: what is refused, said, kept and stored."""

import asyncio
from typing import Any

from PySide6.QtWidgets import QMessageBox

from core.projects.schemas import ProjectCreate, ProjectRow, ProjectType
from core.security.actors import Actor
from desktop.builds.projects.form import ProjectForm
from desktop.widgets.form import FormWindow
from tests.desktop.builds.conftest import Bench, until
from tests.desktop.builds.dialogs import answer, opened


def open_form(bench: Bench, project: ProjectRow | None = None) -> ProjectForm:
    """Open the form as the actions do."""
    action = "project.edit" if project else "project.new"
    bench.context.actions[action].trigger()
    form = bench.tab.form
    assert form is not None
    return form


def type_in(form: FormWindow, **values: Any) -> None:
    """Give fields values as the person does: one by one, each change told."""
    for name, value in values.items():
        field = form.form.field(name)
        field.set_value(value)
        field.changed.emit()


async def submitted(form: ProjectForm) -> None:
    """Press Save and wait until the service has answered."""
    form.save_button.click()
    await until(form.save_button.isEnabled, form.answered)


async def test_a_new_project_is_stored_and_chosen(bench: Bench) -> None:
    form = open_form(bench)
    type_in(form, name="api", path=str(bench.folder), command="echo hi")
    type_in(form, environment={"A": "b"}, secrets={"KEY": "hunter2-x"}, timeout_s=None)
    form.save_button.click()
    presenter = bench.presenter
    await until(lambda: presenter.project, presenter.project_chosen)
    stored = presenter.project
    assert (stored.name, stored.command) == ("api", "echo hi")
    assert (stored.environment, stored.secret_names) == ({"A": "b"}, ("KEY",))
    assert stored.timeout_s is None
    await until(lambda: bench.tab.form is None, form.finished)
    assert bench.view.header.name.text() == "api"


async def test_each_mistake_is_told_at_its_place_and_nothing_is_lost(bench: Bench) -> None:
    form = open_form(bench)
    typed = {
        "name": "",
        "path": "/nowhere/at/all",
        "command": "make",
        "timeout_s": 0,
        "environment": {"1BAD": "x"},
        "description": "kept",
    }
    type_in(form, **typed)
    form.save_button.click()
    assert form.form.error("name") == "Give the project a name."
    assert form.form.error("timeout_s").startswith("A limit is at least 1 second.")
    assert "cannot name a variable" in form.form.error("environment")
    type_in(form, name="api", timeout_s=60, environment={"GOOD": "x"})
    assert form.form.error("name") == ""
    await submitted(form)
    assert form.form.error("path") == "This folder does not exist."
    values = form.form.values()
    assert (values["name"], values["description"], values["command"]) == ("api", "kept", "make")
    assert form.isVisible()
    assert bench.presenter.projects.rowCount() == 0


async def test_a_name_that_is_taken_is_told_beside_the_name(bench: Bench) -> None:
    await bench.add("api", "true")
    form = open_form(bench)
    type_in(form, name="API", path=str(bench.folder), command="make")
    await submitted(form)
    assert form.form.error("name") == "There is a project named “API” already."


async def test_the_usual_command_follows_the_type_until_one_is_typed(bench: Bench) -> None:
    form = open_form(bench)
    command = form.form.field("command")
    type_in(form, type=ProjectType.MAKE)
    assert command.value() == "make"
    type_in(form, type=ProjectType.PYTHON)
    assert command.value() == "python3 -m unittest discover -v"
    type_in(form, command="pytest -q")
    type_in(form, type=ProjectType.NODE)
    assert command.value() == "pytest -q"
    type_in(form, command="")
    type_in(form, type=ProjectType.GRADLE)
    assert command.value() == "./gradlew build"


async def changed_by_another(bench: Bench, project: ProjectRow) -> None:
    actor = bench.context.actor
    data = ProjectCreate(name=project.name, path=project.path, command="theirs")
    await bench.context.workspace.run(
        lambda w: w.projects.update(
            actor, project_id=project.id, version=project.version, data=data
        )
    )


async def test_a_conflict_is_explained_and_mine_can_go_over_it(bench: Bench) -> None:
    project = await bench.add("api", "true")
    await bench.choose(project)
    form = open_form(bench, project)
    type_in(form, command="mine")
    await changed_by_another(bench, project)
    await submitted(form)
    assert form.conflict.isVisible()
    assert form.form.field("command").value() == "mine"
    form.conflict.mine_button.click()
    await until(lambda: bench.tab.form is None, form.finished)
    assert bench.presenter.project.command == "mine"


async def test_a_conflict_can_give_way_to_what_is_stored(bench: Bench) -> None:
    project = await bench.add("api", "true")
    await bench.choose(project)
    form = open_form(bench, project)
    type_in(form, command="mine")
    await changed_by_another(bench, project)
    await submitted(form)
    form.conflict.theirs_button.click()
    await until(lambda: form.form.field("command").value() == "theirs", form.answered)
    assert not form.conflict.isVisible()
    form.save_button.click()
    await until(lambda: bench.tab.form is None, form.finished)
    assert bench.presenter.project.command == "theirs"


async def test_an_edit_keeps_the_secrets_that_were_not_typed_anew(bench: Bench) -> None:
    secrets = {"OLD": "hunter2-x", "GONE": "hunter3-x"}
    project = await bench.add("api", "true", secrets=secrets)
    await bench.choose(project)
    form = open_form(bench, project)
    assert form.form.values()["secrets"] == {"OLD": None, "GONE": None}
    type_in(form, secrets={"OLD": None, "NEW": "hunter4-x"})
    form.save_button.click()
    await until(lambda: bench.tab.form is None, form.finished)
    found = await bench.context.workspace.run(
        lambda w: w.projects.secrets(Actor.of_the_program(), project_id=project.id)
    )
    assert found == {"OLD": "hunter2-x", "NEW": "hunter4-x"}


async def test_closing_asks_before_what_was_typed_is_lost(bench: Bench) -> None:
    form = open_form(bench)
    type_in(form, name="api")
    form.cancel_button.click()
    assert "Discard what you typed?" in await answer(form, "Go on editing")
    assert form.isVisible()
    form.cancel_button.click()
    await answer(form, "Discard")
    await until(lambda: bench.tab.form is None, form.finished)


async def test_only_one_form_is_open_at_a_time(bench: Bench) -> None:
    form = open_form(bench)
    assert open_form(bench) is form


async def test_a_form_that_saves_cannot_be_closed(bench: Bench) -> None:
    form = open_form(bench)
    type_in(form, name="api", path=str(bench.folder), command="true")
    form.save_button.click()
    assert not form.cancel_button.isEnabled()
    form.reject()
    form.close()
    form.submit()
    assert form.isVisible()
    await until(lambda: bench.tab.form is None, form.finished)
    assert bench.presenter.projects.rowCount() == 1


async def test_the_question_before_discarding_is_asked_once_and_holds_saving(
    bench: Bench,
) -> None:
    form = open_form(bench)
    type_in(form, name="api", path=str(bench.folder), command="true")
    form.reject()
    form.reject()
    await opened(form, QMessageBox)
    form.submit()
    assert form.save_button.isEnabled()
    assert len(form.findChildren(QMessageBox)) == 1
    await answer(form, "Go on editing")
    await submitted(form)
    assert bench.presenter.projects.rowCount() == 1


async def test_a_tab_that_closes_takes_a_form_that_saves_with_it(
    bench: Bench, failures: list[BaseException]
) -> None:
    await bench.add("api", "true")
    form = open_form(bench)
    type_in(form, name="api", path=str(bench.folder), command="true")
    told = asyncio.Event()
    form.destroyed.connect(told.set)
    form.save_button.click()
    bench.tab.editing.close()
    await asyncio.wait_for(told.wait(), 20)
    for task in tuple(bench.context.tasks._tasks):
        await asyncio.wait([task], timeout=30)
    await asyncio.sleep(0)
    # Its place is gone, so the refusal is told like any other.
    assert [type(error).__name__ for error in failures] == ["ValidationError"]
    failures.clear()


async def test_a_tab_that_closes_takes_the_open_question_with_it(bench: Bench) -> None:
    form = open_form(bench)
    type_in(form, name="api")
    form.reject()
    box = await opened(form, QMessageBox)
    gone = asyncio.Event()
    box.destroyed.connect(gone.set)
    bench.tab.editing.close()
    await asyncio.wait_for(gone.wait(), 20)
