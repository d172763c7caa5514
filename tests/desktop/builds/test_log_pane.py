"""The page of the log: searching, filtering, going from error to error, while it grows."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from core.builds.schemas import LogGroup, LogLevel, LogMatches
from core.errors import AppError, NotFoundError, ValidationError
from desktop.builds.panes import log_again
from desktop.builds.panes.log import LogPane
from desktop.builds.panes.log_levels import Shown
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.log_view import Needle, Times
from tests.desktop.builds.samples import a_build
from tests.desktop.test_spoken import nameless
from tests.desktop.widgets.log_source import MemoryLog
from tests.waiting import until

ERRORS, WARNINGS = (100, 500, 900), (50, 500)


class ReadLog(MemoryLog):
    """A log that is searched, too; every tenth line holds ``needle``."""

    def __init__(self, total: int) -> None:
        super().__init__(total, lambda line: "needle" if line % 10 == 0 else f"line {line}")
        self.searched: list[Needle] = []
        self.groups_now: tuple[LogGroup, ...] = ()
        self.group_fault: Exception | None = None
        self.grouped = 0

    async def search(self, needle: Needle) -> LogMatches:
        self.searched.append(needle)
        await self.gate.wait()
        if needle.regular and needle.text == "(":
            fields = {"text": "Character 1: This parenthesis is never closed."}
            raise ValidationError("This is not a regular expression.", fields=fields)
        found = tuple(range(0, self.total, 10)) if needle.text == "needle" else ()
        return LogMatches(found, len(found))

    async def lines_of(self, levels: frozenset[LogLevel]) -> Sequence[int]:
        lines = set[int]()
        if LogLevel.ERROR in levels:
            lines.update(ERRORS)
        if LogLevel.WARNING in levels:
            lines.update(WARNINGS)
        return tuple(sorted(line for line in lines if line < self.total))

    async def groups(self) -> Sequence[LogGroup]:
        self.grouped += 1
        if self.group_fault is not None:
            raise self.group_fault
        return self.groups_now

    def told(self, **values: Any) -> Any:
        """Return its summary, with three errors and two warnings."""
        return replace(self.summary(**values), errors=3, warnings=2)


@pytest.fixture
def action() -> QAction:
    return QAction("Something")


@pytest.fixture
async def pane(
    theme: Theme,
    tasks: TaskRunner,
    qtbot: QtBot,
    action: QAction,
    monkeypatch: pytest.MonkeyPatch,
) -> LogPane:
    monkeypatch.setattr(log_again, "_LEAST_PAUSE_S", 0.0)
    pane = LogPane(theme, tasks, save=action, follow=action, folding=(action,))
    qtbot.addWidget(pane)
    for tool in pane.tools:
        tool.setParent(pane)
    pane.resize(900, 500)
    pane.show()
    pane.show_build(a_build())
    return pane


async def _opened(pane: LogPane, *, finished: bool = True, total: int = 1_000) -> ReadLog:
    log = ReadLog(total)
    pane.show_log(log, log.told(finished=finished))
    await until(lambda: log.grouped > 0)
    return log


async def _typed(pane: LogPane, text: str, told: str) -> None:
    pane.field.edit.setText(text)
    await until(lambda: pane.bar.status.text() == told)


async def test_what_is_typed_is_searched_counted_and_stepped_through(
    pane: LogPane, qtbot: QtBot
) -> None:
    await _opened(pane)
    pane.show_line(500)
    await _typed(pane, "needle", "51 of 100")
    assert pane.log.line == 500
    edit = pane.field.edit
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert (pane.log.line, pane.bar.status.text()) == (510, "52 of 100")
    qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    pane.search.previous()
    assert (pane.log.line, pane.bar.status.text()) == (490, "50 of 100")
    pane.show_line(999)
    assert pane.bar.status.text() == "100 matches"
    pane.bar.next_button.click()
    assert pane.log.line == 0
    pane.bar.previous_button.click()
    assert pane.log.line == 990


async def test_following_is_left_for_the_last_match(pane: LogPane) -> None:
    await _opened(pane, finished=False)
    await _typed(pane, "needle", "100 of 100")
    assert pane.log.line == 990
    assert not pane.log.following


async def test_nothing_found_and_a_wrong_expression_are_told_in_place(pane: LogPane) -> None:
    log = await _opened(pane)
    await _typed(pane, "zzz", "No match")
    pane.search.next()
    pane.field.regular.setChecked(True)
    await _typed(pane, "(", "Character 1: This parenthesis is never closed.")
    assert pane.field.property("kind") == "invalid_field"
    assert "parenthesis" in pane.field.edit.toolTip()
    assert not pane.bar.next_button.isVisible()
    pane.field.case.setChecked(True)
    await _typed(pane, "needle", "100 of 100")
    assert pane.field.property("kind") == "field"
    assert log.searched[-1] == Needle("needle", regular=True, case=True)


async def test_esc_ends_the_search_and_gives_the_keyboard_back(
    pane: LogPane, qtbot: QtBot
) -> None:
    await _opened(pane)
    pane.activateWindow()
    pane.open_search()
    await until(pane.field.edit.hasFocus)
    await _typed(pane, "needle", "100 of 100")
    qtbot.keyClick(pane.field.edit, Qt.Key.Key_Escape)
    assert pane.field.edit.text() == ""
    await until(lambda: pane.bar.status.text() == "")
    assert pane.log.hasFocus()
    assert pane.log._delegate.finder is None


async def test_a_log_that_grows_is_searched_again_and_the_place_stays(pane: LogPane) -> None:
    log = await _opened(pane, finished=False)
    await _typed(pane, "needle", "100 of 100")
    pane.show_line(10)
    log.total = 2_000
    pane.grow(2_000)
    await until(lambda: pane.bar.status.text() == "2 of 200")
    assert pane.log.line == 10


async def test_another_log_is_searched_for_the_same(pane: LogPane) -> None:
    await _opened(pane)
    await _typed(pane, "needle", "100 of 100")
    pane.show_build(a_build(2))
    assert pane.bar.status.text() in ("", "100 of 100")
    await _opened(pane, total=55)
    await until(lambda: pane.bar.status.text() == "6 matches")


async def test_an_answer_that_comes_too_late_is_left_aside(pane: LogPane) -> None:
    log = await _opened(pane)
    log.gate.clear()
    pane.field.edit.setText("needle")
    await until(lambda: bool(log.searched))
    pane.field.edit.setText("zzz")
    await until(lambda: len(log.searched) == 2)
    log.gate.set()
    await until(lambda: pane.bar.status.text() == "No match")


async def test_levels_are_filtered_and_a_jump_shows_all_again(pane: LogPane) -> None:
    await _opened(pane)
    pane.bar.shown.setCurrentIndex(1)
    await until(lambda: pane.log.model().rowCount() == 4)
    pane.bar.shown.setCurrentIndex(2)
    await until(lambda: pane.log.model().rowCount() == 3)
    pane.show_line(7)
    assert pane.levels.shown is Shown.ALL
    assert pane.bar.shown.currentIndex() == 0
    assert pane.log.model().rowCount() == 1_000


async def test_a_filtered_log_that_grows_shows_its_new_errors(pane: LogPane) -> None:
    log = await _opened(pane, finished=False, total=600)
    pane.levels.choose(Shown.ERRORS)
    await until(lambda: pane.log.model().rowCount() == 2)
    log.total = 1_000
    pane.grow(1_000)
    await until(lambda: pane.log.model().rowCount() == 3)


async def test_errors_and_warnings_are_stepped_through_also_by_their_counts(
    pane: LogPane,
) -> None:
    await _opened(pane)
    assert pane.bar.counts == "1,000 lines · 3 errors · 2 warnings"
    for expected in (100, 500, 900, 100):
        pane.bar.errors.click()
        await until(lambda expected=expected: pane.log.line == expected)  # type: ignore[misc]
    pane.previous_error()
    await until(lambda: pane.log.line == 900)
    pane.bar.warnings.click()
    await until(lambda: pane.log.line == 50)


async def test_a_log_without_errors_says_so(pane: LogPane) -> None:
    log = ReadLog(20)
    pane.show_log(log, log.summary())
    said: list[str] = []
    pane.log.notice.connect(said.append)
    pane.next_error()
    await until(lambda: said == ["There is no error in this log."])
    pane.levels.choose(Shown.ERRORS)
    await until(lambda: pane.log._message == "There is no error in this log.")


async def test_groups_are_folded_but_where_an_error_is(pane: LogPane) -> None:
    log = ReadLog(1_000)
    log.groups_now = (LogGroup(90, 120, "with an error"), LogGroup(200, 299, "quiet"))
    pane.show_log(log, log.told(finished=True))
    await until(lambda: pane.log.model().rowCount() == 1_000 - 99)


async def test_what_fails_while_a_log_grows_is_told_once(
    pane: LogPane, failures: list[BaseException]
) -> None:
    """Failed by an error for every 200 lines of a build that was followed."""
    log = await _opened(pane, finished=False)
    log.group_fault = AppError("The database is away.")
    for total in range(1_100, 2_000, 100):
        log.total = total
        pane.grow(total)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await until(lambda: bool(failures))
    asked = log.grouped
    pane.grow(5_000)
    await asyncio.sleep(0)
    assert log.grouped == asked
    assert [str(error) for error in failures] == ["The database is away."]
    failures.clear()


async def test_times_are_chosen_in_the_menu_and_parts_have_names(pane: LogPane) -> None:
    await _opened(pane)
    clock = pane.bar._times.actions()[2]
    clock.trigger()
    assert pane.times is Times.CLOCK
    assert clock.isChecked()
    pane.times = Times.RELATIVE
    assert not clock.isChecked()
    assert pane.bar._times.actions()[1].isChecked()
    assert nameless(pane) == []


async def test_a_build_that_is_deleted_meanwhile_is_no_failure(
    pane: LogPane, failures: list[BaseException]
) -> None:
    """Seen failing: a card said that the build is gone, which the person had deleted."""
    log = await _opened(pane, finished=False)
    log.group_fault = NotFoundError("This build is gone.")
    grouped = log.grouped
    pane.grow(1_200)
    await until(lambda: log.grouped > grouped)
    await until(lambda: not pane._again._busy)
    assert failures == []
