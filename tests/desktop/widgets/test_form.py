"""Forms keep values, show each message at its field, and never give a secret away."""

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.form import (
    CheckField,
    ChoiceField,
    Form,
    LineField,
    NumberField,
    PathField,
    TextField,
    VariablesField,
)
from desktop.widgets.form.variables_model import HIDDEN, VariablesModel
from tests.waiting import until

_VALUES: dict[str, Any] = {
    "name": "api",
    "type": "make",
    "path": "/src/api",
    "command": "make\nmake test",
    "timeout": 90,
    "silence": None,
    "environment": {"CC": "gcc"},
    "secrets": {"TOKEN": None},
    "active": True,
}


@pytest.fixture
async def form(theme: Theme, tasks: TaskRunner, qtbot: QtBot) -> Form:
    form = Form()
    qtbot.addWidget(form)
    form.add("name", "&Name", LineField(), hint="Shown in the list.")
    form.add("type", "Type", ChoiceField([("python", "Python"), ("make", "Make")]), beside=True)
    form.add_section("What runs")
    form.add("path", "Folder", PathField(tasks, title="Choose the folder"))
    form.add("command", "Command", TextField(theme=theme))
    form.add("timeout", "Time limit", NumberField(most=1_000, none_text="No limit"))
    form.add("silence", "Silence", NumberField(most=1_000, none_text="No limit"))
    form.add("environment", "Environment", VariablesField())
    form.add("secrets", "Secrets", VariablesField(secret=True))
    form.add("active", "", CheckField("Active"))
    form.finish()
    form.show()
    return form


def _line(form: Form, name: str) -> QLineEdit:
    editor = form.field(name).editor
    assert isinstance(editor, QLineEdit)
    return editor


async def test_values_come_back_as_they_were_set(form: Form) -> None:
    told: list[str] = []
    form.changed.connect(told.append)
    form.set_values({**_VALUES, "unknown": 1})
    assert form.values() == _VALUES
    assert form.problems() == {}
    form.set_values({"timeout": None, "silence": 5})
    assert (form.values()["timeout"], form.values()["silence"]) == (None, 5)
    assert "name" not in told


async def test_a_choice_that_is_none_is_refused(form: Form) -> None:
    with pytest.raises(ValueError, match="cobol"):
        form.field("type").set_value("cobol")


async def test_messages_stand_at_their_fields_and_the_first_gets_the_focus(
    form: Form,
) -> None:
    form.activateWindow()
    form.set_errors({"path": "There is no such folder.", "name": "Taken.", "": "Not saved."})
    assert form.error("name") == "Taken."
    assert form.error("path") == "There is no such folder."
    assert form.error("") == "Not saved."
    assert form.error("command") == ""
    assert _line(form, "name").property("kind") == "invalid"
    assert _line(form, "name").accessibleDescription() == "Taken."
    assert form.field("command").editor.property("kind") != "invalid"
    await until(_line(form, "name").hasFocus)
    form.set_errors({})
    assert form.error("name") == form.error("") == ""
    assert _line(form, "name").property("kind") == ""


async def test_editing_takes_the_message_away(form: Form, qtbot: QtBot) -> None:
    told: list[str] = []
    form.changed.connect(told.append)
    form.set_errors({"name": "Taken.", "path": "Missing."})
    qtbot.keyClicks(_line(form, "name"), "x")
    assert form.error("name") == ""
    assert form.error("path") == "Missing."
    assert told == ["name"]


async def test_a_message_is_never_read_as_markup(form: Form) -> None:
    form.set_errors({"name": "<b>x</b> is taken."})
    shown = [label for label in form.findChildren(QLabel) if "<b>" in label.text()]
    assert [label.textFormat() for label in shown] == [Qt.TextFormat.PlainText]


async def test_every_editor_has_a_name_for_screen_readers(form: Form) -> None:
    names = [form.field(name).editor.accessibleName() for name in _VALUES if name != "active"]
    assert names[0] == "Name"
    assert all(names)


async def test_the_wheel_does_not_change_a_number_in_passing(form: Form) -> None:
    form.set_values({"timeout": 90})
    spin = form.field("timeout").editor
    spin.clearFocus()
    wheel = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(spin, wheel)
    assert wheel.type() == QEvent.Type.Wheel
    assert form.values()["timeout"] == 90


