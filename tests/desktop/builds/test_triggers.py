"""What starts builds by itself: told in words, added, switched, removed, against the core."""

from typing import Any

import pytest

from core.projects.schemas import BuildType, ProjectRow
from core.triggers.schemas import TriggerCreate, TriggerRow, TriggerType
from desktop.builds.triggers import words
from desktop.builds.triggers.dialog import TriggersDialog
from desktop.builds.triggers.form import TriggerForm
from desktop.builds.triggers.form_input import data_of, presets, read
from tests.desktop.builds.conftest import Bench, until
from tests.desktop.builds.dialogs import answer
from tests.desktop.builds.samples import NOW
from tests.desktop.builds.test_builds_form import type_in


def a_trigger(kind: TriggerType = TriggerType.SCHEDULE, **values: Any) -> TriggerRow:
    defaults: dict[str, Any] = {
        "id": 1, "uid": "u", "version": 1, "project_id": 7, "project": "api", "kind": kind,
        "enabled": True, "expression": "0 6 * * *", "interval_s": None,
        "source_project_id": None, "source_project": "", "branch": "", "build_type": "",
        "next_at": NOW, "checked_at": None, "fired_at": None, "seen": "", "error": "",
        "created_by": "ada", "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return TriggerRow(**{**defaults, **values})


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("* * * * *", "Every minute"),
        ("*/15 * * * *", "Every 15 minutes"),
        ("5 * * * *", "Every hour at :05"),
        ("30 6 * * *", "Every day at 06:30"),
        ("0 6 * * 1-5", "Monday to Friday at 06:00"),
        ("0 6 * * MON-FRI", "Monday to Friday at 06:00"),
        ("0 3 * * 0", "Every Sunday at 03:00"),
        ("0 3 * * sat", "Every Saturday at 03:00"),
        ("0 3 1 * *", "On day 1 of each month at 03:00"),
        ("0 3 1 1 *", "By the schedule “0 3 1 1 *”"),
        ("0 3 1 * 1", "By the schedule “0 3 1 * 1”"),
        ("0,30 3 * * *", "By the schedule “0,30 3 * * *”"),
        ("nonsense", "By the schedule “nonsense”"),
    ],
)
def test_a_schedule_is_told_in_words_only_where_they_say_all(
    expression: str, told: str
) -> None:
    assert words.schedule_words(expression) == told


def test_each_kind_says_what_it_waits_for() -> None:
    commits = a_trigger(TriggerType.COMMITS, interval_s=300, branch="main")
    assert words.when(commits) == "New commits on “main”, looked for every 5 minutes"
    assert words.what_next(commits).startswith("Looks again ")
    after = a_trigger(TriggerType.AFTER_PROJECT, source_project="lib", branch="x")
    assert words.when(after) == "After each success of “lib”"
    assert words.with_what(after) == "branch x"
    assert words.what_next(a_trigger(enabled=False)) == "Switched off"
    assert words.what_was(a_trigger()) == "has started no build yet"
    assert words.interval_words(7200) == "every 2 hours"
    assert words.interval_words(90) == "every 90 seconds"


def test_only_what_belongs_to_the_kind_is_read() -> None:
    values = {
        "kind": TriggerType.COMMITS, "enabled": True, "branch": "", "build_type": "",
        "expression": "", "interval_s": 60, "source_project_id": 0,
    }  # fmt: skip
    data, problems = read(values)
    assert problems == {}
    assert data is not None
    assert data.interval_s == 60
    assert read({**values, "interval_s": 3})[1] == {
        "interval_s": "At least 10 seconds are needed."
    }
    assert read({**values, "kind": TriggerType.SCHEDULE})[1] == {
        "expression": "This is needed."
    }
    assert "source_project_id" in read({**values, "kind": TriggerType.AFTER_PROJECT})[1]
    row = a_trigger(TriggerType.COMMITS, interval_s=60)
    assert data_of(row, enabled=False).enabled is False


async def opened(bench: Bench, project: ProjectRow) -> TriggersDialog:
    """Open the triggers of a project and wait until they are shown."""
    await bench.choose(project)
    bench.context.actions["project.schedule"].trigger()
    dialog = bench.tab.project_deeds.triggers.shown
    assert dialog is not None
    await until(lambda: dialog.pages.currentIndex() > 0, dialog.shown)
    return dialog


