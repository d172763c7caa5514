"""Forms in sections, and the fields for durations, entries and explained choices."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.theme import Theme
from desktop.widgets.form import (
    DurationField,
    EntriesField,
    Explained,
    ExplainedChoiceField,
    LineField,
    LinesField,
    SectionedForm,
)

_WEEK = 7 * 24 * 3600
_IN_ONE_WINDOW = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def form(theme: Theme, qtbot: Any) -> SectionedForm:
    made = SectionedForm(theme, "Sections")
    qtbot.addWidget(made)
    for section in ("First", "Second", "Third"):
        made.add_section(section, "folder")
        made.add(section.lower(), section, LineField())
    made.finish()
    made.show()
    return made


def test_one_section_is_in_sight_and_the_keyboard_turns(form: SectionedForm) -> None:
    assert form.field("first").isVisible()
    assert not form.field("second").isVisible()
    QTest.keyClick(form, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert form.field("second").isVisible()
    for _step in range(2):
        QTest.keyClick(form, Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    assert form.sections.currentItem().text() == "Third"


def test_values_come_from_all_sections(form: SectionedForm) -> None:
    form.set_values({"first": "a", "third": "c"})
    assert form.values() == {"first": "a", "second": "", "third": "c"}


def test_the_first_section_with_a_mistake_comes_into_sight(form: SectionedForm) -> None:
    form.set_errors({"third": "Wrong.", "second": "Wrong, too."})
    assert form.sections.currentRow() == 1
    assert form.field("second").editor.hasFocus()
    spoken = form.sections.item(2).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Third: something is wrong here"


def test_a_section_with_a_mistake_that_is_in_sight_stays(form: SectionedForm) -> None:
    form.turn_to("third")
    form.set_errors({"second": "Wrong.", "third": "Wrong, too."})
    assert form.sections.currentRow() == 2
    assert form.field("third").editor.hasFocus()


def test_a_message_for_no_field_stands_above_all(form: SectionedForm) -> None:
    form.set_errors({"": "Nothing worked."})
    assert form.error("") == "Nothing worked."
    assert form.sections.currentRow() == 0


@_IN_ONE_WINDOW
@given(seconds=st.integers(0, _WEEK) | st.integers(0, 168).map(lambda hours: hours * 3600))
def test_a_duration_comes_back_as_it_was(qtbot: Any, seconds: int) -> None:
    """Mutant: the unit was set after the number, whose limit then cut it."""
    field = DurationField(most=_WEEK, usual=3600)
    field.set_value(seconds)
    assert field.value() == seconds
    field.deleteLater()


def test_a_duration_is_told_in_its_largest_unit(qtbot: Any) -> None:
    field = DurationField(most=_WEEK, usual=600, none_text="No limit")
    qtbot.addWidget(field)
    assert field.unit.currentText() == "minutes"
    field.set_value(None)
    assert field.value() is None
    field.set_value(7200)
    assert (field.value(), field.unit.currentText()) == (7200, "hours")


def test_entries_keep_their_lines_and_their_order(theme: Theme, qtbot: Any) -> None:
    field = EntriesField(theme, add="Add", name="Entry {number}")
    qtbot.addWidget(field)
    field.set_value(("one", "two\nlines"))
    told: list[None] = []
    field.changed.connect(lambda: told.append(None))
    field.add_button.click()
    field.rows[2].text.setPlainText(" three ")
    assert field.value() == ("one", "two\nlines", "three")
    field.rows[1].up.click()
    assert field.value() == ("two\nlines", "one", "three")
    field.rows[0].cross.click()
    assert field.value() == ("one", "three")
    assert [row.text.accessibleName() for row in field.rows] == ["Entry 1", "Entry 2"]
    assert not field.rows[0].up.isEnabled()
    assert told


def test_lines_leave_out_empty_ones(qtbot: Any) -> None:
    field = LinesField()
    qtbot.addWidget(field)
    field.set_value(("a", "b"))
    field.editor.appendPlainText("\n  c ")  # type: ignore[attr-defined]
    assert field.value() == ("a", "b", "c")


def test_an_explained_choice_is_read_out_with_its_sentence(qtbot: Any) -> None:
    field = ExplainedChoiceField(
        [Explained(1, "One", "The first of them."), Explained(2, "Two", "The other.")]
    )
    qtbot.addWidget(field)
    assert field.value() == 1
    field.buttons[1].click()
    assert field.value() == 2
    assert field.buttons[1].accessibleDescription() == "The other."
    field.set_value(1)
    assert field.value() == 1
    with pytest.raises(ValueError, match="3"):
        field.set_value(3)
