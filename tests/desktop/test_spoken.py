"""What those hear who do not see: parts that take the keyboard or move have names."""

from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QProgressBar, QScrollArea, QSplitter, QWidget
from pytestqt.qtbot import QtBot

from core.errors import AppError
from desktop.activity.model import Activity
from desktop.activity.panel import ActivityPanel
from desktop.builds import words
from desktop.builds.projects.conflict_card import ConflictCard
from desktop.help.about import AboutWindow
from desktop.status_bar import StatusBar
from desktop.theme import Theme
from desktop.welcome.view import WelcomeView
from tests.desktop.test_activity import job

_NAMED = (QProgressBar, QScrollArea, QSplitter)


def nameless(root: QWidget) -> list[str]:
    """Return the parts below a widget that nobody can hear of."""
    return [
        f"{type(part).__name__} in {type(part.parent()).__name__}"
        for kind in _NAMED
        for part in root.findChildren(kind)
        if not part.accessibleName()
    ]


def _panel(theme: Theme) -> QWidget:
    activity = Activity(lambda _job: None)
    panel = ActivityPanel(theme, activity, lambda: None)
    activity.on_event(job(1))
    return panel


@pytest.mark.parametrize(
    "make",
    [
        _panel,
        lambda theme: StatusBar(theme, Activity(lambda _job: None)),
        WelcomeView,
        lambda theme: AboutWindow(theme, None),
    ],
)
def test_parts_have_names(theme: Theme, qtbot: QtBot, make: Any) -> None:
    part = make(theme)
    qtbot.addWidget(part)
    assert nameless(part) == []


def test_a_job_is_told_in_whole_sentences(theme: Theme, qtbot: QtBot) -> None:
    activity = Activity(lambda _job: None)
    bar = StatusBar(theme, activity)
    qtbot.addWidget(bar)
    activity.on_event(job(1, fraction=None, remaining_s=None))
    assert bar.job.words.text() == "Job 1 · 1:02"
    activity.on_event(job(2, remaining_s=None))
    assert bar.job.words.text() == "Job 2 40 % · 1:02 and 1 more"


@pytest.mark.parametrize(
    ("origin", "said"), [("desktop", "the window"), ("plugin", "a plug-in"), ("moon", "moon")]
)
def test_where_a_build_came_from_is_told_in_words(origin: str, said: str) -> None:
    assert words.origin_words(origin) == said


def test_a_conflict_takes_what_it_tells_literally(qtbot: QtBot) -> None:
    card = ConflictCard()
    qtbot.addWidget(card)
    card.explain(AppError("<b>x</b> was changed", detail="<img src='file:///dev/null'>"))
    formats = {label.textFormat().name for label in card.findChildren(QLabel)}
    assert formats == {"PlainText"}
