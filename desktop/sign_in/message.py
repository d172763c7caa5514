"""One message in its place: an icon and words on a ground of their colour."""

import math
import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout

from core.errors import AppError
from core.translation import _, ngettext
from desktop.theme import Role, Theme
from desktop.widgets.marks import Mark, label

_LOOKS = {
    Role.FAILURE: ("x-circle", Role.FAILURE_GROUND),
    Role.WARNING: ("warning", Role.WARNING_GROUND),
    Role.ACCENT: ("info", Role.ACCENT_GROUND),
    Role.SUCCESS: ("check-circle", Role.SUCCESS_GROUND),
}
_TICK_MS = 250


class Message(QFrame):
    """Shows one message; hidden while there is none. It is also read out."""

    def __init__(self, theme: Theme, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._theme, self._now = theme, now
        self._role = Role.FAILURE
        self._text = ""
        self._until = 0.0
        self.setObjectName("message")
        self._mark = Mark(theme, "x-circle", Role.FAILURE)
        self.words = label("", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 9, 12, 9)
        row.setSpacing(10)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        self._clock = QTimer(self, interval=_TICK_MS)
        self._clock.timeout.connect(self._count)
        theme.changed.connect(self._color)
        self.hide()

    def say(self, text: str, role: Role = Role.FAILURE) -> None:
        """Show a message; an empty one hides it."""
        self._clock.stop()
        self._text, self._role = text, role
        self.words.setText(text)
        self._mark.show_icon(_LOOKS[role][0], role)
        self._color()
        self.setVisible(bool(text))
        self.setAccessibleName(text)
        if text:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def tell(self, error: AppError, wait_s: float = 0) -> None:
        """Show an error in words.

        Args:
            error: What happened.
            wait_s: For how many seconds another attempt is refused; counted down.
        """
        parts = (error.title, error.detail, "" if wait_s > 0 else error.hint)
        self.say(" ".join(part for part in parts if part))
        if wait_s > 0:
            self._until = self._now() + wait_s
            self._clock.start()
            self._count()

    @property
    def waiting(self) -> bool:
        """Whether another attempt is still refused."""
        return self._clock.isActive()

    def _count(self) -> None:
        left = math.ceil(self._until - self._now())
        if left <= 0:
            self._clock.stop()
            self.words.setText(self._text + " " + _("You can try again now."))
            return
        self.words.setText(f"{self._text} {_wait_words(left)}")

    def _color(self) -> None:
        ground = self._theme.color(_LOOKS[self._role][1]).name()
        self.setStyleSheet(f"QFrame#message {{ background: {ground}; border-radius: 6px; }}")


def _wait_words(seconds: int) -> str:
    if seconds < 100:
        return ngettext(
            "Try again in {count} second.", "Try again in {count} seconds.", seconds
        ).format(count=seconds)
    minutes = math.ceil(seconds / 60)
    return ngettext(
        "Try again in {count} minute.", "Try again in {count} minutes.", minutes
    ).format(count=minutes)
