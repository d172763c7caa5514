"""Tool tips show data literally: a picture in a name would be read while the window waits."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as QtOfTexts
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from core.builds.schemas import BuildPage
from core.workspaces.schemas import RecentWorkspace, WorkspaceKind
from desktop.actions import Actions
from desktop.builds.history.model import BuildsModel, Column
from desktop.builds.projects.model import ProjectsModel
from desktop.frame.running_line import RunningLine
from desktop.status_bar import Words
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.welcome.recent_list import RecentRow
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.tips import plain_tip
from tests.desktop.builds.samples import a_build, a_project, running
from tests.desktop.test_actions import Host

HOSTILE = "<b>x</b><img src='file:///dev/null'>"


def _project_tip(_theme: Theme) -> str:
    model = ProjectsModel()
    model.show([a_project(name=HOSTILE, path=HOSTILE, description=HOSTILE)], {})
    return str(model.index(0).data(Qt.ItemDataRole.ToolTipRole))


def _cell(column: Column) -> Callable[[Theme], str]:
    def tip(_theme: Theme) -> str:
        model = BuildsModel()
        model.show(BuildPage((a_build(message=HOSTILE, requested_by=HOSTILE),), more=False))
        return str(model.index(0, column).data(Qt.ItemDataRole.ToolTipRole))

    return tip


def _running_line(theme: Theme) -> str:
    line = RunningLine(theme)
    line.show_builds((running(project=HOSTILE),))
    return line.toolTip()


def _elided(_theme: Theme) -> str:
    label = ElidedLabel(HOSTILE)
    label.resize(20, 20)
    label.setText(f"{HOSTILE} ")
    return label.toolTip()


def _recent(theme: Theme) -> str:
    path = Path(f"/{HOSTILE}/x.db")
    now = datetime(2026, 5, 20, tzinfo=UTC)
    return RecentRow(
        theme, RecentWorkspace(path, WorkspaceKind.MANAGED, now, exists=True)
    ).toolTip()


def _words(theme: Theme) -> str:
    words = Words(theme)
    words.tell(HOSTILE, HOSTILE)
    return words.toolTip()


@pytest.mark.parametrize(
    "tip",
    [
        _project_tip,
        *(_cell(column) for column in (Column.STATE, Column.TREND, Column.BY)),
        _running_line,
        _elided,
        _recent,
        _words,
    ],
)
def test_data_is_shown_literally(theme: Theme, tip: Callable[[Theme], str]) -> None:
    text = tip(theme)
    assert "<b>x</b><img src='file:/" in _as_shown(text)
    assert "<img" not in text


async def test_the_reason_of_an_action_is_shown_literally(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    host = Host(theme)
    qtbot.addWidget(host)
    actions = Actions(host, tasks)
    action = actions.add("run", "&Run", lambda: None)
    actions.set_enabled("run", False, HOSTILE)
    assert _as_shown(action.toolTip()) == f"Run\n{HOSTILE}"
    assert action.statusTip() == HOSTILE  # the line at the bottom never takes markup


def test_lines_are_kept_and_long_ones_wrapped() -> None:
    assert plain_tip("two\nlines") == "two\nlines"
    assert plain_tip("1 < 2\n<b>x</b>") == "<qt>1 &lt; 2<br/>&lt;b&gt;x&lt;/b&gt;</qt>"
    long = "word " * 60
    assert plain_tip(long).startswith("<qt>")
    assert plain_tip("") == ""


def _as_shown(tip: str) -> str:
    if not QtOfTexts.mightBeRichText(tip):
        return tip
    document = QTextDocument()
    document.setHtml(tip)
    return document.toPlainText()
