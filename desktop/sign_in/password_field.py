"""A line for a password: hidden, shown when wished, and forgotten after use."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout

from core.translation import _
from desktop.theme import Metric, Theme
from desktop.widgets.form import Field
from desktop.widgets.marks import label
from desktop.widgets.tips import plain_tip

# Longer than any rule allows; what is longer is refused by the core in words.
_LONGEST = 4096
_EYE_WIDTH = 36


class PasswordLine(QLineEdit):
    """Takes a password; tells whether Caps Lock seems to be on.

    Qt does not know the state of that key, but what it types shows it: a capital without
    Shift, or a small letter with it.

    Signals:
        caps_lock: Whether Caps Lock seems to be on.
    """

    caps_lock = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._caps = False
        self.setMaxLength(_LONGEST)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            self.inputMethodHints()
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )

    def wipe(self) -> None:
        """Forget what was typed, and every earlier state of it."""
        self.setText("")  # not ``clear``, which can be undone

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Look at letters for the state of Caps Lock."""
        if event.key() == Qt.Key.Key_CapsLock:
            self._tell(False)  # whichever way it went, the next letter shows
        elif len(event.text()) == 1 and event.text().isalpha():
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            letter = event.text()
            if letter.isupper() != letter.islower():
                self._tell(letter.isupper() != shift)
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Say nothing about Caps Lock where nothing is typed."""
        self._tell(False)
        super().focusOutEvent(event)

    def _tell(self, caps: bool) -> None:
        if caps != self._caps:
            self._caps = caps
            self.caps_lock.emit(caps)


class PasswordField(Field):
    """A password with a button that shows it, and a hint about Caps Lock.

    Signals:
        submitted: Return was pressed.
        revealed_changed: Whether the password is shown now.
    """

    submitted = Signal()
    revealed_changed = Signal(bool)

    def __init__(self, theme: Theme, *, reveal: bool = True) -> None:
        self._line = PasswordLine()
        super().__init__(self._line)
        self._theme = theme
        self._line.textEdited.connect(self.changed)
        self._line.returnPressed.connect(self.submitted)
        self.caps_hint = label(_("Caps Lock is on."), "warning")
        self.caps_hint.hide()
        self._line.caps_lock.connect(self._show_caps)
        self.eye = self._make_eye()
        if not reveal:
            self.eye.hide()
        row = QHBoxLayout()
        self._fill(row, self._line, self.eye)
        column = QVBoxLayout(self)
        self._fill(column)
        column.setSpacing(Metric.GRID // 2)
        column.addLayout(row)
        column.addWidget(self.caps_hint)

    @property
    def revealed(self) -> bool:
        """Whether the password is shown."""
        return self.eye.isChecked()

    def value(self) -> str:
        """Return the password."""
        return self._line.text()

    def set_value(self, value: str) -> None:
        """Put a password in; for tests and the tour, as a person types it."""
        self._line.setText(value)

    def wipe(self) -> None:
        """Forget the password and hide what comes next."""
        self._line.wipe()
        self.eye.setChecked(False)

    def select_all(self) -> None:
        """Choose all of it, so that typing replaces it."""
        self._line.selectAll()

    def _make_eye(self) -> QToolButton:
        eye = QToolButton()
        eye.setProperty("kind", "bordered")
        eye.setCheckable(True)
        eye.setFixedWidth(_EYE_WIDTH)
        eye.setIconSize(QSize(Metric.ICON, Metric.ICON))
        eye.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        eye.toggled.connect(self._reveal)
        self._describe(eye, False)
        return eye

    def _reveal(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode
        self._line.setEchoMode(mode.Normal if shown else mode.Password)
        self._describe(self.eye, shown)
        self.revealed_changed.emit(shown)

    def _describe(self, eye: QToolButton, shown: bool) -> None:
        words = _("Hide the password") if shown else _("Show the password")
        eye.setIcon(self._theme.icon("eye-slash" if shown else "eye"))
        eye.setToolTip(plain_tip(words))
        eye.setAccessibleName(words)

    def _show_caps(self, on: bool) -> None:
        self.caps_hint.setVisible(on)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Hide the password again while it cannot be typed."""
        if event.type() == QEvent.Type.EnabledChange and not self.isEnabled():
            self.eye.setChecked(False)
        super().changeEvent(event)