async def test_a_folder_can_be_chosen(form: Form, tmp_path: Any) -> None:
    field = form.field("path")
    assert isinstance(field, PathField)
    field.set_value(str(tmp_path))
    field.button.click()
    await until(lambda: bool(field.findChildren(QFileDialog)))
    dialog = field.findChildren(QFileDialog)[0]
    await until(dialog.isVisible)
    dialog.fileSelected.emit(str(tmp_path))
    dialog.accept()
    await until(lambda: not field.findChildren(QFileDialog))
    assert field.value() == str(tmp_path)


def _variables(form: Form, name: str) -> tuple[VariablesField, VariablesModel]:
    field = form.field(name)
    assert isinstance(field, VariablesField)
    model = field.table.model()
    assert isinstance(model, VariablesModel)
    return field, model


async def test_a_variable_is_added_in_the_last_row_and_removed(form: Form) -> None:
    field, model = _variables(form, "environment")
    model.setData(model.index(0, 0), " CC ")
    model.setData(model.index(0, 1), "clang")
    assert model.rowCount() == 2
    assert field.value() == {"CC": "clang"}
    field.table.setCurrentIndex(model.index(1, 0))
    assert not field.remove_button.isEnabled()
    field.table.setCurrentIndex(model.index(0, 0))
    assert field.remove_button.isEnabled()
    field.remove_button.click()
    assert field.value() == {}
    assert model.rowCount() == 1


async def test_a_variable_can_be_typed_without_the_mouse(form: Form, qtbot: QtBot) -> None:
    field, model = _variables(form, "environment")
    form.activateWindow()
    field.setFocus()
    await until(field.table.hasFocus)
    field.table.setCurrentIndex(model.index(0, 0))
    qtbot.keyClicks(field.table, "C")
    qtbot.keyClicks(_cell_editor(field), "C")
    qtbot.keyClick(_cell_editor(field), Qt.Key.Key_Tab)
    await until(lambda: field.table.currentIndex() == model.index(0, 1))
    qtbot.keyClicks(_cell_editor(field), "gcc")
    qtbot.keyClick(_cell_editor(field), Qt.Key.Key_Return)
    await until(lambda: field.value() == {"CC": "gcc"})


def _cell_editor(field: VariablesField) -> QLineEdit:
    return field.table.viewport().findChildren(QLineEdit)[-1]


async def test_a_stored_secret_is_hidden_and_kept_until_another_is_typed(form: Form) -> None:
    field, model = _variables(form, "secrets")
    field.set_value({"TOKEN": None})
    value = model.index(0, 1)
    assert value.data() == HIDDEN
    assert value.data(Qt.ItemDataRole.EditRole) == ""
    model.setData(value, "")
    assert field.value() == {"TOKEN": None}
    model.setData(value, "correct horse")
    assert value.data() == HIDDEN
    assert value.data(Qt.ItemDataRole.EditRole) == ""
    assert field.value() == {"TOKEN": "correct horse"}


async def test_a_secret_is_hidden_while_it_is_typed(form: Form) -> None:
    field, model = _variables(form, "secrets")
    field.set_value({"TOKEN": None})
    field.table.edit(model.index(0, 1))
    editor = field.table.viewport().findChildren(QLineEdit)[0]
    assert editor.echoMode() is QLineEdit.EchoMode.Password


async def test_names_given_twice_or_not_at_all_are_told(form: Form) -> None:
    _field, model = _variables(form, "environment")
    model.setData(model.index(0, 0), "CC")
    model.setData(model.index(1, 0), "CC")
    assert form.problems() == {"environment": "CC is there twice."}
    model.setData(model.index(1, 0), "")
    assert form.problems() == {"environment": "A value has no name."}


@pytest.mark.parametrize("secret", [False, True])
def test_the_model_keeps_qts_rules(qtmodeltester: ModelTester, secret: bool) -> None:
    model = VariablesModel(secret=secret)
    qtmodeltester.check(model)
    model.fill({"A": "1", "B": None, "C": ""})
    model.setData(model.index(3, 1), "value")
    model.setData(model.index(3, 0), "D")
    model.remove(0)
    model.remove(99)
    assert [v.name for v in model.variables] == ["B", "C", "D"]
