"""The menus of the window: sections parted by lines, and empty menus out of sight."""

from dataclasses import dataclass, field

import shiboken6
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar

from core.translation import _
from desktop.actions import MenuName


@dataclass(slots=True)
class _Section:
    separator: QAction
    actions: list[QAction] = field(default_factory=list)


class SectionedMenu:
    """One menu; actions of a section stand together, in the order they came."""

    def __init__(self, menu: QMenu) -> None:
        self.menu = menu
        self._sections: dict[str, _Section] = {}
        menu.setToolTipsVisible(True)
        menu.menuAction().setVisible(False)

    def add(self, action: QAction, section: str) -> None:
        """Put an action at the end of its section."""
        found = self._sections.get(section)
        if found is None:
            found = self._sections[section] = _Section(self._add_line())
        names = list(self._sections)
        following = names[names.index(section) + 1 :]
        before = self._sections[following[0]].separator if following else None
        if before is None:
            self.menu.addAction(action)
        else:
            self.menu.insertAction(before, action)
        found.actions.append(action)
        self.menu.menuAction().setVisible(True)

    def _add_line(self) -> QAction:
        # Made here, as one that the menu makes cannot be deleted from here.
        line = QAction(self.menu)
        line.setSeparator(True)
        self.menu.addAction(line)
        return line

    def remove(self, action: QAction) -> bool:
        """Take an action out; False when it is not here."""
        for name, section in self._sections.items():
            if action in section.actions:
                section.actions.remove(action)
                self.menu.removeAction(action)
                if not section.actions:
                    separator = self._sections.pop(name).separator
                    self.menu.removeAction(separator)
                    shiboken6.delete(separator)
                self.menu.menuAction().setVisible(bool(self._sections))
                return True
        return False


class Menus:
    """All menus of a menu bar, and the one of the account."""

    def __init__(self, bar: QMenuBar) -> None:
        titles = {
            MenuName.FILE: _("&File"),
            MenuName.VIEW: _("&View"),
            MenuName.PEOPLE: _("&People"),
            MenuName.BUILD: _("&Build"),
            MenuName.LOG: _("&Log"),
            MenuName.DATABASE: _("&Database"),
            MenuName.HELP: _("&Help"),
        }
        self._menus = {
            name: SectionedMenu(bar.addMenu(title)) for name, title in titles.items()
        }
        # Opened by a button, not from the bar.
        self._menus[MenuName.ACCOUNT] = SectionedMenu(QMenu(_("Account"), bar))
        self._inner: list[SectionedMenu] = []

    def __getitem__(self, name: MenuName) -> SectionedMenu:
        return self._menus[name]

    def add_inner(self, name: MenuName, section: str, title: str) -> SectionedMenu:
        """Make a menu within a menu."""
        inner = QMenu(title, self._menus[name].menu)
        made = SectionedMenu(inner)
        self._menus[name].add(inner.menuAction(), section)
        self._inner.append(made)
        inner.menuAction().setVisible(True)
        return made

    def remove(self, action: QAction) -> None:
        """Take an action out of whichever menu holds it."""
        for menu in (*self._menus.values(), *self._inner):
            if menu.remove(action):
                return
