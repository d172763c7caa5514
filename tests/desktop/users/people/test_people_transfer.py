"""People from files through the wizard, and into files through the dialog."""

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.progress import JobState
from desktop.users.people.transfer.export_dialog import CHOSEN, LISTED
from desktop.users.people.transfer.wizard import CHECK, COLUMNS, DONE, ImportWizard
from tests.desktop.users.people.conftest import Bench, person
from tests.waiting import until

_HEADER = "Login,Full name,E-Mail,Shoe size"


def table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([_HEADER, *lines]) + "\n", "utf-8")
    return path


async def opened(bench: Bench) -> ImportWizard:
    bench.action("import").trigger()
    wizard: ImportWizard = await until(lambda: bench.section.deeds.transfers.wizard)
    assert not wizard.next_button.isEnabled()
    assert wizard.next_button.toolTip() == "Choose a file first."
    return wizard


async def checked(wizard: ImportWizard) -> None:
    await until(lambda: wizard.check.report is not None and not wizard.busy)


async def test_good_rows_are_imported_and_refused_ones_reported(bench: Bench) -> None:
    path = table(
        bench.folder / "people.csv",
        "ada,Ada Lovelace,ada@example.com,38",
        "bob,Bob,broken@,44",
        "cid,Cid,cid@example.com,41",
    )
    wizard = await opened(bench)
    await wizard.take_file(path)
    columns = wizard.columns
    assert columns.mapping() == {
        "Login": "username",
        "Full name": "display_name",
        "E-Mail": "email",
    }
    columns.set_field("Login", "")
    assert columns.problem.text() == "Choose the column that holds the user names."
    assert not wizard.next_button.isEnabled()
    columns.set_field("Login", "username")
    wizard.next_button.click()
    await checked(wizard)
    assert wizard.pages.currentIndex() == CHECK
    figures = wizard.check.figures
    assert (figures["rows"], figures["created"], figures["refused"]) == ("3", "2", "1")
    refused: Any = wizard.check.table.item(0, 2)
    assert refused.text() == "broken@"
    assert not wizard.next_button.isEnabled()
    assert "All or nothing" in wizard.why.text()
    wizard.back_button.click()
    assert wizard.pages.currentIndex() == COLUMNS
    marked: Any = columns.table.item(2, 2)
    assert not marked.icon().isNull()
    wizard.next_button.click()
    mode = wizard.options.field("mode")
    mode.set_value("row_by_row")
    mode.changed.emit()
    await until(lambda: wizard.next_button.isEnabled() and not wizard.busy)
    wizard.next_button.click()
    await until(lambda: wizard.pages.currentIndex() == DONE)
    assert wizard.lead.text() == "2 people were stored."
    assert wizard.save_button.isVisible()
    report = wizard.report
    assert report is not None
    target = bench.folder / "refused.csv"
    await bench.section.deeds.transfers.calls.save_refusals(report, target)
    assert "broken@" in target.read_text("utf-8-sig")
    wizard.next_button.click()
    await bench.lists("ada", "cid")
    await until(lambda: bench.section.deeds.transfers.wizard is None)


async def test_people_who_are_there_are_updated_when_that_is_chosen(bench: Bench) -> None:
    await bench.add(person("ada"))
    await bench.lists("ada")
    path = table(bench.folder / "people.csv", "ADA,Ada King,king@example.com,1")
    wizard = await opened(bench)
    await wizard.take_file(path)
    wizard.next_button.click()
    await checked(wizard)
    assert wizard.check.figures["refused"] == "1"
    existing = wizard.options.field("existing")
    existing.set_value("update")
    existing.changed.emit()
    await until(lambda: wizard.next_button.isEnabled() and not wizard.busy)
    wizard.next_button.click()
    await until(lambda: wizard.pages.currentIndex() == DONE)
    wizard.accept()
    row = await bench.choose("ada")
    await until(lambda: bench.presenter.current.display_name == "Ada King")
    assert row.username == "ada"


async def test_a_file_without_people_is_refused_in_words(bench: Bench) -> None:
    wizard = await opened(bench)
    path = bench.folder / "nothing.json"
    path.write_text("{}", "utf-8")
    await wizard.take_file(path)
    assert wizard.columns.error.isVisible()
    assert wizard.columns.error.title.text()
    assert not wizard.next_button.isEnabled()
    wizard.reject()
    await until(lambda: bench.section.deeds.transfers.wizard is None)


