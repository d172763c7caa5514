"""A form: fields under each other, each with its label above and its message below."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.actions import plain_text
from desktop.theme import Metric
from desktop.widgets.form.fields import CheckField, Field


class Form(QWidget):
    """Named fields.

    Signals:
        changed: The person changed a value; its message is gone by then.
    """

    changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, _Row] = {}
        self._last_line: QHBoxLayout | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2 * Metric.GRID)
        self._general = _message_label(self)
        self._layout.addWidget(self._general)

    def add(
        self, name: str, label: str, field: Field, *, hint: str = "", beside: bool = False
    ) -> Field:
        """Add a field below the others, or beside the last one, and return it."""
        row = _Row(label, field, hint, self)
        if not beside or self._last_line is None:
            self._last_line = QHBoxLayout()
            self._last_line.setSpacing(2 * Metric.GRID)
            self._layout.addLayout(self._last_line)
        self._last_line.addWidget(row, 1, Qt.AlignmentFlag.AlignTop)
        self._rows[name] = row
        field.changed.connect(lambda: self._edited(name))
        return field

    def add_section(self, title: str) -> None:
        """Add a heading over the fields that follow."""
        heading = QLabel(title, self)
        heading.setProperty("kind", "heading")
        self._layout.addSpacing(Metric.GRID)
        self._layout.addWidget(heading)
        self._last_line = None

    def add_widget(self, widget: QWidget) -> None:
        """Put something that is no field below the fields that are there."""
        self._last_line = None
        self._layout.addWidget(widget)

    def finish(self) -> None:
        """Keep the fields at the top where there is more room than they need."""
        self._layout.addStretch(1)

    def field(self, name: str) -> Field:
        """Return a field.

        Raises:
            KeyError: There is none of that name.
        """
        return self._rows[name].field

    def values(self) -> dict[str, Any]:
        """Return name and value of all fields."""
        return {name: row.field.value() for name, row in self._rows.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Fill fields; names that the form does not have are left out."""
        for name, value in values.items():
            if name in self._rows:
                self._rows[name].field.set_value(value)

    def problems(self) -> dict[str, str]:
        """Return what is wrong with the input itself, such as a name given twice."""
        found = {name: row.field.problem() for name, row in self._rows.items()}
        return {name: problem for name, problem in found.items() if problem}

    def set_errors(self, errors: Mapping[str, str]) -> None:
        """Show a message under each field named, and go to the first of them.

        A message for a name that the form does not have, or for the empty one, stands at the
        top. Messages shown before are gone.
        """
        for name, row in self._rows.items():
            row.say(errors.get(name, ""))
        general = [text for name, text in errors.items() if name not in self._rows]
        self._general.setText("\n".join(general))
        self._general.setVisible(bool(general))
        for name, row in self._rows.items():
            if errors.get(name):
                row.field.setFocus(Qt.FocusReason.OtherFocusReason)
                break

    def show_problem(self, name: str) -> None:
        """Say what is wrong with the input of one field, and leave the keyboard where it is."""
        self._rows[name].say(self._rows[name].field.problem())

    def error(self, name: str) -> str:
        """Return the message under a field; the empty name gives the one at the top."""
        return self._rows[name].message.text() if name else self._general.text()

    def _edited(self, name: str) -> None:
        self._rows[name].say("")
        self.changed.emit(name)


class _Row(QWidget):
    """Label, editor, hint and message."""

    def __init__(self, words: str, field: Field, hint: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.field = field
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        # A tick has its words beside it; a label above would say them twice.
        if not isinstance(field, CheckField):
            label = QLabel(words, self)
            label.setBuddy(field.editor)
            layout.addWidget(label)
        field.editor.setAccessibleName(plain_text(words))
        layout.addWidget(field)
        self._hint = QLabel(hint, self)
        self._hint.setProperty("kind", "muted")
        self._hint.setWordWrap(True)
        self._hint.setVisible(bool(hint))
        layout.addWidget(self._hint)
        self.message = _message_label(self)
        layout.addWidget(self.message)

    def say(self, message: str) -> None:
        """Show a message in place of the hint, or none."""
        self.message.setText(message)
        self.message.setVisible(bool(message))
        self._hint.setVisible(bool(self._hint.text()) and not message)
        self.field.set_message(message)


def _message_label(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setProperty("kind", "error")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setVisible(False)
    return label
