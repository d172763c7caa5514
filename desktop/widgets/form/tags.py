"""Tags as chips, typed one after another or pasted with commas."""

import re
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout

from core.database.fields.errors import FieldError
from core.database.fields.tags import tag_key, tags
from core.translation import _
from desktop.theme import Theme, set_kind
from desktop.widgets.chip import Chip
from desktop.widgets.flow_layout import FlowLayout
from desktop.widgets.form.fields import Field

_PARTS = re.compile("[,\uff0c\n]")
_LEAST_WIDTH = 110


class TagsField(Field):
    """Chips with a line behind them; Enter and a comma make a chip of what was typed."""

    def __init__(self, theme: Theme, *, placeholder: str = "") -> None:
        self._line = QLineEdit()
        super().__init__(self._line)
        self._theme = theme
        self._tags: list[str] = []
        self._placeholder = placeholder or _("Add a tag…")
        self.chips: list[Chip] = []
        self._frame = QFrame()
        self._frame.setProperty("kind", "field")
        self._line.setProperty("kind", "bare")
        self._line.setMinimumWidth(_LEAST_WIDTH)
        self._line.setMaxLength(2_000)
        self._line.textEdited.connect(self._typed)
        self._line.installEventFilter(self)
        self._flow = FlowLayout(self._frame, 4, stretch_last=True)
        self._flow.setContentsMargins(4, 3, 4, 3)
        self._fill(QVBoxLayout(self), self._frame)
        self._show()

    def value(self) -> tuple[str, ...]:
        """Return the tags, with what is still being typed as the last."""
        rest = self._line.text().strip()
        return (*self._tags, *([rest] if rest else []))

    def set_value(self, value: Sequence[str]) -> None:
        """Show tags."""
        self._tags = list(value)
        self._line.clear()
        self._show()

    def problem(self) -> str:
        """Return what is wrong with one of the tags."""
        try:
            tags(self.value())
        except FieldError as error:
            return str(error)
        return ""

    def set_message(self, message: str) -> None:
        """Mark the whole field."""
        set_kind(self._frame, "invalid_field" if message else "field")
        self._line.setAccessibleDescription(message)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Make chips with Enter, take the last away with Backspace."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._pressed(event)
        if event.type() is QEvent.Type.FocusOut:
            self._add_rest()
        return super().eventFilter(watched, event)

    def remove(self, number: int) -> None:
        """Take a tag away."""
        del self._tags[number]
        self._show()
        self._line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _pressed(self, event: QKeyEvent) -> bool:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._line.text().strip():
            self._add_rest()
            return True
        if event.key() == Qt.Key.Key_Backspace and not self._line.text() and self._tags:
            self.remove(len(self._tags) - 1)
            return True
        return False

    def _typed(self, text: str) -> None:
        *whole, rest = _PARTS.split(text)
        if whole:
            self._add(whole)
            self._line.setText(rest.lstrip())
        self.changed.emit()

    def _add_rest(self) -> None:
        if self._line.text().strip():
            self._add(_PARTS.split(self._line.text()))
            self._line.clear()
            self.changed.emit()

    def _add(self, words: Sequence[str]) -> None:
        known = {tag_key(word) for word in self._tags}
        for word in (word.strip() for word in words):
            if word and tag_key(word) not in known:
                known.add(tag_key(word))
                self._tags.append(word)
        self._show()

    def _show(self) -> None:
        while self._flow.count():
            self._flow.takeAt(0)
        for chip in self.chips:
            chip.hide()
            chip.deleteLater()
        self.chips = [self._chip(number, word) for number, word in enumerate(self._tags)]
        for widget in (*self.chips, self._line):
            self._flow.addWidget(widget)
        self._line.setPlaceholderText("" if self._tags else self._placeholder)
        self.updateGeometry()

    def _chip(self, number: int, word: str) -> Chip:
        chip = Chip(self._theme, word, editable=False, small=True)
        chip.removed.connect(lambda: self.remove(number))
        return chip
