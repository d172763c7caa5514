"""A search for one person, whose name is offered as one types."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from PySide6.QtCore import QModelIndex, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QCompleter, QLineEdit

from core.translation import _
from core.users.schemas import UserRow
from desktop.tasks import TaskRunner

_WIDTH = 300
_LEAST = 2
_PAUSE_S: Final = 0.15
OFFERED: Final = 8

Find = Callable[[str, int], Awaitable[tuple[UserRow, ...]]]


class PersonField(QLineEdit):
    """A line that stands for everybody while it is empty, else for the person chosen.

    Args:
        find: Returns some people whom a text finds.

    Signals:
        chosen: Another person is chosen; carries the ``UserRow``, None for everybody.
    """

    chosen = Signal(object)

    def __init__(self, tasks: TaskRunner, find: Find) -> None:
        super().__init__()
        self._tasks, self._find = tasks, find
        self._offered: tuple[UserRow, ...] = ()
        self.person: UserRow | None = None
        self._names = QStringListModel(self)
        self.list = QCompleter(self._names, self)
        self.list.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.list.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.list.setWidget(self)
        self.list.activated[QModelIndex].connect(  # type: ignore[index]
            lambda index: self.choose(index.row())
        )
        self.setPlaceholderText(_("Everybody — type a name for one person"))
        self.setAccessibleName(_("Whose activity is shown"))
        self.setFixedWidth(_WIDTH)
        self.setMaxLength(200)
        self.textEdited.connect(self._typed)

    def choose(self, place: int) -> None:
        """Choose one of the people offered."""
        if not 0 <= place < len(self._offered):
            return
        self.person = self._offered[place]
        self.setText(_name(self.person))
        self.setCursorPosition(0)
        self.chosen.emit(self.person)

    def choose_everybody(self) -> None:
        """Stand for everybody."""
        self._tasks.latest((self, "find"), _nothing())
        self.clear()
        self._offer(())
        if self.person is not None:
            self.person = None
            self.chosen.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Choose the first one offered with Enter, everybody with Esc."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self.text().strip():
                self.choose_everybody()
            else:
                self.choose(max(self._popup.currentIndex().row(), 0))
                self._popup.hide()
            return
        if key == Qt.Key.Key_Escape and self.text():
            self.choose_everybody()
            return
        if key == Qt.Key.Key_Down and self._offered and not self._popup.isVisible():
            self.list.complete()
            return
        super().keyPressEvent(event)

    @property
    def _popup(self) -> QAbstractItemView:
        popup = self.list.popup()
        assert popup is not None
        return popup

    def _typed(self, text: str) -> None:
        if not text.strip():
            self.choose_everybody()
        elif len(text.strip()) >= _LEAST:
            self._tasks.latest((self, "find"), self._search(text.strip()))

    async def _search(self, text: str) -> None:
        await asyncio.sleep(_PAUSE_S)
        self._offer(await self._find(text, OFFERED))
        if self._offered and self.hasFocus():
            self.list.complete()

    def _offer(self, people: tuple[UserRow, ...]) -> None:
        self._offered = people
        self._names.setStringList([_name(row) for row in people])


def _name(row: UserRow) -> str:
    if row.display_name and row.display_name != row.username:
        return _("{name} ({username})").format(name=row.display_name, username=row.username)
    return row.username


async def _nothing() -> Any:
    """Take the place of a search that nobody waits for any more."""
