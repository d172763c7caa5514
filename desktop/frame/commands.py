"""The actions of the frame itself, and when they can be used."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtGui import QActionGroup

from core.translation import _
from core.workspaces.schemas import RecentWorkspace
from desktop.actions import Actions, MenuName
from desktop.main_window import MainWindow
from desktop.tasks import TaskRunner
from desktop.widgets.tips import plain_tip

Handler = Callable[[], Any]
_NEED_CORE = ("file.settings", "help.diagnostics")
_OPEN = ("file.new", "file.open", "file.demo")
_APPEARANCES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Handlers:
    """What the actions do; coroutine functions are run as tasks."""

    new: Handler
    open: Handler
    demo: Handler
    open_path: Callable[[Path], Any]
    close_workspace: Handler
    settings: Handler
    quit: Handler
    appearance: Callable[[str], Any]
    diagnostics: Handler
    about: Handler


class Commands:
    """Makes the actions of the frame and keeps them in step with its state."""

    def __init__(self, window: MainWindow, tasks: TaskRunner, handlers: Handlers) -> None:
        self._window, self._tasks, self._handlers = window, tasks, handlers
        self.actions = Actions(window, tasks)
        self._add_file()
        self._add_view()
        self._add_help()
        window.activity_shown.connect(self.actions["view.activity"].setChecked)
        window.restore_activity()
        self.follow(ready=False, workspace=False)

    def follow(self, *, ready: bool, workspace: bool, opening: bool = False) -> None:
        """Allow what is possible now.

        Args:
            ready: The core can be called.
            workspace: A workspace is open.
            opening: A workspace is being opened; no second one can be meanwhile.
        """
        for name in _NEED_CORE:
            self.actions.set_enabled(name, ready, _("Buildbench is starting."))
        busy = _("A workspace is being opened.") if ready else _("Buildbench is starting.")
        for name in _OPEN:
            self.actions.set_enabled(name, ready and not opening, busy)
        self.actions.set_enabled("file.close", workspace, _("No workspace is open."))
        any_recent = bool(self._recent.menu.actions())
        self._recent.menu.setEnabled(ready and not opening and any_recent)

    def show_recent(self, recent: tuple[RecentWorkspace, ...]) -> None:
        """Fill File → Open recent."""
        menu = self._recent.menu
        menu.clear()
        for one in recent:
            action = menu.addAction(one.path.name.replace("&", "&&"))
            action.setToolTip(plain_tip(str(one.path)))
            action.setStatusTip(str(one.path))
            action.setEnabled(one.exists)
            action.triggered.connect(
                lambda _checked=False, path=one.path: self._tasks.run(
                    self._handlers.open_path(path)
                )
            )
        menu.setEnabled(bool(recent))

    def show_appearance(self, appearance: str) -> None:
        """Mark the appearance in force."""
        self.actions[f"view.appearance.{appearance}"].setChecked(True)

    def _add_file(self) -> None:
        add, do = self.actions.add, self._handlers
        file, opening = MenuName.FILE, "open"
        add("file.new", _("&New workspace…"), do.new, menu=file, section=opening,
            shortcut="Ctrl+N", icon="file-plus",
            tip=_("Make an empty workspace and open it"))  # fmt: skip
        add("file.open", _("&Open…"), do.open, menu=file, section=opening,
            shortcut="Ctrl+O", icon="folder-open",
            tip=_("Open a workspace, or any SQLite file"))  # fmt: skip
        self._recent = self._window.menus.add_inner(file, opening, _("Open &recent"))
        add("file.demo", _("Try the &demo"), do.demo, menu=file, section=opening,
            icon="flask",
            tip=_("Make a workspace with small projects that are really built"))  # fmt: skip
        add("file.close", _("&Close workspace"), do.close_workspace, menu=file,
            section="close", shortcut="Ctrl+W", icon="x",
            tip=_("Close the workspace and go to the welcome page"))  # fmt: skip
        add("file.settings", _("&Settings…"), do.settings, menu=file, section="settings",
            shortcut="Ctrl+,", icon="gear", tip=_("Change how Buildbench works"))  # fmt: skip
        add("file.quit", _("&Quit"), do.quit, menu=file, section="quit",
            shortcut="Ctrl+Q", icon="power", tip=_("End Buildbench"))  # fmt: skip

    def _add_view(self) -> None:
        add = self.actions.add
        group = QActionGroup(self._window)
        names = (_("As the &system"), _("&Light"), _("&Dark"))
        for appearance, name in zip(_APPEARANCES, names, strict=True):
            action = add(
                f"view.appearance.{appearance}",
                name,
                functools.partial(self._handlers.appearance, appearance),
                menu=MenuName.VIEW,
                section="appearance",
                checkable=True,
            )
            group.addAction(action)
        add("view.activity", _("&Activity"),
            lambda: self._window.show_activity(not self._window.activity_is_shown),
            menu=MenuName.VIEW, section="panels", shortcut="F9", checkable=True,
            tip=_("Show running and finished jobs"))  # fmt: skip
        add("view.notification", _("Go to &notification"),
            self._window.toasts.focus_newest,
            menu=MenuName.VIEW, section="panels", shortcut="Shift+F9", icon="bell",
            tip=_("Give the keyboard to the newest notification"))  # fmt: skip
        add("view.full_screen", _("&Full screen"), self._window.toggle_full_screen,
            menu=MenuName.VIEW, section="window", shortcut="F11", icon="arrows-out",
            tip=_("Fill the screen, or stop doing so"))  # fmt: skip
        self._add_tab_steps()

    def _add_tab_steps(self) -> None:
        bar = self._window.tab_bar

        def step(by: int) -> None:
            if bar.count():
                bar.setCurrentIndex((bar.currentIndex() + by) % bar.count())

        add = self.actions.add
        add("view.next_tab", _("Next tab"), lambda: step(1), shortcut="Ctrl+PgDown")
        add("view.previous_tab", _("Previous tab"), lambda: step(-1), shortcut="Ctrl+PgUp")

    def _add_help(self) -> None:
        add, do = self.actions.add, self._handlers
        add("help.diagnostics", _("&Diagnostics…"), do.diagnostics, menu=MenuName.HELP,
            section="help", icon="heartbeat",
            tip=_("Versions, paths and the log of the program"))  # fmt: skip
        add("help.about", _("&About Buildbench"), do.about, menu=MenuName.HELP,
            section="help", icon="info", tip=_("Version and licences"))  # fmt: skip
