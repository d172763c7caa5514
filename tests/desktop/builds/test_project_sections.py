"""The sections of the form: what is suggested, what is refused where, what is stored."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.projects.schemas import (
    BuildType,
    Checkout,
    Priority,
    ProjectCreate,
    ProjectType,
)
from desktop.builds.projects.build_types import BuildTypesField
from desktop.builds.projects.form import ProjectForm
from desktop.builds.projects.form_input import Source
from tests.desktop.builds.conftest import Bench, until
from tests.desktop.builds.test_builds_form import open_form, submitted, type_in

_EVERYTHING: dict[str, Any] = {
    "description": "all of it",
    "type": ProjectType.PYTHON,
    "tags": ("backend", "nightly"),
    "repository_url": "https://example.com/api.git",
    "branch": "main",
    "checkout": Checkout.OWN_TREE,
    "build_types": (
        BuildType(name="debug", environment={"A": "1"}),
        BuildType(name="release", command="make release"),
    ),
    "before_steps": ("npm ci", "first\nsecond"),
    "after_steps": ("docker compose down",),
    "artifact_patterns": ("dist/*.whl", "**/*.log"),
    "environment": {"CI": "1"},
    "secrets": {"TOKEN": "hunter2-x"},
    "timeout_s": 5400,
    "silence_timeout_s": 61,
    "grace_s": 0,
    "terminal": True,
    "priority": Priority.HIGH,
    "parallel": 3,
    "newest_replaces": True,
    "retry_limit": 2,
    "retry_exit_codes": (75, 137),
    "leave_processes": True,
    "nice": 5,
}


def make_clone(folder: Path) -> None:
    """Make a work tree of a folder that says where it is from."""
    for command in ("git init -qb develop", "git remote add origin https://x.org/z.git"):
        subprocess.run(command.split(), cwd=folder, check=True)


async def looked(form: ProjectForm, folder: Path) -> None:
    """Type a folder and wait until it was looked into."""
    type_in(form, path=str(folder))
    await form.suggestions.look(str(folder))


async def test_a_stored_project_that_is_saved_again_is_the_same(bench: Bench) -> None:
    """Mutant: steps read line by line made two of the one that has two lines."""
    project = await bench.add("api", "make", **_EVERYTHING)
    await bench.choose(project)
    form = open_form(bench, project)
    form.save_button.click()
    await until(lambda: bench.tab.form is None, form.finished)
    stored = await bench.presenter.calls.stored(project.id)
    kept = {"version": project.version, "updated_at": project.updated_at}
    assert replace(stored, **kept) == project
    assert stored.version == project.version + 1


async def test_every_field_of_a_project_has_a_place(bench: Bench) -> None:
    form = open_form(bench)
    names = set(form.form.values())
    assert ProjectCreate.model_fields.keys() - names == {"checkout"}
    assert names - ProjectCreate.model_fields.keys() == {"source"}


async def test_a_folder_suggests_what_nobody_typed(bench: Bench) -> None:
    code = bench.folder / "zlib"
    code.mkdir()
    (code / "CMakeLists.txt").write_text("project(z C)\n")
    make_clone(code)
    form = open_form(bench)
    await looked(form, code)
    values = form.form.values()
    assert (values["name"], values["type"]) == ("zlib", ProjectType.CMAKE)
    assert values["command"].startswith("cmake -S .")
    assert (values["repository_url"], values["branch"]) == ("https://x.org/z.git", "develop")
    assert "a project of the type CMake" in form.found.text()
    assert "on “develop”" in form.found.text()
    await submitted_and_gone(bench, form)
    stored = bench.presenter.project
    assert stored.name == "zlib"
    # What is suggested changes nothing: the folder is built as it stands.
    assert (stored.repository_url, stored.branch) == ("", "")


async def test_what_a_folder_fills_is_wrong_no_more(bench: Bench) -> None:
    """Seen to fail: "Give the project a name" stood under the name that had been filled."""
    (bench.folder / "Makefile").write_text("all:\n")
    form = open_form(bench)
    form.submit()
    assert form.form.error("name")
    assert form.form.error("command")
    await looked(form, bench.folder)
    assert (form.form.error("name"), form.form.error("command")) == ("", "")


async def submitted_and_gone(bench: Bench, form: ProjectForm) -> None:
    form.save_button.click()
    presenter = bench.presenter
    await until(lambda: presenter.project, presenter.project_chosen)
    await until(lambda: bench.tab.form is None, form.finished)


async def test_a_folder_never_overwrites_what_was_typed(bench: Bench) -> None:
    """Mutant: filling every field put the folder's name over the one that was typed."""
    (bench.folder / "package.json").write_text('{"scripts": {"build": "x"}}')
    form = open_form(bench)
    type_in(form, name="mine", command="my own")
    await looked(form, bench.folder)
    values = form.form.values()
    assert (values["name"], values["command"]) == ("mine", "my own")
    assert values["type"] == ProjectType.NODE


