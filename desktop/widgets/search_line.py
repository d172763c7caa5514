"""A line of text by which a list is narrowed: Ctrl+F goes there, Esc clears it."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit

_WIDTH: Final = 220
_LONGEST: Final = 200


class SearchLine(QLineEdit):
    """The line.

    Args:
        words: What is searched, as placeholder and read out.

    Signals:
        found: It was gone to by Ctrl+F.
    """

    found = Signal()

    def __init__(self, words: str) -> None:
        super().__init__()
        self.setPlaceholderText(words)
        self.setAccessibleName(words)
        self.setClearButtonEnabled(True)
        self.setFixedWidth(_WIDTH)
        self.setMaxLength(_LONGEST)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self._go)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Let Esc clear what was typed."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def _go(self) -> None:
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()
        self.found.emit()
