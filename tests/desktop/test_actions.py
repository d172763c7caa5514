"""Actions: one description for menu, shortcut, tool tip and the reason for "not now"."""

import asyncio

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from desktop.actions import Actions, MenuName, plain_text
from desktop.frame.menus import Menus
from desktop.tasks import TaskRunner
from desktop.theme import Theme


class Host(QMainWindow):
    """A window with nothing but menus."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.menus = Menus(self.menuBar())

    def place_action(self, action: QAction, menu: MenuName | None, section: str) -> None:
        self.addAction(action)
        if menu is not None:
            self.menus[menu].add(action, section)

    def remove_action(self, action: QAction) -> None:
        self.removeAction(action)
        self.menus.remove(action)

    def action_icon(self, name: str) -> QIcon:
        return self.theme.icon(name)

    def action_parent(self) -> QObject:
        return self


def words(host: Host, menu: MenuName) -> list[str]:
    return [action.text() or "-" for action in host.menus[menu].menu.actions()]


async def test_sections_stand_together_parted_by_lines(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    host = Host(theme)
    qtbot.addWidget(host)
    actions = Actions(host, tasks)
    actions.add("a", "A", lambda: None, menu=MenuName.BUILD, section="one")
    actions.add("b", "B", lambda: None, menu=MenuName.BUILD, section="two")
    actions.add("c", "C", lambda: None, menu=MenuName.BUILD, section="one")
    assert words(host, MenuName.BUILD) == ["-", "A", "C", "-", "B"]


async def test_an_empty_menu_is_out_of_sight(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    host = Host(theme)
    qtbot.addWidget(host)
    actions = Actions(host, tasks)
    bar_entry = host.menus[MenuName.BUILD].menu.menuAction()
    assert not bar_entry.isVisible()
    actions.add("a", "A", lambda: None, menu=MenuName.BUILD)
    assert bar_entry.isVisible()
    actions.clear()
    assert not bar_entry.isVisible()
    assert words(host, MenuName.BUILD) == []


async def test_keys_answer_only_while_their_owner_listens(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    """Two tabs share a key: of both at once Qt would let neither answer."""
    host = Host(theme)
    qtbot.addWidget(host)
    actions = Actions(host, tasks)
    delete = actions.add("a", "A", lambda: None, shortcut="Del; Ctrl+D")
    plain = actions.add("b", "B", lambda: None)
    actions.listen(False)
    assert delete.shortcuts() == []
    actions.set_enabled("a", False, "Not now.")
    assert "(Del)" in delete.toolTip()
    actions.listen(True)
    assert [key.toString() for key in delete.shortcuts()] == ["Del", "Ctrl+D"]
    assert plain.shortcuts() == []


async def test_the_reason_is_told_while_an_action_cannot_be_used(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    host = Host(theme)
    qtbot.addWidget(host)
    actions = Actions(host, tasks)
    action = actions.add("run", "&Run", lambda: None, shortcut="Ctrl+R", tip="Start a build")
    assert action.toolTip() == "Start a build (Ctrl+R)"
    actions.set_enabled("run", False, "No project is chosen.")
    assert not action.isEnabled()
    assert "No project is chosen." in action.toolTip()
    assert action.statusTip() == "No project is chosen."
    actions.set_enabled("run", True, "No project is chosen.")
    assert action.statusTip() == "Start a build"


async def test_a_coroutine_function_is_run_as_a_task(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    host = Host(theme)
    qtbot.addWidget(host)
    done = asyncio.Event()

    async def handler() -> None:
        done.set()

    Actions(host, tasks).add("a", "A", handler).trigger()
    await asyncio.wait_for(done.wait(), 5)


def test_words_lose_mnemonic_and_dots() -> None:
    assert plain_text("&Open…") == "Open"
    assert plain_text("Projects && builds") == "Projects & builds"
