"""What is done with people: bin and undo, many at once with cancel, passwords, roles."""

from typing import Any

import pytest
from PySide6.QtWidgets import QDialog, QMessageBox

from core.progress import JobChanged
from core.security.actors import Role
from desktop.notifications import Kind
from desktop.users.people import words
from desktop.users.people.bulk import BulkReportDialog
from desktop.users.people.dialogs import EraseDialog, PasswordDialog, ValueDialog
from tests.desktop.users.people.conftest import Bench, person
from tests.waiting import until


async def answer(bench: Bench, text: str) -> str:
    """Press a button on the question that is open, and return the question."""

    def box() -> QMessageBox | None:
        shown = bench.view.findChildren(QMessageBox)
        return next((one for one in shown if one.isVisible()), None)

    found = await until(box)
    question = f"{found.text()}\n{found.informativeText()}"
    next(one for one in found.buttons() if one.text() == text).click()
    return question


async def dialog(bench: Bench, kind: type[QDialog]) -> Any:
    """Wait for a dialog of a kind."""

    def shown() -> QDialog | None:
        found = bench.section.deeds.dialog
        return found if isinstance(found, kind) else None

    return await until(shown)


async def test_delete_is_undone_by_the_button_of_the_notification(bench: Bench) -> None:
    await bench.add(person("ada"), person("bob"))
    await bench.choose("bob")
    bench.action("delete").trigger()
    await bench.lists("ada")
    told = await bench.told("“bob” lies in the bin now.")
    (undo,) = told.choices
    assert undo.text == "Undo"
    undo.handler()
    await bench.lists("ada", "bob")


async def test_from_the_bin_one_is_restored_or_erased_by_name(bench: Bench) -> None:
    ids = await bench.add(person("ada"), person("bob"), person("cid"))
    await bench.asked(lambda w, actor: w.users.delete(actor, user_id=ids[1]))
    await bench.asked(lambda w, actor: w.users.delete(actor, user_id=ids[2]))
    bench.view.segments.buttons["bin"].click()
    await bench.lists("bob", "cid")
    await bench.choose("bob")
    assert not bench.action("edit").isEnabled()
    assert "Restore them first" in bench.action("edit").toolTip()
    bench.action("erase").trigger()
    asked = await dialog(bench, EraseDialog)
    assert "the user name, at the builds they asked" in asked.text.text()
    assert not asked.action_button.isEnabled()
    asked.line.setText("bo")
    assert not asked.action_button.isEnabled()
    asked.line.setText("bob")
    asked.action_button.click()
    await bench.lists("cid")
    await bench.choose("cid")
    bench.action("restore").trigger()
    await until(lambda: bench.shown == [])
    bench.view.segments.buttons["all"].click()
    await bench.lists("ada", "cid")


async def test_many_get_a_role_and_the_left_out_are_listed(bench: Bench) -> None:
    """The last administrator who can sign in keeps the role, and the report says why."""
    await bench.add(
        person("ada", role="administrator", password="seven lamps sing at noon 4"),
        person("bob"),
        person("cid", role="operator"),
    )
    await bench.lists("ada", "bob", "cid")
    bench.action("select_all").trigger()
    await until(lambda: bench.presenter.choice.count == 3)
    bench.action("set_role").trigger()
    asked = await dialog(bench, ValueDialog)
    asked.form.field("value").set_value(Role.OPERATOR)
    asked.accept()
    told = await bench.told("1 person was changed.")
    assert told.kind is Kind.WARNING
    assert told.detail == "1 was so already. 1 was left out."
    told.choices[0].handler()
    report = await dialog(bench, BulkReportDialog)
    assert report.table.rowCount() == 1
    assert report.table.item(0, 0).text() == "ada"
    assert "last active administrator" in report.table.item(0, 1).text()
    report.accept()


async def test_tags_are_added_and_taken_from_those_chosen(bench: Bench) -> None:
    await bench.add(person("ada"), person("bob", tags=("old",)))
    await bench.choose("bob")
    bench.action("add_tag").trigger()
    asked = await dialog(bench, ValueDialog)
    asked.accept()
    assert asked.form.error("value") == "This is needed."
    asked.form.field("value").set_value(("night", "core"))
    asked.accept()
    await until(lambda: bench.presenter.current.tags == ("old", "night", "core"))
    bench.action("remove_tag").trigger()
    asked = await dialog(bench, ValueDialog)
    asked.form.field("value").set_value(("old",))
    asked.accept()
    await until(lambda: bench.presenter.current.tags == ("night", "core"))


