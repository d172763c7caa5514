"""Copying, switching, scheduling and deleting projects, and who may."""

from dataclasses import replace
from typing import Any

import pytest

from core.projects.removal.schemas import Consequences
from core.security.actors import Role
from desktop.builds.projects.words import place_line, removal
from tests.desktop.builds.conftest import Bench, until
from tests.desktop.builds.dialogs import answer
from tests.desktop.builds.samples import a_project
from tests.desktop.test_spoken import nameless


async def test_a_copy_is_stored_and_chosen(bench: Bench) -> None:
    project = await bench.add("api", "make", tags=("x",), secrets={"KEY": "hunter2-x"})
    await bench.choose(project)
    bench.context.actions["project.duplicate"].trigger()
    form = bench.tab.project_deeds.copy_form.shown
    assert form is not None
    form.form.field("name").set_value("api")
    form.save_button.click()
    await until(form.save_button.isEnabled, form.answered)
    assert "already" in form.form.error("name")
    form.form.field("name").set_value("api 2")
    form.save_button.click()
    presenter = bench.presenter
    await until(
        lambda: presenter.project and presenter.project.name == "api 2",
        presenter.project_chosen,
        presenter.projects_changed,
    )
    assert presenter.project.tags == ("x",)
    assert presenter.project.secret_names == ("KEY",)


async def test_a_project_is_switched_off_and_on(bench: Bench) -> None:
    await bench.choose(await bench.add("api", "true"))
    action, presenter = bench.context.actions["project.active"], bench.presenter
    assert action.isChecked()
    action.trigger()
    await until(lambda: not presenter.project.active, presenter.projects_changed)
    assert not action.isChecked()
    assert "not active" in presenter.permits.run
    action.trigger()
    await until(lambda: presenter.project.active, presenter.projects_changed)
    assert action.isChecked()


async def test_a_deletion_says_what_goes_and_can_be_given_up(bench: Bench) -> None:
    await bench.choose(await bench.add("api", "true"))
    bench.context.actions["project.delete"].trigger()
    asked = await answer(bench.view, "Keep it")
    assert "It has no builds." in asked
    assert "is left as it is" in asked
    assert bench.presenter.projects.rowCount() == 1


def test_all_that_goes_is_told() -> None:
    gone = Consequences(
        builds=1234, log_bytes=5_000_000, artifacts=1, artifact_bytes=10, triggers=2, trees=0,
        tree_bytes=0,
    )  # fmt: skip
    told = removal(a_project(), gone)
    assert "1,234 builds and their logs (5.0 MB) are deleted" in told
    assert "pinned" not in told
    assert "2 of them are pinned: they go, too." in removal(
        a_project(), replace(gone, pinned=2)
    )
    assert "1 artifact (10 bytes) is deleted" in told
    assert "2 triggers go" in told
    assert "cannot" not in told
    assert "None of this can be brought back." in told
    assert "work tree" not in told
    nothing = Consequences(0, 0, 0, 0, 0, 0, 0)
    assert "brought back" not in removal(a_project(), nothing)


def test_a_project_without_a_folder_is_where_its_repository_is() -> None:
    project = a_project(path="", repository_url="https://x.org/a.git", branch="main")
    assert place_line(project) == "main · https://x.org/a.git · make"


@pytest.mark.parametrize("role", [Role.VIEWER])
async def test_who_only_looks_is_told_why_not(bench: Bench, role: Role) -> None:
    await bench.choose(await bench.add("api", "true"))
    actions = bench.context.actions
    for name in ("duplicate", "active", "delete", "edit", "new", "import", "export"):
        action = actions[f"project.{name}"]
        assert not action.isEnabled()
        assert "administrators" in action.statusTip() or "administrators" in action.toolTip()
    assert actions["project.schedule"].isEnabled()
    actions["project.schedule"].trigger()
    dialog = bench.tab.project_deeds.triggers.shown
    assert dialog is not None
    assert not dialog.add_button.isEnabled()
    dialog.add()
    assert dialog.form.shown is None


async def test_the_windows_about_projects_have_names_for_all_parts(bench: Bench) -> None:
    await bench.choose(await bench.add("api", "true"))
    bench.context.actions["project.edit"].trigger()
    form = bench.tab.form
    assert form is not None
    types: Any = form.form.field("build_types")
    steps: Any = form.form.field("before_steps")
    types.add_button.click()
    steps.add_button.click()
    assert nameless(form) == []
    bench.tab.editing.close()
    bench.context.actions["project.schedule"].trigger()
    dialog = bench.tab.project_deeds.triggers.shown
    assert dialog is not None
    assert nameless(dialog) == []
