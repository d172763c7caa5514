"""The page of problems: what it lists, when, and where it leads."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from core.builds.schemas import BuildRow, LogSummary, Problem, Severity
from desktop.builds.panes import problems as pane_module
from desktop.builds.panes.problems import ProblemsPane
from desktop.builds.panes.problems_editor import Place
from desktop.builds.panes.problems_model import ProblemsModel
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from tests.desktop.builds.dialogs import answer
from tests.desktop.builds.samples import a_build, running
from tests.desktop.test_spoken import nameless
from tests.desktop.widgets.log_source import MemoryLog
from tests.waiting import until

PROBLEMS = (
    Problem(10, Severity.WARNING, "gcc", "src/a.c", 12, 5, "unused variable ‘a’"),
    Problem(40, Severity.ERROR, "gcc", "src/a.c", 41, None, "expected \x1b[1m;\x1b[0m\nbefore"),
    Problem(70, Severity.ERROR, "pytest", "", None, None, "it failed"),
)


@dataclass
class MemoryProblems:
    """Answers from memory, in place of the core."""

    found: tuple[Problem, ...] = PROBLEMS
    place: Place = field(default_factory=lambda: Place(Path("/src/a.c"), 41, 1, inside=True))
    asked: list[int] = field(default_factory=list)

    def log(self, _build_id: int) -> MemoryLog:
        return MemoryLog(100)

    async def problems(self, build_id: int) -> tuple[Problem, ...]:
        self.asked.append(build_id)
        return self.found

    async def summary(self, build_id: int) -> LogSummary:
        return LogSummary(build_id, 100, 0, 2, 1, True)

    async def find(self, _build: BuildRow, _problem: Problem) -> tuple[Place, list[str]]:
        return self.place, ["editor", str(self.place.file)]


@pytest.fixture
def calls() -> MemoryProblems:
    return MemoryProblems()


@pytest.fixture
async def pane(
    theme: Theme, tasks: TaskRunner, calls: MemoryProblems, qtbot: QtBot
) -> ProblemsPane:
    pane = ProblemsPane(theme, tasks, calls)  # type: ignore[arg-type]
    qtbot.addWidget(pane)
    pane.resize(900, 500)
    pane.show()
    return pane


async def _shown(pane: ProblemsPane) -> None:
    pane.show_build(a_build(problems=3))
    pane.bring_forward()
    await until(lambda: pane.model.rowCount() == 3)


async def test_problems_are_fetched_once_and_only_when_looked_at(
    pane: ProblemsPane, calls: MemoryProblems
) -> None:
    badges: list[str] = []
    pane.badge_changed.connect(badges.append)
    pane.show_build(a_build(problems=3))
    await asyncio.sleep(0)
    assert (calls.asked, badges) == ([], ["3"])
    await _shown(pane)
    pane.show_build(a_build(problems=3, note="changed"))
    pane.put_back()
    pane.bring_forward()
    await asyncio.sleep(0)
    assert calls.asked == [1001]
    assert pane.counts.text() == "2 errors · 1 warning"
    assert nameless(pane) == []


async def test_each_problem_is_shown_in_words_with_the_log_about_it(pane: ProblemsPane) -> None:
    await _shown(pane)
    cells = [[pane.model.index(row, column).data() for column in range(5)] for row in range(3)]
    assert cells == [
        ["Warning", "src/a.c:12:5", "unused variable ‘a’", "gcc", "11"],
        ["Error", "src/a.c:41", "expected ; before", "gcc", "41"],
        ["Error", "—", "it failed", "pytest", "71"],
    ]
    # Who looks for the reason of a failure looks for the first error, not for a warning.
    assert pane.excerpt.line == 40
    pane.table.selectRow(0)
    assert pane.excerpt.line == 10
    pane.table.selectRow(1)
    assert pane.open_button.isEnabled()
    pane.table.selectRow(2)
    assert not pane.open_button.isEnabled()
    assert pane.log_button.isEnabled()


async def test_a_severity_is_chosen_and_rows_are_copied_as_text(pane: ProblemsPane) -> None:
    await _shown(pane)
    pane.severity.setCurrentIndex(1)
    assert pane.model.rowCount() == 2
    pane.table.selectAll()
    pane.table.copy()
    assert QGuiApplication.clipboard().text() == (
        "src/a.c:41: error: expected ; before [gcc]\n—: error: it failed [pytest]"
    )


async def test_the_line_is_wanted_in_the_log_by_button_and_keys(
    pane: ProblemsPane, qtbot: QtBot
) -> None:
    await _shown(pane)
    wanted: list[int] = []
    pane.line_wanted.connect(wanted.append)
    pane.log_button.click()
    pane.table.selectRow(0)
    qtbot.keyClick(pane.table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert wanted == [40, 10]


async def test_a_file_outside_is_opened_only_after_asking(
    pane: ProblemsPane, calls: MemoryProblems, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed by opening before the answer was there."""
    opened: list[Place] = []
    monkeypatch.setattr(pane_module, "open_place", lambda _command, place: opened.append(place))
    await _shown(pane)
    pane.table.selectRow(1)
    qtbot.keyClick(pane.table, Qt.Key.Key_Return)
    await until(lambda: opened == [calls.place])
    calls.place = Place(Path("/etc/passwd"), 1, 1, inside=False)
    pane.open_button.click()
    assert "/etc/passwd" in await answer(pane, "Leave it")
    assert len(opened) == 1
    pane.open_button.click()
    await answer(pane, "Open it")
    await until(lambda: opened[1:] == [calls.place])
    assert not [one for one in pane.findChildren(QMessageBox) if one.isVisible()]


@pytest.mark.parametrize(
    ("build", "title"),
    [
        (running(), "Problems come at the end"),
        (a_build(), "The log was not searched for problems"),
        (a_build(problems=0), "No problems found"),
    ],
)
async def test_where_there_are_none_it_says_why(
    pane: ProblemsPane, build: BuildRow, title: str
) -> None:
    await _shown(pane)
    pane.show_build(build)
    assert pane.empty.isVisible()
    assert pane.empty.accessibleName() == title


async def test_the_model_keeps_qts_rules(theme: Theme, qtmodeltester: ModelTester) -> None:
    model = ProblemsModel(theme)
    qtmodeltester.check(model)
    model.show(PROBLEMS)
    model.show_only(Severity.ERROR)
    model.show(())
    assert model.rowCount() == 0


async def test_a_row_is_chosen_while_shift_is_held(pane: ProblemsPane, qtbot: QtBot) -> None:
    """Seen to fail with ``selectRow``, which looks for a range and finds none."""
    await _shown(pane)
    pane.severity.setFocus()
    qtbot.keyClick(pane.severity, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert pane.severity.currentIndex() == 1
    rows = [index.row() for index in pane.table.selectionModel().selectedRows()]
    assert rows == [0]
