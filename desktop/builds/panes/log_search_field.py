"""The field in which what is searched for is typed."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QToolButton

from core.translation import _
from desktop.theme import Role, Theme, set_kind
from desktop.widgets.log_view import Needle
from desktop.widgets.marks import Mark
from desktop.widgets.tips import plain_tip

_WIDTH = 214
_NARROWEST = 112
_HEIGHT = 30


class LogSearchField(QFrame):
    """A text, and whether it is an expression and minds upper and lower case.

    Signals:
        changed: What is searched for is different now.
        next_wanted: Enter was pressed.
        previous_wanted: Shift+Enter was pressed.
        closed: Esc was pressed.
    """

    changed = Signal()
    next_wanted = Signal()
    previous_wanted = Signal()
    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.edit.setProperty("kind", "bare")
        self.edit.setPlaceholderText(_("Search log"))
        self.edit.setAccessibleName(_("Search log"))
        self.edit.setMaxLength(1_000)
        self.edit.textChanged.connect(self.changed)
        self.edit.installEventFilter(self)
        self.case = _switch(theme, "text-aa", _("Mind upper and lower case"))
        self.regular = _switch(theme, "asterisk", _("Regular expression"))
        for switch in (self.case, self.regular):
            switch.toggled.connect(self._switched)
        self.setProperty("kind", "field")
        self.setFixedHeight(_HEIGHT)
        self.setMinimumWidth(_NARROWEST)
        self.setMaximumWidth(_WIDTH)
        self.setFocusProxy(self.edit)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 3, 0)
        row.setSpacing(2)
        row.addWidget(Mark(theme, "magnifying-glass", Role.MUTED, 14))
        row.addWidget(self.edit, 1)
        row.addWidget(self.case)
        row.addWidget(self.regular)

    def sizeHint(self) -> QSize:
        """Return the width that it has unless the tabs beside it need some."""
        return QSize(_WIDTH, _HEIGHT)

    @property
    def needle(self) -> Needle | None:
        """What is searched for; None where nothing is typed."""
        text = self.edit.text()
        if not text:
            return None
        return Needle(text, regular=self.regular.isChecked(), case=self.case.isChecked())

    def tell(self, error: str) -> None:
        """Say what is wrong with the expression; nothing when empty."""
        set_kind(self, "invalid_field" if error else "field")
        self.edit.setToolTip(plain_tip(error))
        self.edit.setAccessibleDescription(error)

    def open(self) -> None:
        """Take the keyboard, with what was typed before chosen."""
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.edit.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Take Enter and Esc."""
        if watched is not self.edit or not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            if event.key() == Qt.Key.Key_Escape:
                event.accept()
            return False
        return event.type() == QEvent.Type.KeyPress and self._pressed(event)

    def _pressed(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            (self.previous_wanted if back else self.next_wanted).emit()
        else:
            return False
        return True

    def _switched(self, _on: bool) -> None:
        if self.edit.text():
            self.changed.emit()


def _switch(theme: Theme, icon: str, name: str) -> QToolButton:
    made = QToolButton()
    made.setProperty("kind", "switch")
    made.setIcon(theme.icon(icon, Role.TEXT))
    made.setIconSize(QSize(14, 14))
    made.setCheckable(True)
    made.setToolTip(plain_tip(name))
    made.setAccessibleName(name)
    return made