async def test_the_path_of_a_file_can_be_typed(bench: Bench) -> None:
    """Seen failing with a line that had the keyboard and took no keys."""
    path = table(bench.folder / "people.csv", "ada,Ada Lovelace,ada@example.com,38")
    wizard = await opened(bench)
    line = wizard.columns.path
    QTest.keyClicks(line, f"{path}x")
    QTest.keyClick(line, Qt.Key.Key_Return)
    await until(wizard.columns.error.isVisible)
    assert not wizard.next_button.isEnabled()
    QTest.keyClick(line, Qt.Key.Key_Backspace)
    assert not wizard.columns.error.isVisible()
    QTest.keyClick(line, Qt.Key.Key_Return)
    await until(wizard.next_button.isEnabled)
    assert wizard.file == path


async def test_a_file_is_read_with_another_sign_between_cells(bench: Bench) -> None:
    path = bench.folder / "people.csv"
    path.write_text("user name;name\nada;Ada, Countess\n", "utf-8")
    wizard = await opened(bench)
    await wizard.take_file(path)
    columns = wizard.columns
    assert columns.preview is not None
    assert columns.preview.columns == ("user name", "name")
    columns.delimiter.setCurrentIndex(columns.delimiter.findData(","))
    columns.delimiter.activated.emit(0)
    await until(lambda: columns.preview and columns.preview.columns != ("user name", "name"))
    wizard.reject()


async def test_the_list_or_those_chosen_are_exported(bench: Bench) -> None:
    await bench.add(person("ada"), person("bob", email="bob@example.com"), person("cid"))
    await bench.choose("bob")
    target = bench.folder / "out.json"
    for who, names in ((CHOSEN, ["bob"]), (LISTED, ["ada", "bob", "cid"])):
        bench.action("export").trigger()
        dialog = await until(lambda: bench.section.deeds.transfers.dialog)
        dialog.accept()
        assert dialog.form.error("target") == "Choose a file to write."
        dialog.form.set_values({"who": who, "format": "json", "target": str(target)})
        for name, tick in dialog.ticks.items():
            tick.setChecked(name in ("username", "email"))
        dialog.accept()
        people = "1 person" if who == CHOSEN else "3 people"
        await bench.told(f"{people} were exported")
        written = json.loads(target.read_text("utf-8"))
        assert [one["username"] for one in written] == names
        assert set(written[0]) == {"username", "email"}
        target.unlink()


async def test_an_export_that_cannot_be_written_says_why(bench: Bench) -> None:
    await bench.add(person("ada"))
    await bench.lists("ada")
    bench.action("export").trigger()
    dialog = await until(lambda: bench.section.deeds.transfers.dialog)
    dialog.form.set_values({"target": "/there/is/no/such/folder/x.csv"})
    dialog.accept()
    assert dialog.form.error("target") == "There is no such folder."
    for tick in dialog.ticks.values():
        tick.setChecked(False)
    dialog.form.set_values({"target": str(bench.folder / "x.csv")})
    dialog.accept()
    assert dialog.form.error("") == "Choose at least one field."
    dialog.reject()


async def test_an_import_is_stopped_and_what_was_stored_stays(bench: Bench) -> None:
    """Seen failing while closing the wizard left the import running."""
    lines = (f"user{n:05},User {n},user{n}@example.com,40" for n in range(6_000))
    wizard = await opened(bench)
    await wizard.take_file(table(bench.folder / "many.csv", *lines))
    wizard.options.field("mode").set_value("row_by_row")
    wizard.next_button.click()
    await checked(wizard)
    wizard.next_button.click()
    await until(lambda: bench.presenter.model.rowCount() > 0)
    assert wizard.close_button.text() == "Stop"
    wizard.close_button.click()
    await until(lambda: not wizard.busy)
    assert wizard.isVisible()
    assert "Stopped" in wizard.lead.text()
    activity = bench.context.activity
    await until(lambda: not activity.running())
    assert activity.jobs()[0].snapshot.state is JobState.CANCELLED
    model = bench.presenter.model
    await until(lambda: model.exact and 0 < model.rowCount() < 6_000)
    wizard.close_button.click()
    await until(lambda: bench.section.deeds.transfers.wizard is None)
