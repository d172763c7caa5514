"""The activity panel and the job in the status bar, from events of jobs."""

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from core.progress import JobChanged, JobSnapshot, JobState
from desktop.activity.model import Activity
from desktop.activity.panel import ActivityPanel, time_words
from desktop.status_bar import JobLine
from desktop.theme import Theme


def job(number: int, state: JobState = JobState.RUNNING, **changes: object) -> JobChanged:
    values: dict[str, object] = {
        "id": number,
        "title": f"Job {number}",
        "text": "page 3 of 8",
        "state": state,
        "fraction": 0.4,
        "elapsed_s": 62.0,
        "remaining_s": 93.0,
        "cancellable": True,
        "error": "",
    }
    return JobChanged(JobSnapshot(**{**values, **changes}))  # type: ignore[arg-type]


@pytest.fixture
def cancelled() -> list[int]:
    return []


@pytest.fixture
def activity(cancelled: list[int]) -> Activity:
    return Activity(cancelled.append)


def test_the_newest_job_stands_first(theme: Theme, qtbot: QtBot, activity: Activity) -> None:
    panel = ActivityPanel(theme, activity, lambda: None)
    qtbot.addWidget(panel)
    for number in (1, 2, 3):
        activity.on_event(job(number))
    assert [card.job.snapshot.id for card in panel.cards()] == [3, 2, 1]
    panel.resize(320, 700)
    panel.show()
    tops = [card.y() for card in panel.cards()]
    assert tops == sorted(set(tops))


def test_time_left_is_told_where_it_is_known(activity: Activity) -> None:
    activity.on_event(job(1, JobState.SUCCEEDED, remaining_s=None))
    activity.on_event(job(2))
    newest, older = activity.jobs()
    assert time_words(newest).startswith("1:02 · about 1:3")
    assert time_words(older) == "1:02"


def test_cancel_asks_for_this_job(
    theme: Theme, qtbot: QtBot, activity: Activity, cancelled: list[int]
) -> None:
    panel = ActivityPanel(theme, activity, lambda: None)
    qtbot.addWidget(panel)
    activity.on_event(job(7))
    (card,) = panel.cards()
    card.cancel_button.click()
    assert cancelled == [7]
    activity.on_event(job(7, JobState.CANCELLING))
    assert not card.cancel_button.isEnabled()


def test_beyond_the_point_of_no_return_nothing_can_be_cancelled(
    theme: Theme, qtbot: QtBot, activity: Activity
) -> None:
    panel = ActivityPanel(theme, activity, lambda: None)
    qtbot.addWidget(panel)
    activity.on_event(job(1, cancellable=False))
    assert not panel.cards()[0].cancel_button.isEnabled()


def test_an_error_can_be_copied(theme: Theme, qtbot: QtBot, activity: Activity) -> None:
    panel = ActivityPanel(theme, activity, lambda: None)
    qtbot.addWidget(panel)
    activity.on_event(job(1, JobState.FAILED, error="The disk is full."))
    (card,) = panel.cards()
    assert card.copy_button.isVisibleTo(panel)
    card.copy_button.click()
    assert QGuiApplication.clipboard().text() == "Job 1\n\nThe disk is full."


def test_finished_jobs_are_cleared_and_running_ones_stay(
    theme: Theme, qtbot: QtBot, activity: Activity
) -> None:
    panel = ActivityPanel(theme, activity, lambda: None)
    qtbot.addWidget(panel)
    activity.on_event(job(1, JobState.SUCCEEDED))
    activity.on_event(job(2))
    activity.clear_finished()
    assert [card.job.snapshot.id for card in panel.cards()] == [2]


def test_only_the_last_fifty_finished_jobs_are_kept(activity: Activity) -> None:
    activity.on_event(job(0))
    for number in range(1, 61):
        activity.on_event(job(number, JobState.SUCCEEDED))
    kept = [entry.snapshot.id for entry in activity.jobs()]
    assert len(kept) == 51
    assert 0 in kept
    assert 60 in kept
    assert 10 not in kept


def test_the_status_bar_shows_the_newest_running_job(
    theme: Theme, qtbot: QtBot, activity: Activity, cancelled: list[int]
) -> None:
    line = JobLine(theme, activity)
    qtbot.addWidget(line)
    activity.on_event(job(1))
    activity.on_event(job(2))
    assert not line.isHidden()
    assert line.words.text().startswith("Job 2 40 % · 1:02")
    assert line.words.text().endswith("and 1 more")
    line.cancel_button.click()
    assert cancelled == [2]
    activity.on_event(job(2, JobState.SUCCEEDED))
    assert line.words.text().startswith("Job 1")
    activity.on_event(job(1, JobState.CANCELLED))
    assert line.isHidden()
