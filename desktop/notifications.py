"""Quiet messages, as data; ``desktop/frame/toasts.py`` shows them."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

AT_MOST = 4


class Kind(StrEnum):
    """What a notification tells; errors stay longest."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Choice:
    """A button on a notification; choosing it puts the notification away."""

    text: str
    handler: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Notification:
    """One message; ``count`` tells how often the same came while it was there."""

    id: int
    title: str
    detail: str
    kind: Kind
    choices: tuple[Choice, ...]
    count: int = 1

    def as_text(self) -> str:
        """Return title and detail, for copying."""
        return "\n\n".join(part for part in (self.title, self.detail) if part)


class Notifications(QObject):
    """The notifications that are on the screen, oldest first, never more than four.

    Signals:
        changed: One came, went, or came again.
        page_left: The person turned to something else.
    """

    changed = Signal()
    page_left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._ids = itertools.count(1)
        self._shown: list[Notification] = []

    def notify(
        self,
        title: str,
        detail: str = "",
        kind: Kind | str = Kind.INFO,
        actions: Sequence[Choice] = (),
    ) -> int:
        """Show a message and return its id; the same message again only counts up."""
        kind = Kind(kind)
        for place, old in enumerate(self._shown):
            if (old.title, old.detail, old.kind) == (title, detail, kind):
                self._shown[place] = replace(old, count=old.count + 1, choices=tuple(actions))
                self.changed.emit()
                return old.id
        new = Notification(next(self._ids), title, detail, kind, tuple(actions))
        self._shown.append(new)
        self._make_room()
        self.changed.emit()
        return new.id

    def dismiss(self, notification_id: int) -> None:
        """Put a message away; one that is gone already is no error."""
        left = [n for n in self._shown if n.id != notification_id]
        if len(left) != len(self._shown):
            self._shown = left
            self.changed.emit()

    def clear(self) -> None:
        """Put all of them away."""
        if self._shown:
            self._shown = []
            self.changed.emit()

    @property
    def shown(self) -> tuple[Notification, ...]:
        """What is on the screen, the oldest first."""
        return tuple(self._shown)

    def _make_room(self) -> None:
        while len(self._shown) > AT_MOST:
            calm = [n for n in self._shown[:-1] if n.kind is not Kind.ERROR]
            self._shown.remove(calm[0] if calm else self._shown[0])
