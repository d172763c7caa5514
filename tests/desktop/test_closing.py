"""Closing with running builds: asked once, remembered, and never without a person."""

import asyncio

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from core.settings import ClosePolicy
from desktop.frame.closing import Ending, ask_ending, ending_for


@pytest.mark.parametrize(
    ("policy", "tray", "quitting", "ending"),
    [
        (ClosePolicy.ASK, True, False, None),
        (ClosePolicy.TRAY, True, False, Ending.TRAY),
        (ClosePolicy.TRAY, True, True, Ending.FINISH),
        (ClosePolicy.TRAY, False, False, Ending.FINISH),
        (ClosePolicy.FINISH, True, False, Ending.FINISH),
        (ClosePolicy.CANCEL, False, True, Ending.CANCEL),
    ],
)
def test_what_was_decided(
    policy: ClosePolicy, tray: bool, quitting: bool, ending: Ending | None
) -> None:
    assert ending_for(policy, tray=tray, quitting=quitting) is ending


async def answer(parent: QWidget, words: str, *, tray: bool, tick: bool) -> tuple[Ending, bool]:
    asked = asyncio.create_task(ask_ending(parent, 2, tray=tray))
    await asyncio.sleep(0)
    (box,) = parent.findChildren(QMessageBox)
    assert box.text() == "2 builds are still running"
    box.findChildren(QCheckBox)[0].setChecked(tick)
    (button,) = [b for b in box.buttons() if b.text() == words]
    button.click()
    return await asked


@pytest.mark.parametrize(
    ("words", "ending"),
    [
        ("Stay", Ending.STAY),
        ("Cancel the builds", Ending.CANCEL),
        ("Keep going in the tray", Ending.TRAY),
        ("Let them finish alone", Ending.FINISH),
    ],
)
async def test_each_answer(words: str, ending: Ending, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    assert await answer(parent, words, tray=True, tick=False) == (ending, False)
    remembered = (ending, ending is not Ending.STAY)
    assert await answer(parent, words, tray=True, tick=True) == remembered


async def test_without_a_tray_it_is_not_offered(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    asked = asyncio.create_task(ask_ending(parent, 1, tray=False))
    await asyncio.sleep(0)
    (box,) = parent.findChildren(QMessageBox)
    words = {button.text() for button in box.buttons()}
    assert words == {"Stay", "Cancel the build", "Let it finish alone"}
    box.reject()
    assert await asked == (Ending.STAY, False)
    assert QApplication.activeModalWidget() is None
