"""A chip: words that can be clicked, and a cross that takes it away."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from core.translation import _
from desktop.theme import Role, Theme
from desktop.widgets.tips import plain_tip

_LONGEST = 60


class Chip(QFrame):
    """Words in a frame.

    Args:
        editable: Whether a click on the words does something.
        small: Whether it stands inside of a field.

    Signals:
        edited: The words were clicked, or Enter pressed.
        removed: The cross was clicked, or Backspace or Delete pressed.
    """

    edited = Signal()
    removed = Signal()

    def __init__(
        self,
        theme: Theme,
        words: str,
        *,
        editable: bool = True,
        small: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.words = words
        self.setProperty("kind", "small_chip" if small else "chip")
        shown = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
        self.button = QToolButton(self)
        self.button.setText(shown.replace("&", "&&"))
        self.button.setAccessibleName(words)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if editable or shown != words:
            self.button.setToolTip(plain_tip(words if shown != words else _("Edit")))
        self.button.clicked.connect(self.edited)
        self.cross = QToolButton(self)
        self.cross.setIcon(theme.icon("x", Role.MUTED))
        self.cross.setIconSize(QSize(10, 10))
        self.cross.setAccessibleName(_("Remove {words}").format(words=words))
        self.cross.setToolTip(_("Remove"))
        self.cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.cross.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.button)
        row.addWidget(self.cross)
        self.setFocusProxy(self.button)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Take it away with Backspace or Delete."""
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.removed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.edited.emit()
        else:
            super().keyPressEvent(event)
