"""Actions: one description gives menu entry, shortcut, tool tip and reason for "not now".

The window has one ``ActionHost``; whoever adds actions does so through an ``Actions`` of its
own, so that all of them leave together.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import shiboken6
from PySide6.QtGui import QAction, QIcon, QKeySequence

from desktop.tasks import TaskRunner
from desktop.widgets.tips import plain_tip

if TYPE_CHECKING:
    from PySide6.QtCore import QObject


class MenuName(StrEnum):
    """The menus of the window, in their order; that of the account hangs in the tab row."""

    FILE = "file"
    VIEW = "view"
    PEOPLE = "people"
    BUILD = "build"
    LOG = "log"
    DATABASE = "database"
    HELP = "help"
    ACCOUNT = "account"


class ActionHost(Protocol):
    """The side of the window: where actions go."""

    def place_action(self, action: QAction, menu: MenuName | None, section: str) -> None:
        """Take an action into the window and, where named, into a menu."""

    def remove_action(self, action: QAction) -> None:
        """Take it out again."""

    def action_icon(self, name: str) -> QIcon:
        """Return the icon of this name; it follows the colours by itself."""

    def action_parent(self) -> "QObject":
        """Return the owner of the actions."""


@dataclass(slots=True)
class _Entry:
    action: QAction
    tip: str
    keys: str = ""
    reason: str = ""


class Actions:
    """The actions of one owner: the frame, or a tab.

    Args:
        host: The window.
        tasks: Runs handlers that are coroutine functions; their errors are told from there.
    """

    def __init__(self, host: ActionHost, tasks: TaskRunner) -> None:
        self._host = host
        self._tasks = tasks
        self._entries: dict[str, _Entry] = {}

    def add(
        self,
        action_id: str,
        text: str,
        handler: Callable[[], object],
        *,
        menu: MenuName | None = None,
        section: str = "",
        shortcut: str = "",
        tip: str = "",
        icon: str = "",
        checkable: bool = False,
    ) -> QAction:
        """Make an action and place it.

        Args:
            action_id: Unique within this owner, such as ``"build.run"``.
            text: The words, with ``&`` before the mnemonic.
            handler: Called without arguments; a coroutine it returns is run as a task.
            menu: The menu that shows it, none for an action on buttons only.
            section: Actions of one section stand together, apart from the others.
            shortcut: Portable text, such as ``"Ctrl+R"``; several are parted by ``"; "``.
            tip: What it does, one sentence; the words stand for it when empty.
            icon: A name that ``Theme.icon`` takes.
            checkable: Whether it is on or off; the handler asks ``isChecked()``.
        """
        if action_id in self._entries:
            raise ValueError(f"Action {action_id} is there already")
        action = QAction(text, self._host.action_parent())
        action.setObjectName(action_id)
        action.setCheckable(checkable)
        if shortcut:
            action.setShortcuts(QKeySequence.listFromString(shortcut))
        action.triggered.connect(lambda _checked=False: self._trigger(handler))
        entry = _Entry(action, tip or plain_text(text), shortcut)
        self._entries[action_id] = entry
        _describe(entry)
        if icon:
            action.setIcon(self._host.action_icon(icon))
        self._host.place_action(action, menu, section)
        return action

    def __getitem__(self, action_id: str) -> QAction:
        return self._entries[action_id].action

    def set_enabled(self, action_id: str, enabled: bool, reason: str = "") -> None:
        """Allow an action, or not and say why in its tool tip and status tip."""
        entry = self._entries[action_id]
        entry.action.setEnabled(enabled)
        entry.reason = "" if enabled else reason
        _describe(entry)

    def listen(self, on: bool) -> None:
        """Let shortcuts work, or not while what they belong to is out of sight.

        Tabs share keys such as Del: only those of the tab that is shown may answer.
        """
        for entry in self._entries.values():
            keys = QKeySequence.listFromString(entry.keys) if on and entry.keys else []
            entry.action.setShortcuts(keys)

    def clear(self) -> None:
        """Remove all actions of this owner."""
        for entry in self._entries.values():
            self._host.remove_action(entry.action)
            # Now, not later: its connections hold the handlers, and through them all that
            # the owner has; what holds itself in such a circle is never collected.
            shiboken6.delete(entry.action)
        self._entries.clear()

    def _trigger(self, handler: Callable[[], object]) -> None:
        result = handler()
        if inspect.iscoroutine(result):
            self._tasks.run(result)


def plain_text(text: str) -> str:
    """Return the words of an action without mnemonic and dots."""
    return without_mnemonic(text).rstrip("…")


def without_mnemonic(text: str) -> str:
    """Return the words of an action as a button without mnemonic shows them."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


def _describe(entry: _Entry) -> None:
    known = QKeySequence.listFromString(entry.keys)[:1] if entry.keys else []
    shortcut = "".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in known)
    tip = f"{entry.tip} ({shortcut})" if shortcut else entry.tip
    entry.action.setToolTip(plain_tip("\n".join(filter(None, (tip, entry.reason)))))
    entry.action.setStatusTip(entry.reason or entry.tip)
