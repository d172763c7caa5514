"""Closing with running builds: asked once, remembered, and never without a person."""

import asyncio

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from core.progress import JobChanged, JobSnapshot, JobState
from core.settings import ClosePolicy
from desktop.activity.model import Activity
from desktop.frame.closing import Ending, ask_ending, ending_for
from desktop.frame.closing_jobs import ClosingWhenDone, may_close

PATIENCE_S = 30


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


def tell(activity: Activity, state: JobState) -> None:
    """Tell of one job, as the core does."""
    snapshot = JobSnapshot(1, "Pack", "Writing", state, 0.5, 2.0, 2.0, cancellable=True)
    activity.on_event(JobChanged(snapshot))


def press(parent: QWidget, words: str) -> None:
    (box,) = [b for b in parent.findChildren(QMessageBox) if b.isVisible()]
    (button,) = [b for b in box.buttons() if b.text() == words]
    button.click()


async def test_a_job_under_way_is_asked_about_and_waited_for(qtbot: QtBot) -> None:
    """Seen failing with the window that closed without a question."""
    parent, activity = QWidget(), Activity(lambda _id: None)
    qtbot.addWidget(parent)
    parent.show()
    assert await may_close(parent, activity)
    tell(activity, JobState.RUNNING)
    for words, closes in (("Stay", False), ("Break it off and close", True)):
        asked = asyncio.create_task(may_close(parent, activity))
        await asyncio.sleep(0)
        press(parent, words)
        assert await asked is closes
    asked = asyncio.create_task(may_close(parent, activity))
    await asyncio.sleep(0)
    press(parent, "Wait for it, then close")
    async with asyncio.timeout(PATIENCE_S):
        while not (waits := parent.findChildren(ClosingWhenDone)):  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert waits[0].heading.text() == "“Pack” is under way"
    assert not asked.done()
    tell(activity, JobState.SUCCEEDED)
    assert await asked