def open_form(dialog: TriggersDialog) -> TriggerForm:
    dialog.add()
    form = dialog.form.shown
    assert form is not None
    return form


async def saved(dialog: TriggersDialog, form: TriggerForm, cards: int) -> None:
    """Press the button that stores, and wait until so many triggers are listed."""
    form.save_button.click()
    await until(lambda: len(dialog.cards) == cards, dialog.shown)


async def test_a_schedule_is_added_switched_and_removed(bench: Bench) -> None:
    project = await bench.add("api", "true", build_types=(BuildType(name="release"),))
    dialog = await opened(bench, project)
    assert dialog.pages.currentWidget() is dialog.empty
    assert dialog.focusWidget() is dialog.empty.button
    form = open_form(dialog)
    type_in(form, preset="0 3 * * *", build_type="release")
    assert form.form.field("expression").value() == "0 3 * * *"
    await saved(dialog, form, 1)
    assert dialog.focusWidget() is dialog.add_button
    card = dialog.cards[0]
    assert (card.trigger.expression, card.trigger.build_type) == ("0 3 * * *", "release")
    assert card.switch.isChecked()
    card.switch.click()
    await until(lambda: not dialog.cards[0].trigger.enabled, dialog.shown)
    dialog.cards[0].remove_button.click()
    asked = await answer(dialog, "Remove trigger")
    assert "Builds that it started stay." in asked
    await until(lambda: not dialog.cards, dialog.shown)
    assert dialog.pages.currentWidget() is dialog.empty


async def test_the_next_times_follow_what_is_typed(bench: Bench) -> None:
    form = open_form(await opened(bench, await bench.add("api", "true")))
    await form.preview()
    assert form.note.text().startswith("Monday to Friday at 06:00. The next times:")
    assert form.note.text().count("•") == 5
    type_in(form, expression="61 * * * *")
    assert form.form.field("preset").value() == ""
    await form.preview()
    assert "bad minute" in form.note.text()
    assert form.note.property("kind") == "error"
    type_in(form, expression="0  3 * * *")
    assert form.form.field("preset").value() in presets()
    await form.preview()
    assert form.note.text().startswith("Every day at 03:00")


async def test_what_cannot_start_anything_is_told(bench: Bench) -> None:
    dialog = await opened(bench, await bench.add("api", "true"))
    form = open_form(dialog)
    type_in(form, kind=TriggerType.COMMITS)
    assert "has no repository" in form.note.text()
    form.save_button.click()
    await until(form.save_button.isEnabled, form.answered)
    await until(lambda: form.form.error("kind"), form.answered)
    type_in(form, kind=TriggerType.AFTER_PROJECT)
    assert "no other project" in form.note.text()
    form.save_button.click()
    assert "Choose the project" in form.form.error("source_project_id")


async def test_a_project_follows_another_and_edits_keep_the_choice(bench: Bench) -> None:
    lib = await bench.add("lib", "true")
    dialog = await opened(bench, await bench.add("api", "true"))
    form = open_form(dialog)
    type_in(form, kind=TriggerType.AFTER_PROJECT, source_project_id=lib.id)
    await saved(dialog, form, 1)
    dialog.cards[0].edit_button.click()
    again = dialog.form.shown
    assert again is not None
    assert again.form.field("source_project_id").value() == lib.id
    type_in(again, enabled=False)
    again.save_button.click()
    await until(lambda: not dialog.cards[0].trigger.enabled, dialog.shown)


async def test_what_somebody_else_changed_is_told_and_shown(bench: Bench) -> None:
    project = await bench.add("api", "true")
    dialog = await opened(bench, project)
    await saved(dialog, open_form(dialog), 1)
    stale = dialog.cards[0].trigger
    theirs = TriggerCreate(kind=TriggerType.SCHEDULE, expression="0 1 * * *")
    await dialog.calls.save(stale, theirs)
    await dialog._switch(stale, False)
    assert "changed in the meantime" in dialog.error.title.text()
    await until(lambda: dialog.cards[0].trigger.expression == "0 1 * * *", dialog.shown)
    assert dialog.cards[0].trigger.enabled
