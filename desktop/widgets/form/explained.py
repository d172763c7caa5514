"""One of a few choices, each with a sentence that says what it means."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout

from desktop.theme import Metric
from desktop.widgets.form.fields import Field
from desktop.widgets.marks import label

_INDENT = 26


class Explained(NamedTuple):
    """A choice: its value, its words, and what follows from it."""

    value: Any
    words: str
    sentence: str


class ExplainedChoiceField(Field):
    """All choices in sight, under each of them its sentence."""

    def __init__(self, choices: Sequence[Explained]) -> None:
        self._group = QButtonGroup()
        self._values = [one.value for one in choices]
        self.buttons = [QRadioButton(one.words) for one in choices]
        super().__init__(self.buttons[0])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for place, (radio, one) in enumerate(zip(self.buttons, choices, strict=True)):
            self._group.addButton(radio, place)
            radio.setAccessibleDescription(one.sentence)
            sentence = label(one.sentence, "muted", wrap=True)
            sentence.setContentsMargins(_INDENT, 0, 0, Metric.GRID)
            column.addWidget(radio)
            column.addWidget(sentence)
        self.buttons[0].setChecked(True)
        self._group.idClicked.connect(lambda _place: self.changed.emit())

    def value(self) -> Any:
        """Return the value of the choice."""
        return self._values[self._group.checkedId()]

    def set_value(self, value: Any) -> None:
        """Choose a value.

        Raises:
            ValueError: It is none of the choices.
        """
        self.buttons[self._values.index(value)].setChecked(True)

    def set_message(self, message: str) -> None:
        """Tell whoever reads the choice out what is wrong."""
        for radio in self.buttons:
            radio.setToolTip("")
        self.buttons[0].setAccessibleDescription(message)
