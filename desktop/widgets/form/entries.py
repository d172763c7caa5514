"""Texts one below the other: short lines, or pieces of several lines each."""

import itertools
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from core.translation import _
from desktop.theme import FontRole, Metric, Theme, set_kind
from desktop.widgets.form.fields import Field, TextField
from desktop.widgets.marks import button, icon_button

_MOST_LINES = 8
_PADDING = 20

Deed = Callable[["_Entry"], None]


class LinesField(TextField):
    """One entry a line; empty lines count for nothing."""

    def value(self) -> tuple[str, ...]:  # type: ignore[override]
        """Return the lines that hold something."""
        return tuple(line.strip() for line in super().value().splitlines() if line.strip())

    def set_value(self, value: Sequence[str]) -> None:
        """Show lines."""
        super().set_value("\n".join(value))


class EntriesField(Field):
    """Entries of one or several lines each, in an order that can be changed.

    Args:
        add: The words of the button that adds one.
        name: What screen readers call an entry, with its ``{number}``.
    """

    def __init__(self, theme: Theme, *, add: str, name: str, placeholder: str = "") -> None:
        self.add_button = button(add, lambda: self._append(""), "link")
        super().__init__(self.add_button)
        self._theme, self._name, self._placeholder = theme, name, placeholder
        self.rows: list[_Entry] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(Metric.GRID)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(4)
        outer.addLayout(self._column)
        outer.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)

    def value(self) -> tuple[str, ...]:
        """Return the entries that hold something."""
        texts = (row.text.toPlainText().strip() for row in self.rows)
        return tuple(text for text in texts if text)

    def set_value(self, value: Sequence[str]) -> None:
        """Show entries."""
        for row in tuple(self.rows):
            self._take_out(row)
        for text in value:
            self._put_in(text)
        self._number()

    def set_message(self, message: str) -> None:
        """Mark the entries."""
        for row in self.rows:
            set_kind(row.text, "invalid" if message else "")
        self.add_button.setAccessibleDescription(message)

    def _append(self, text: str) -> None:
        row = self._put_in(text)
        self._number()
        row.text.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _put_in(self, text: str) -> "_Entry":
        row = _Entry(self._theme, text, self._placeholder, self._lift, self._remove)
        row.text.textChanged.connect(self.changed)
        self.rows.append(row)
        self._column.addWidget(row)
        return row

    def _remove(self, row: "_Entry") -> None:
        place = self.rows.index(row)
        self._take_out(row)
        self._number()
        left = self.rows[min(place, len(self.rows) - 1)].text if self.rows else self.add_button
        left.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _take_out(self, row: "_Entry") -> None:
        self.rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _lift(self, row: "_Entry") -> None:
        place = self.rows.index(row)
        self.rows.insert(place - 1, self.rows.pop(place))
        self._column.removeWidget(row)
        self._column.insertWidget(place - 1, row)
        self._number()
        self.changed.emit()

    def _number(self) -> None:
        """Tell each entry its place, and let the keyboard go through them in their order."""
        for place, row in enumerate(self.rows):
            row.text.setAccessibleName(self._name.format(number=place + 1))
            row.up.setEnabled(place > 0)
        stops: list[QWidget] = [part for row in self.rows for part in row.parts]
        for first, second in itertools.pairwise([*stops, self.add_button]):
            QWidget.setTabOrder(first, second)


class _Entry(QWidget):
    """A text that is as high as its lines, and what can be done with it."""

    def __init__(
        self, theme: Theme, text: str, placeholder: str, lift: Deed, remove: Deed
    ) -> None:
        super().__init__()
        self.text = QPlainTextEdit()
        self.text.setFont(theme.font(FontRole.MONO))
        self.text.setTabChangesFocus(True)
        self.text.setPlaceholderText(placeholder)
        self.text.setPlainText(text)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.up = icon_button(theme, "arrow-up", _("Move up"), lambda: lift(self))
        self.cross = icon_button(theme, "x", _("Remove"), lambda: remove(self))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.text, 1)
        for part in (self.up, self.cross):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        self.text.textChanged.connect(self._fit)
        self._fit()

    @property
    def parts(self) -> tuple[QWidget, QWidget, QWidget]:
        """What the keyboard stops at."""
        return self.text, self.up, self.cross

    def _fit(self) -> None:
        lines = min(max(self.text.blockCount(), 1), _MOST_LINES)
        scrolls = self.text.blockCount() > _MOST_LINES
        self.text.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded
            if scrolls
            else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        self.text.setFixedHeight(lines * self.text.fontMetrics().lineSpacing() + _PADDING)
