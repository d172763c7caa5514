"""Questions that are awaited: how they end when nobody answers, and what they show."""

import asyncio
from typing import Any

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from desktop.async_dialogs import ask

_ACTIONS = (
    ("Do it", QMessageBox.ButtonRole.AcceptRole),
    ("Leave it", QMessageBox.ButtonRole.RejectRole),
)
_PATIENCE_S = 30


async def asking(parent: QWidget, text: str = "Really.") -> tuple[asyncio.Task[Any], Any]:
    """Ask over a widget; return the task that waits and the box."""
    task = asyncio.create_task(ask(parent, title="Sure?", text=text, actions=_ACTIONS))
    await asyncio.sleep(0)
    return task, parent.findChild(QMessageBox)


async def test_a_question_that_goes_with_its_window_was_closed(qtbot: QtBot) -> None:
    window = QWidget()
    task, _box = await asking(window)
    shiboken6.delete(window)
    assert await asyncio.wait_for(task, _PATIENCE_S) == (None, False)


async def test_a_question_that_is_gone_can_still_be_given_up(qtbot: QtBot) -> None:
    window = QWidget()
    task, _box = await asking(window)
    task.cancel()
    shiboken6.delete(window)
    await asyncio.wait([task], timeout=_PATIENCE_S)
    assert task.cancelled()


async def test_a_question_that_is_given_up_is_put_away(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    task, box = await asking(window)
    gone = asyncio.Event()
    box.destroyed.connect(gone.set)
    task.cancel()
    await asyncio.wait([task], timeout=_PATIENCE_S)
    await asyncio.wait_for(gone.wait(), _PATIENCE_S)


async def test_hostile_names_in_a_question_are_shown_as_they_are(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    task, box = await asking(window, "<img src='file:///etc/hostname'>")
    for name in ("qt_msgbox_label", "qt_msgbox_informativelabel"):
        assert box.findChild(QLabel, name).textFormat() is Qt.TextFormat.PlainText
    box.buttons()[0].click()
    assert await asyncio.wait_for(task, _PATIENCE_S) == (0, False)
