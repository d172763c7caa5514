"""The filter bar says each condition in words, edits, saves and takes them away."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.database.query.schemas import FieldDescription, Filter, ListQuery, Operator
from desktop.theme import Theme
from desktop.widgets.filter_bar import Condition, FilterBar, LastDays, words
from desktop.widgets.filter_bar.conditions import (
    as_filter,
    decode,
    encode,
    number_words,
    operators,
    read_number,
)
from desktop.widgets.filter_bar.editors import InvalidValueError, editor_for
from tests.waiting import until

_O = Operator
_NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
_SAME = (_O.EQ, _O.NE, _O.IN, _O.NOT_IN, _O.IS_NULL, _O.IS_NOT_NULL)
_ORDERED = (*_SAME, _O.GT, _O.GTE, _O.LT, _O.LTE, _O.BETWEEN)
_ROLES = (("administrator", "administrator"), ("operator", "operator"), ("viewer", "viewer"))
FIELDS = {
    field.name: field
    for field in (
        FieldDescription("name", "Name", "person_name", (*_SAME, _O.CONTAINS, _O.STARTS_WITH)),
        FieldDescription("role", "Role", "choice", _SAME, _ROLES),
        FieldDescription("created_at", "Created", "time", _ORDERED),
        FieldDescription("builds", "Builds", "integer", _ORDERED),
        FieldDescription("rate", "Rate", "decimal", _ORDERED),
        FieldDescription("active", "Active", "boolean", (_O.EQ, _O.NE)),
        FieldDescription("tags", "Tags", "tags", (_O.CONTAINS, _O.IS_NULL)),
        FieldDescription("budget", "Budget", "money", (_O.IS_NULL, _O.IS_NOT_NULL)),
        FieldDescription("hidden", "Hidden", "json", ()),
    )
}
Make = Callable[..., FilterBar]


@pytest.fixture
def make(theme: Theme, qtbot: QtBot) -> Make:
    pages = []

    def build(kept: QSettings | None = None) -> FilterBar:
        page = QWidget()
        bar = FilterBar(theme, tuple(FIELDS.values()), settings=kept, now=lambda: _NOW)
        QVBoxLayout(page).addWidget(bar)
        pages.append(page)
        qtbot.addWidget(page)
        page.resize(900, 120)
        page.show()
        return bar

    return build


def _told(bar: FilterBar) -> list[ListQuery]:
    told: list[ListQuery] = []
    bar.changed.connect(told.append)
    return told


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (Condition("role", _O.EQ, "operator"), "Role is operator"),
        (Condition("role", _O.IN, ("operator", "viewer")), "Role is one of operator, viewer"),
        (Condition("created_at", _O.GT, LastDays(30)), "Created in the last 30 days"),
        (Condition("created_at", _O.GT, LastDays(1)), "Created in the last day"),
        (Condition("name", _O.CONTAINS, "ada"), "Name contains ada"),
        (Condition("name", _O.IS_NULL), "Name is empty"),
        (Condition("builds", _O.BETWEEN, (1, 1_000)), "Builds is between 1 and 1,000"),
        (Condition("rate", _O.GTE, Decimal("0.50")), "Rate is at least 0.50"),
        (Condition("active", _O.EQ, False), "Active is no"),
        (Condition("tags", _O.CONTAINS, "qa"), "Tags include qa"),
    ],
)
def test_conditions_are_said_in_words(condition: Condition, sentence: str) -> None:
    assert words(condition, FIELDS[condition.field]) == sentence


def test_days_are_those_of_this_place_and_last_days_count_from_now() -> None:
    last = as_filter(Condition("created_at", _O.GT, LastDays(7)), _NOW)
    assert last == Filter("created_at", _O.GTE, _NOW - timedelta(days=7))
    day = date(2026, 3, 1)
    since = as_filter(Condition("created_at", _O.GTE, day), _NOW).value
    assert isinstance(since, datetime)
    assert since.astimezone() == datetime(2026, 3, 1).astimezone()
    days = as_filter(Condition("x", _O.BETWEEN, (day, day)), _NOW).value
    assert isinstance(days, tuple)
    assert days[1] - days[0] == timedelta(days=1, microseconds=-1)


_VALUES = st.one_of(
    st.text(max_size=20),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.builds(LastDays, st.integers(1, 36_500)),
    st.none(),
)


@settings(max_examples=100)
@given(value=st.one_of(_VALUES, st.lists(_VALUES, max_size=4).map(tuple)))
def test_kept_conditions_come_back(value: Any) -> None:
    """Seen to fail where decimals are kept as floats."""
    condition = Condition("field", _O.EQ, value)
    assert decode(encode([condition])) == (condition,)


@settings(max_examples=100)
@given(number=st.one_of(st.integers(), st.decimals(-(10**9), 10**9, places=4)))
def test_numbers_are_read_as_they_are_written(number: int | Decimal) -> None:
    if number or math.copysign(1, number) > 0:
        assert read_number(number_words(number)) == number


def test_every_operator_has_an_editor_that_keeps_its_value(qtbot: QtBot) -> None:
    values: dict[str, Any] = {
        "name": "ada", "builds": 12, "rate": Decimal("1.5"), "active": False, "tags": "qa",
        "created_at": date(2026, 1, 31), "role": "viewer",
    }  # fmt: skip
    for field in FIELDS.values():
        for operator in operators(field):
            editor = editor_for(field, operator)
            if editor is None:
                assert operator in (_O.IS_NULL, _O.IS_NOT_NULL)
                continue
            qtbot.addWidget(editor)
            value = values[field.name]
            if operator in (_O.IN, _O.NOT_IN):
                value = ("operator", "viewer")
            elif operator is _O.BETWEEN:
                value = (value, value)
            elif (field.type, operator) == ("time", _O.GT):
                value = LastDays(90)
            editor.set_value(value)
            assert editor.value() == value, (field, operator)


@pytest.mark.parametrize(
    ("field", "operator", "texts"),
    [
        ("builds", _O.EQ, ("many",)),
        ("builds", _O.EQ, ("1.5",)),
        ("builds", _O.EQ, ("NaN",)),
        ("builds", _O.EQ, ("99999999999999999999",)),
        ("builds", _O.BETWEEN, ("5", "4")),
        ("name", _O.CONTAINS, ("  ",)),
    ],
)
def test_what_is_no_value_is_refused(
    qtbot: QtBot, field: str, operator: Operator, texts: tuple[str, ...]
) -> None:
    editor = editor_for(FIELDS[field], operator)
    assert editor is not None
    qtbot.addWidget(editor)
    for line, text in zip(editor.findChildren(QLineEdit), texts, strict=True):
        line.setText(text)
    with pytest.raises(InvalidValueError):
        editor.value()


async def test_a_wrong_value_is_told_at_its_field(make: Make, qtbot: QtBot) -> None:
    bar = make()
    told = _told(bar)
    popover = bar.ask("builds")
    popover.operators.setCurrentIndex(popover.operators.findData(_O.GTE))
    assert popover.editor is not None
    line = popover.editor.first
    assert isinstance(line, QLineEdit)
    line.setText("many")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert popover.message.text() == "“Builds is at least”: a number is needed."
    assert line.property("kind") == "invalid"
    assert told == []
    line.setText("12")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert told == [ListQuery((Filter("builds", _O.GTE, 12),))]
    assert [chip.words for chip in bar.chips] == ["Builds is at least 12"]
    await until(lambda: bar.popover is None)


async def test_chips_are_edited_and_removed_by_hand_and_by_key(
    make: Make, qtbot: QtBot
) -> None:
    bar = make()
    bar.show_conditions(
        (Condition("role", _O.EQ, "viewer"), Condition("name", _O.CONTAINS, "a"))
    )
    told = _told(bar)
    bar.chips[0].button.click()
    popover = bar.popover
    assert popover is not None
    popover.editor.set_value("operator")  # type: ignore[attr-defined]
    popover.accept()
    assert told[-1].filters[0].value == "operator"
    bar.chips[0].cross.click()
    assert [chip.words for chip in bar.chips] == ["Name contains a"]
    bar.window().activateWindow()
    bar.focus_search()
    await until(bar.search.hasFocus)
    qtbot.keyClick(bar.search, Qt.Key.Key_Backspace)
    assert bar.chips[0].button.hasFocus()
    qtbot.keyClick(bar.chips[0].button, Qt.Key.Key_Backspace)
    assert told[-1] == ListQuery()
    assert bar.search.hasFocus()


async def test_the_search_tells_once_one_stops_typing_and_esc_clears_it(
    make: Make, qtbot: QtBot
) -> None:
    bar = make()
    told = _told(bar)
    bar.window().activateWindow()
    qtbot.keyClick(bar, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    await until(bar.search.hasFocus)
    qtbot.keyClicks(bar.search, "ada")
    assert told == []
    await until(lambda: told == [ListQuery(search="ada")])
    assert bar.clear_button.isVisible()
    qtbot.keyClick(bar.search, Qt.Key.Key_Escape)
    assert told[-1] == ListQuery()
    assert not bar.clear_button.isVisible()


async def test_filters_are_saved_by_name_and_come_back(make: Make, tmp_path: Path) -> None:
    kept = QSettings(str(tmp_path / "kept.ini"), QSettings.Format.IniFormat)
    bar = make(kept)
    conditions = (Condition("created_at", _O.GT, LastDays(30)), Condition("name", _O.IS_NULL))
    bar.show_conditions(conditions, "ada")
    naming = bar.save_as()
    naming.accept()
    assert naming.message.text() == "Give the filter a name."
    naming.line.setText("New & quiet")
    naming.accept()
    again = make(kept)
    (saved,) = again.saved.all()
    again.apply(saved)
    assert again.conditions == conditions
    assert again.query.search == "ada"
    again.saved.save("Second", "", ())
    renaming = again.rename_saved("Second")
    renaming.line.setText("new & QUIET")
    renaming.accept()
    assert "already" in renaming.message.text()
    renaming.line.setText("Third")
    renaming.accept()
    again.saved.delete("New & quiet")
    assert [f.name for f in make(kept).saved.all()] == ["Third"]
    kept.setValue("filters", '[{"name": 1}, 2')
    assert make(kept).saved.all() == []


async def test_a_narrow_window_wraps_the_bar(make: Make) -> None:
    bar = make()
    bar.show_conditions([Condition("name", _O.CONTAINS, f"word{n}") for n in range(6)])
    bar.window().resize(420, 500)
    await until(lambda: len({chip.y() for chip in bar.chips}) >= 3)
    right = max(chip.geometry().right() for chip in bar.chips)
    assert right <= bar.width()
    assert bar.height() >= bar.heightForWidth(bar.width())


def test_fields_that_cannot_be_asked_are_not_offered(make: Make) -> None:
    bar = make()
    offered = [action.text() for action in bar.add_button.menu().actions()]
    assert offered == [f.words for f in FIELDS.values() if f.name != "hidden"]
    bar.show_conditions((Condition("unknown", _O.EQ, 1),))
    assert bar.chips == []