async def test_an_empty_folder_and_none_at_all_are_told(bench: Bench) -> None:
    form = open_form(bench)
    await looked(form, bench.folder)
    assert "Nothing that Buildbench knows" in form.found.text()
    await looked(form, bench.folder / "gone")
    assert form.found.text()
    assert "Nothing that Buildbench knows" not in form.found.text()


async def test_a_repository_is_needed_where_a_commit_is_built(bench: Bench) -> None:
    form = open_form(bench)
    assert not form.form.field("repository_url").isEnabled()
    type_in(form, name="api", path=str(bench.folder), command="true")
    type_in(form, source=Source.IN_FOLDER)
    assert form.form.field("repository_url").isEnabled()
    form.save_button.click()
    assert "address of the repository" in form.form.error("repository_url")
    assert form.sectioned.sections.currentItem().text() == "Source"
    type_in(form, repository_url="https://ada:geheim@example.com/a.git")
    form.save_button.click()
    assert "Leave the password out" in form.form.error("repository_url")
    type_in(form, repository_url="https://example.com/a.git", source=Source.OWN_TREE, path="")
    await submitted_and_gone(bench, form)
    stored = bench.presenter.project
    assert (stored.checkout, stored.path) == (Checkout.OWN_TREE, "")


async def test_a_section_with_a_mistake_is_marked_and_shown(bench: Bench) -> None:
    form = open_form(bench)
    type_in(form, name="api", path=str(bench.folder), command="true", retry_exit_codes=(1,))
    codes: Any = form.form.field("retry_exit_codes")
    codes.editor.setText("1, x")
    form.save_button.click()
    assert form.form.error("retry_exit_codes").startswith("“x” is no exit code")
    item = form.sectioned.sections.currentItem()
    assert item.text() == "Queue and retries"
    role = 11  # Qt.ItemDataRole.AccessibleTextRole
    assert "something is wrong" in item.data(role)
    type_in(form, retry_exit_codes=(75,))
    assert item.data(role) == item.text()
    await submitted_and_gone(bench, form)
    assert bench.presenter.project.retry_exit_codes == (75,)


async def test_build_types_are_added_judged_and_removed(bench: Bench) -> None:
    form = open_form(bench)
    type_in(form, name="api", path=str(bench.folder), command="true")
    types = form.form.field("build_types")
    assert isinstance(types, BuildTypesField)
    types.add_button.click()
    types.add_button.click()
    types.cards[0].form.field("name").set_value("debug")
    form.save_button.click()
    assert form.form.error("build_types") == "Build type 2: Give the build type a name."
    assert types.cards[1].form.error("name") == "Give the build type a name."
    types.cards[1].form.field("name").set_value("DEBUG")
    form.save_button.click()
    assert form.form.error("build_types") == "Two build types have the same name."
    types.cards[1].remove_button.click()
    assert len(types.cards) == 1
    await submitted_and_gone(bench, form)
    assert [one.name for one in bench.presenter.project.build_types] == ["debug"]


async def test_the_usual_patterns_of_a_type_are_offered(bench: Bench) -> None:
    form = open_form(bench)
    type_in(form, type=ProjectType.PYTHON, artifact_patterns=("own.txt",))
    patterns: Any = form.form.field("artifact_patterns")
    assert "dist/*.whl" in patterns.usual_button.text()
    patterns.usual_button.click()
    assert patterns.value() == ("own.txt", "dist/*.whl", "dist/*.tar.gz")
    assert patterns.usual_button.isHidden()
    type_in(form, type=ProjectType.MAKE)
    assert patterns.usual_button.isHidden()


async def test_what_the_service_refuses_is_told_in_its_section(bench: Bench) -> None:
    await bench.add("api", "true")
    form = open_form(bench)
    type_in(form, name="API", path=str(bench.folder), command="make")
    form.sectioned.turn_to("secrets")
    await submitted(form)
    assert form.form.error("name") == "There is a project named “API” already."
    assert form.sectioned.sections.currentRow() == 0


async def test_a_folder_that_is_wrong_is_told_once(bench: Bench) -> None:
    """Seen failing: the same sentence stood below the field twice."""
    form = open_form(bench)
    type_in(form, name="api", command="true", path="somewhere")
    await form.suggestions.look("somewhere")
    assert form.found.isVisible()
    await submitted(form)
    assert "Give the whole path" in form.form.error("path")
    assert not form.found.isVisible()
    await form.suggestions.look("somewhere")
    assert not form.found.isVisible()
