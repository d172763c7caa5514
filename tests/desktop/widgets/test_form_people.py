"""The editors of people's data keep typed values and say what is wrong beside them."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from core.database.fields.addresses import Address, AddressKind
from core.database.fields.money import Money
from desktop.theme import Role, Theme
from desktop.widgets.form import (
    AddressField,
    EmailField,
    Field,
    Form,
    MoneyField,
    PasswordField,
    PhoneField,
    SwitchField,
    TagsField,
)
from tests.waiting import until

_HOME = Address(AddressKind.HOME, "Unter den Linden 5", "", "10117", "Berlin", "", "DE")


@dataclass(frozen=True)
class _Report:
    score: int
    valid: bool
    issues: tuple[str, ...]


def _judge(password: str) -> _Report:
    score = min(len(password) // 4, 4)
    return _Report(score, score >= 3, () if score >= 3 else ("Add another word.",))


@pytest.fixture
def show(qtbot: QtBot) -> Callable[[Field], Any]:
    def put(field: Field) -> Any:
        qtbot.addWidget(field)
        field.resize(500, 200)
        field.show()
        field.activateWindow()
        field.setFocus()
        return field

    return put


def _line(field: Field) -> QLineEdit:
    assert isinstance(field.editor, QLineEdit)
    return field.editor


def test_values_come_back_as_they_were_set(theme: Theme, qtbot: QtBot) -> None:
    form = Form()
    qtbot.addWidget(form)
    values: dict[str, Any] = {
        "email": "ada@example.com",
        "phone": "+86 138 0013 8000",
        "budget": Money(Decimal("1234.50"), "EUR"),
        "tags": ("backend", "release manager"),
        "address": _HOME,
        "password": "correct horse battery",
        "active": True,
    }
    fields: dict[str, Field] = {
        "email": EmailField(),
        "phone": PhoneField("CN"),
        "budget": MoneyField(),
        "tags": TagsField(theme),
        "address": AddressField(),
        "password": PasswordField(theme, _judge),
        "active": SwitchField(theme, "Active"),
    }
    for name, field in fields.items():
        form.add(name, name, field)
    form.set_values(values)
    assert form.values() == values
    assert form.problems() == {}
    form.set_values({"budget": None, "address": None, "tags": ()})
    assert [form.values()[name] for name in ("budget", "address", "tags")] == [None, None, ()]
    form.set_errors({"tags": "Too many."})
    assert form.error("tags") == "Too many."


@pytest.mark.parametrize(
    ("make", "good", "bad"),
    [
        (EmailField, ("", "ada@example.com"), ("ada", "ada@", "ada@exa mple.com")),
        (lambda: PhoneField("CN"), ("", "138 0013 8000", "+49 30 901820"), ("12", "phone")),
        (MoneyField, ("", "12", "-0.50", "1,234.50"), ("a lot", "1.234", "NaN")),
    ],
)
def test_what_is_typed_wrong_is_told(
    qtbot: QtBot, make: Callable[[], Field], good: tuple[str, ...], bad: tuple[str, ...]
) -> None:
    field = make()
    qtbot.addWidget(field)
    for text in good:
        _line(field).setText(text)
        assert field.problem() == "", text
    for text in bad:
        _line(field).setText(text)
        assert field.problem() != "", text


def test_an_amount_keeps_its_currency_also_a_rare_one(qtbot: QtBot) -> None:
    field = MoneyField()
    qtbot.addWidget(field)
    field.set_value(Money(Decimal("7.125"), "KWD"))
    assert field.value() == Money(Decimal("7.125"), "KWD")
    _line(field).setText("1,234.5")
    field.currency.setCurrentText("USD")
    assert field.value() == Money(Decimal("1234.50"), "USD")


def test_an_address_is_whole_or_says_why_not(qtbot: QtBot) -> None:
    field = AddressField("CN")
    qtbot.addWidget(field)
    field.part("region").setText("Zhejiang")
    assert field.value() is None
    assert "street or a city" in field.problem()
    field.part("city").setText("Hangzhou")
    found = field.value()
    assert found is not None
    assert (found.city, found.country) == ("Hangzhou", "CN")
    field.country.setEditText("germany")
    found = field.value()
    assert found is not None
    assert found.country == "DE"
    field.country.setEditText("Atlantis")
    assert field.value() is None
    assert "country" in field.problem()


async def test_tags_are_typed_pasted_and_taken_away(
    show: Callable[[Field], Any], theme: Theme, qtbot: QtBot
) -> None:
    field: TagsField = show(TagsField(theme))
    line = _line(field)
    told: list[bool] = []
    field.changed.connect(lambda: told.append(True))
    await until(line.hasFocus)
    qtbot.keyClicks(line, "one,two")
    assert field.value() == ("one", "two")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert [chip.words for chip in field.chips] == ["one", "two"]
    QGuiApplication.clipboard().setText("three, four,ONE， five")
    line.paste()
    assert field.value() == ("one", "two", "three", "four", "five")
    field.chips[1].cross.click()
    assert field.value() == ("one", "three", "four", "five")
    line.clear()
    qtbot.keyClick(line, Qt.Key.Key_Backspace)
    assert field.value() == ("one", "three")
    assert told
    field.set_value(["x" * 51])
    assert "50" in field.problem()
    field.set_message(field.problem())
    assert "50" in line.accessibleDescription()


async def test_many_tags_wrap_inside_of_their_field(
    show: Callable[[Field], Any], theme: Theme
) -> None:
    field: TagsField = show(TagsField(theme))
    low = field.sizeHint().height()
    field.set_value([f"a rather long tag {number}" for number in range(12)])
    field.resize(400, 300)
    await until(lambda: field.chips[-1].y() > 3 * 20)
    assert field.heightForWidth(400) > 3 * low
    assert max(chip.geometry().right() for chip in field.chips) <= field.width()


def test_a_password_is_judged_while_it_is_typed(
    show: Callable[[Field], Any], theme: Theme, qtbot: QtBot
) -> None:
    field: PasswordField = show(PasswordField(theme, _judge))
    assert not field.bar.isVisible()
    qtbot.keyClicks(_line(field), "abcd")
    assert field.bar.isVisible()
    assert (field.words.text(), field.issues.text()) == ("Weak", "Add another word.")
    assert field.problem() != ""
    qtbot.keyClicks(_line(field), "efghijklmnop")
    assert field.words.text() == "Very strong"
    assert field.bar.accessibleName() == "Strength of the password: Very strong"
    assert not field.issues.isVisible()
    assert field.problem() == ""
    assert field.bar.grab().toImage().pixelColor(5, 2) == theme.color(Role.SUCCESS)
    assert _line(field).echoMode() is QLineEdit.EchoMode.Password
    field.show_button.click()
    assert _line(field).echoMode() is QLineEdit.EchoMode.Normal
    assert field.show_button.accessibleName() == "Hide the password"


def test_a_switch_is_turned_by_mouse_and_key(
    show: Callable[[Field], Any], theme: Theme, qtbot: QtBot
) -> None:
    field: SwitchField = show(SwitchField(theme, "Active"))
    told: list[bool] = []
    field.changed.connect(lambda: told.append(field.value()))
    place = field.editor.rect().center()
    qtbot.mouseClick(field.editor, Qt.MouseButton.LeftButton, pos=place)
    qtbot.keyClick(field.editor, Qt.Key.Key_Space)
    assert told == [True, False]
    field.set_value(True)
    image = field.editor.grab().toImage()
    assert image.pixelColor(8, image.height() // 2) == theme.color(Role.ACCENT)
    field.editor.setEnabled(False)
    assert field.editor.event(QEvent(QEvent.Type.EnabledChange))