async def test_a_change_of_many_is_a_job_that_can_be_cancelled(bench: Bench) -> None:
    """Those changed before the cancel stay changed, and the window says so."""
    await bench.add(*(person(f"user{n:05}") for n in range(4_000)))
    await until(lambda: bench.presenter.model.rowCount() == 4_000)
    jobs: list[Any] = []

    def cancel(event: object) -> None:
        if isinstance(event, JobChanged) and event.job.title.startswith("Deactivating"):
            if not jobs and (event.job.fraction or 0) > 0:
                bench.context.activity.cancel(event.job.id)
            if (event.job.fraction or 0) > 0:
                jobs.append(event.job)

    bench.core.happened.connect(cancel)
    bench.action("select_all").trigger()
    bench.action("deactivate").trigger()
    told = await bench.told("Deactivating 4,000 people was cancelled.")
    bench.core.happened.disconnect(cancel)
    assert told.detail == "Those who were changed before stay as they are now."
    assert jobs[0].cancellable
    bench.view.segments.buttons["deactivated"].click()
    model = bench.presenter.model
    await until(lambda: model.exact and 0 < model.rowCount() < 4_000)


async def test_everybody_but_one_is_deleted_after_asking_and_restored(bench: Bench) -> None:
    await bench.add(person("ada"), person("bob"), person("cid"))
    await bench.lists("ada", "bob", "cid")
    bench.action("select_all").trigger()
    selection = bench.table.selectionModel()
    flags = selection.SelectionFlag
    bench.table._clears = False
    selection.select(bench.presenter.model.index(1, 0), flags.Deselect | flags.Rows)
    await until(lambda: bench.presenter.choice.count == 2)
    bench.action("delete").trigger()
    question = await answer(bench, "Delete")
    assert question.startswith("Delete 2 people?")
    told = await bench.told("2 people were changed.")
    await bench.lists("bob")
    undo = next(one for one in told.choices if one.text == "Undo")
    undo.handler()
    await bench.lists("ada", "bob", "cid")


async def test_a_password_is_reset_and_shown_once(bench: Bench) -> None:
    await bench.add(person("bob"))
    await bench.choose("bob")
    bench.action("reset_password").trigger()
    assert "Their sessions end now" in await answer(bench, "Reset password")
    shown = await dialog(bench, PasswordDialog)
    assert shown.line.text()
    shown.accept()
    await until(lambda: bench.presenter.current.has_password)
    assert "without a second factor" in bench.action("reset_second_factor").toolTip()


async def test_the_history_tells_in_words_what_happened(bench: Bench) -> None:
    (user_id,) = await bench.add(person("bob", tags=("old",)))
    row = await bench.choose("bob")
    details = bench.section.details
    details.bar.setCurrentIndex(1)
    await until(lambda: details.history.texts == ["Created"])
    bench.action("set_role").trigger()
    asked = await dialog(bench, ValueDialog)
    asked.form.field("value").set_value(Role.OPERATOR)
    asked.accept()
    await until(lambda: len(details.history.texts) == 2)
    assert details.history.texts[0] == "Role changed from viewer to operator"
    bench.action("deactivate").trigger()
    await until(lambda: len(details.history.texts) == 3)
    assert details.history.texts[0] == "Deactivated"
    assert row.id == user_id
    assert bench.presenter.permits.deactivate == "They are deactivated already."


async def test_roles_in_projects_are_given_and_taken(bench: Bench) -> None:
    from core.projects.schemas import ProjectCreate

    await bench.add(person("bob"))
    data = ProjectCreate(name="api", command="true", path=str(bench.folder))
    await bench.asked(lambda w, actor: w.projects.create(actor, data=data))
    await bench.choose("bob")
    page = bench.section.details.projects
    bench.section.details.bar.setCurrentIndex(2)
    await until(page.adder.isVisible)
    assert page.said.text() == "No roles in single projects: viewer in all of them."
    page.give_button.click()
    await until(lambda: [role.project for role in page.roles] == ["api"])
    assert page.roles[0].role is Role.OPERATOR
    page._revoke(page.roles[0])
    await until(lambda: not page.roles)


async def test_sessions_of_others_are_shown_and_ended(bench: Bench) -> None:
    from core.security.actors import Origin

    secret = "seven lamps sing at noon 4"  # of this test alone
    await bench.add(person("bob", password=secret, must_change_password=False))

    async def sign_in(workspace: Any, _actor: Any) -> None:
        for device in ("laptop", "tower"):
            await workspace.sign_in.sign_in("bob", secret, origin=Origin.SCRIPT, device=device)

    await bench.asked(sign_in)
    await bench.choose("bob")
    page = bench.section.details.sessions
    bench.section.details.bar.setCurrentIndex(3)
    await until(lambda: {row.device for row in page.rows} == {"laptop", "tower"})
    assert page.end_all_button.isVisible()
    page.end_all_button.click()
    await until(lambda: page.said.text() == "Signed in nowhere.")


@pytest.mark.parametrize("role", [Role.OPERATOR])
async def test_an_operator_cannot_do_what_only_looks_possible(bench: Bench) -> None:
    """The handlers ask again: a trigger from elsewhere changes nothing."""
    await bench.add(person("bob"))
    await bench.choose("bob")
    await bench.section.deeds.do_delete()
    await bench.section.deeds.do_set_role()
    assert bench.shown == ["bob"]
    assert bench.section.deeds.dialog is None
    assert words.people(2) == "2 people"
