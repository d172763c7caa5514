"""An error in its place: what happened, why, and what to do."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from core.errors import AppError
from core.translation import _
from desktop.theme import Role, Theme
from desktop.widgets.marks import Mark, button, copy_text, icon_button, label


class ErrorPanel(QFrame):
    """Shows one ``AppError``; hidden while there is none.

    Args:
        action: The words of a button for the next step, such as Retry; none when empty.

    Signals:
        triggered: That button was pressed.

    Attributes:
        action_button: That button; hidden where it does not help against the error shown.
    """

    triggered = Signal()

    def __init__(self, theme: Theme, action: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._text = ""
        self.setObjectName("error_panel")
        self.title = label("", "heading", wrap=True)
        self.detail = label("", wrap=True)
        self.hint = label("", "muted", wrap=True)
        for words in (self.title, self.detail, self.hint):
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.detail)
        column.addWidget(self.hint)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 8, 12)
        row.setSpacing(12)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(Mark(theme, "x-circle", Role.FAILURE, 20), 0, top)
        row.addLayout(column, 1)
        self.action_button = button(action, self.triggered.emit)
        row.addWidget(self.action_button, 0, top)
        self.action_button.setVisible(bool(action))
        row.addWidget(button(_("Copy"), lambda: copy_text(self._text), "quiet"), 0, top)
        row.addWidget(icon_button(theme, "x", _("Put away"), self.clear), 0, top)
        theme.changed.connect(self._color)
        self.hide()

    def show_error(self, error: AppError) -> None:
        """Show an error in the place of the one before."""
        self._text = error.as_text()
        self._color()
        for words, text in (
            (self.title, error.title),
            (self.detail, error.detail),
            (self.hint, error.hint),
        ):
            words.setText(text)
            words.setVisible(bool(text))
        self.setAccessibleName(error.title)
        self.setAccessibleDescription(f"{error.detail} {error.hint}".strip())
        self.show()

    def clear(self) -> None:
        """Show no error."""
        self._text = ""
        self.hide()

    def _color(self) -> None:
        """Take the colours in force; not where there is no error, as in most panels."""
        if not self._text:
            return
        ground = self._theme.color(Role.FAILURE_GROUND).name()
        line = self._theme.color(Role.FAILURE).name()
        self.setStyleSheet(
            f"QFrame#error_panel {{ background: {ground}; border: 1px solid {line};"
            " border-radius: 8px; }"
        )
