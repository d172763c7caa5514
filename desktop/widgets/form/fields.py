"""The editors of a form, each with one value."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLayout,
    QLineEdit,
    QPlainTextEdit,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from desktop.theme import FontRole, Metric, Theme, set_kind
from desktop.widgets.number_box import NumberBox


class Field(QWidget):
    """An editor with a value.

    Signals:
        changed: The person changed the value.
    """

    changed = Signal()

    def __init__(self, editor: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self.setFocusProxy(editor)

    def value(self) -> Any:
        """Return what stands in the editor."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Put a value into the editor."""
        raise NotImplementedError

    def problem(self) -> str:
        """Return what is wrong with the input itself, before anybody is asked; or nothing."""
        return ""

    def set_message(self, message: str) -> None:
        """Mark the editor as wrong, or right when the message is empty."""
        set_kind(self.editor, "invalid" if message else "")
        self.editor.setAccessibleDescription(message)

    def _fill(self, layout: QLayout, *widgets: QWidget) -> None:
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Metric.GRID)
        for widget in widgets:
            layout.addWidget(widget)


class LineField(Field):
    """One line of text."""

    def __init__(self, *, placeholder: str = "", longest: int = 32_767) -> None:
        self._line = QLineEdit()
        super().__init__(self._line)
        self._line.setPlaceholderText(placeholder)
        self._line.setMaxLength(longest)
        self._line.textEdited.connect(self.changed)
        self._fill(QVBoxLayout(self), self._line)

    def value(self) -> str:
        """Return the text."""
        return self._line.text()

    def set_value(self, value: str) -> None:
        """Set the text."""
        self._line.setText(value)


class TextField(Field):
    """Several lines of text.

    Args:
        rows: How many lines are in sight.
        theme: Given, the text is in the monospaced font.
    """

    def __init__(
        self, *, rows: int = 3, placeholder: str = "", theme: Theme | None = None
    ) -> None:
        self._text = QPlainTextEdit()
        super().__init__(self._text)
        if theme is not None:
            self._text.setFont(theme.font(FontRole.MONO))
        self._text.setPlaceholderText(placeholder)
        self._text.setTabChangesFocus(True)
        self._text.setFixedHeight(self._text.fontMetrics().lineSpacing() * rows + 20)
        self._text.textChanged.connect(self._tell)
        self._setting = False
        self._fill(QVBoxLayout(self), self._text)

    def value(self) -> str:
        """Return the text."""
        return self._text.toPlainText()

    def set_value(self, value: str) -> None:
        """Set the text."""
        self._setting = True
        self._text.setPlainText(value)
        self._setting = False

    def _tell(self) -> None:
        if not self._setting:
            self.changed.emit()


class ChoiceField(Field):
    """One of a few values, each shown in words."""

    def __init__(self, choices: Sequence[tuple[Any, str]]) -> None:
        self._combo = QComboBox()
        super().__init__(self._combo)
        for value, words in choices:
            self._combo.addItem(words, value)
        # The combo box's own delegate does not know the style sheet's item rules.
        self._combo.setItemDelegate(QStyledItemDelegate(self._combo))
        self._combo.activated.connect(self.changed)
        keep_wheel_for_focus(self._combo)
        self._fill(QVBoxLayout(self), self._combo)

    def value(self) -> Any:
        """Return the chosen value."""
        return self._combo.currentData()

    def set_value(self, value: Any) -> None:
        """Choose a value.

        Raises:
            ValueError: It is none of the choices.
        """
        index = self._combo.findData(value)
        if index < 0:
            raise ValueError(f"{value!r} is not among the choices")
        self._combo.setCurrentIndex(index)


class NumberField(Field):
    """A whole number, and a tick for none at all where ``none_text`` is given."""

    def __init__(
        self,
        *,
        least: int = 0,
        most: int = 1_000_000,
        suffix: str = "",
        none_text: str = "",
        usual: int = 0,
    ) -> None:
        self._spin = NumberBox(least, most, suffix)
        super().__init__(self._spin)
        self._spin.setMinimumWidth(120)
        self._spin.setValue(usual)
        keep_wheel_for_focus(self._spin)
        self._none = QCheckBox(none_text or _("No limit"))
        if not none_text:
            self._none.hide()
        self._none.toggled.connect(self._spin.setDisabled)
        self._none.clicked.connect(self.changed)
        self._setting = False
        self._spin.valueChanged.connect(self._tell)
        layout = QHBoxLayout(self)
        self._fill(layout, self._spin, self._none)
        layout.addStretch(1)

    def value(self) -> int | None:
        """Return the number, None for no limit."""
        return None if self._none.isChecked() else self._spin.value()

    def set_value(self, value: int | None) -> None:
        """Set the number; None ticks the box."""
        self._setting = True
        self._none.setChecked(value is None)
        if value is not None:
            self._spin.setValue(value)
        self._setting = False

    def _tell(self) -> None:
        if not self._setting:
            self.changed.emit()


class CheckField(Field):
    """Yes or no; the words stand beside the tick."""

    def __init__(self, words: str, check: QCheckBox | None = None) -> None:
        self._check = QCheckBox(words) if check is None else check
        super().__init__(self._check)
        self._check.clicked.connect(self.changed)
        self._fill(QVBoxLayout(self), self._check)

    def value(self) -> bool:
        """Return whether it is ticked."""
        return self._check.isChecked()

    def set_value(self, value: bool) -> None:
        """Tick it or not."""
        self._check.setChecked(value)


class _WheelGuard(QObject):
    """Leaves the wheel to the page unless the editor has the focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Refuse the wheel where it would change a value by accident."""
        if (
            event.type() == QEvent.Type.Wheel
            and isinstance(watched, QWidget)
            and not watched.hasFocus()
        ):
            event.ignore()
            return True
        return False


def keep_wheel_for_focus(widget: QWidget) -> None:
    """Let the wheel scroll the page, and change a value only where one is at work."""
    widget.installEventFilter(_WheelGuard(widget))
