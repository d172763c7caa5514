"""The log view shows some lines only, folds groups, marks matches, tells times."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from core.builds.schemas import BuildLog, LogGroup, LogLevel
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.log_view import LogView, Needle, Times
from desktop.widgets.log_view.match_strip import MatchStrip
from desktop.widgets.log_view.model import LogModel
from desktop.widgets.log_view.stamps import stamp
from tests.desktop.widgets.log_source import MemoryLog, opened, text_at
from tests.waiting import until

_GROUPS = (LogGroup(100, 149, "Dependencies"), LogGroup(200, 201, "Tiny"))


def _rows(view: LogView) -> int:
    return view.model().rowCount()


async def test_only_some_lines_are_rows_and_keep_their_numbers(view: LogView) -> None:
    """Failed by pages that were wanted, dropped for newer ones, and never asked for again."""
    await opened(view, MemoryLog(100_000), finished=True)
    lines = list(range(1_000, 100_000, 3_000))
    view.show_only(lines)
    assert view.filtered
    assert _rows(view) == len(lines)
    view.scrollToTop()
    pages = view._log_model.pages
    assert pages is not None
    # Only looked at: to ask for a row is to want it.
    await until(lambda: all(pages.peek(line) for line in lines[:20]))
    assert text_at(view, 3) == "line 10000"
    view.setCurrentIndex(view.model().index(3, 0))
    assert view.line == 10_000
    view.show_only(None)
    assert _rows(view) == 100_000


async def test_a_filter_without_lines_says_so_and_its_end_keeps_the_place(
    view: LogView,
) -> None:
    await opened(view, MemoryLog(5_000), finished=True)
    view.jump_to(2_000)
    top = view.rowAt(0)
    view.show_only([], "There is no error in this log.")
    assert _rows(view) == 0
    assert view._message == "There is no error in this log."
    view.show_only(None)
    assert view._message == "This build printed nothing."
    view.jump_to(2_000)
    assert view._to_end.isVisible()
    view.show_only([1_000, 3_000])
    await until(lambda: not view._to_end.isVisible())
    assert not view.following
    view.show_only(None)
    assert view.rowAt(0) <= top


async def test_a_filter_grows_and_a_log_behind_it_adds_no_rows(view: LogView) -> None:
    log = MemoryLog(1_000)
    await opened(view, log, finished=False)
    view.show_only((10, 20))
    log.total = 2_000
    view.grow(2_000)
    await until(lambda: view.lines == 2_000)
    assert _rows(view) == 2
    view.show_only((10, 20, 1_500))
    assert text_at(view, 0) != ""
    assert _rows(view) == 3
    assert view.following


async def test_a_jump_out_of_the_filter_shows_the_line_in_the_whole_log(view: LogView) -> None:
    await opened(view, MemoryLog(5_000), finished=True)
    left: list[bool] = []
    view.filter_left.connect(lambda: left.append(True))
    view.show_only((10, 20))
    view.jump_to(20)
    assert (_rows(view), left) == (2, [])
    view.jump_to(3_000)
    assert (_rows(view), left) == (5_000, [True])
    assert not view.filtered
    assert view.line == 3_000


async def test_groups_of_a_finished_log_are_folded_but_for_those_with_errors(
    view: LogView,
) -> None:
    await opened(view, MemoryLog(1_000), finished=True)
    view.take_groups(_GROUPS, loud=(201,))
    assert _rows(view) == 1_000 - 49
    assert view.following
    view.scrollToTop()
    assert text_at(view, 100) == "Dependencies"
    await until(lambda: text_at(view, 101) == "line 150")
    spoken = view.model().index(100, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Line 101, group Dependencies, 49 lines, folded"


async def test_groups_of_a_live_log_stay_open_as_they_end(view: LogView) -> None:
    await opened(view, MemoryLog(1_000), finished=False)
    view.take_groups((LogGroup(100, None, "Now"),))
    view.take_groups((LogGroup(100, 500, "Now"),))
    assert _rows(view) == 1_000


async def test_a_group_is_folded_by_click_and_keys(view: LogView, qtbot: QtBot) -> None:
    await opened(view, MemoryLog(1_000), finished=False)
    view.take_groups(_GROUPS)
    view.jump_to(100)
    place = QPoint(200, view.rowViewportPosition(100) + 5)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert _rows(view) == 1_000 - 49
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert _rows(view) == 1_000
    view.jump_to(120)
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.line == 100
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert _rows(view) == 1_000 - 49
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert _rows(view) == 1_000
    assert view.line == 100
    view.fold_all()
    assert _rows(view) == 1_000 - 50
    view.unfold_all()
    assert _rows(view) == 1_000


async def test_a_jump_unfolds_and_growth_goes_on_behind_a_fold(view: LogView) -> None:
    log = MemoryLog(202)
    await opened(view, log, finished=False)
    view.take_groups(_GROUPS)
    view.fold_all()
    log.total = 300
    view.grow(300)
    await until(lambda: view.lines == 300)
    assert _rows(view) == 300 - 50
    await until(lambda: text_at(view, 300 - 51) == "line 299")
    view.jump_to(120)
    assert _rows(view) == 300 - 1
    assert view.line == 120


async def test_what_is_folded_is_copied_between_rows(
    view: LogView, clipboard: Callable[[], str]
) -> None:
    await opened(view, MemoryLog(210), finished=True)
    view.take_groups(_GROUPS)
    said: list[str] = []
    view.notice.connect(said.append)
    view.selectAll()
    view.copy()
    await until(lambda: bool(said))
    assert len(clipboard().split("\n")) == 210


async def test_only_the_lines_that_are_shown_are_copied_with_number_and_time(
    view: LogView, clipboard: Callable[[], str]
) -> None:
    log = MemoryLog(50_000)
    await opened(view, log, finished=True)
    view.times = Times.RELATIVE
    view.count_from(datetime(2026, 1, 1, 23, 59, 50, tzinfo=UTC))
    view.show_only([5, 7, 600, 40_000, 40_001])
    asked = len(log.asked)
    said: list[str] = []
    view.notice.connect(said.append)
    view.selectAll()
    view.copy(numbered=True)
    await until(lambda: bool(said))
    assert clipboard().split("\n") == [
        f"{line + 1}\t0:10.0\tline {line}" for line in (5, 7, 600, 40_000, 40_001)
    ]
    assert len(log.asked) - asked <= 6


@pytest.mark.parametrize(
    ("times", "after", "expected"),
    [
        (Times.RELATIVE, timedelta(seconds=42.16), "0:42.2"),
        (Times.RELATIVE, timedelta(seconds=59.96), "1:00.0"),
        (Times.RELATIVE, timedelta(hours=1, seconds=5), "1:00:05.0"),
        (Times.RELATIVE, timedelta(seconds=-5), "0:00.0"),
        (Times.OFF, timedelta(), ""),
    ],
)
def test_times_count_from_the_start(times: Times, after: timedelta, expected: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert stamp(start + after, times, start) == expected


def test_times_of_the_clock_are_local() -> None:
    moment = datetime(2026, 1, 1, 12, 30, 15, tzinfo=UTC)
    assert stamp(moment, Times.CLOCK, None) == moment.astimezone().strftime("%H:%M:%S")


async def test_matches_are_marked_also_in_coloured_text_and_only_there(view: LogView) -> None:
    log = MemoryLog(3, lambda line: "\x1b[31mred\x1b[0m \x1b[44mblue\x1b[0m" if line else "-")
    await opened(view, log, finished=True)
    plain = view.viewport().grab().toImage()
    view.mark(Needle("d b"))
    marked = view.viewport().grab().toImage()
    delegate = view._delegate
    left = round(delegate.gutter + 2 * delegate.cell)
    right = round(delegate.gutter + 5 * delegate.cell)
    y = delegate.row_height + 1
    assert marked.pixelColor(left + 2, y) == marked.pixelColor(right - 2, y)
    assert marked.pixelColor(left + 2, y) != plain.pixelColor(left + 2, y)
    for x in (left - 3, right + 3):
        assert marked.pixelColor(x, y) == plain.pixelColor(x, y)
    view.mark(None)
    assert view.viewport().grab().toImage() == plain


async def test_hostile_lines_and_needles_are_painted(view: LogView) -> None:
    nasty = "\x1b]0;t\x07\u202e\x1b[38;5;999m" + "ab" * 2_000 + "\x1b["
    await opened(view, MemoryLog(100, lambda _line: nasty), finished=True)
    for needle in (Needle("a"), Needle("(a|b)*c?", regular=True), Needle("[", regular=True)):
        view.mark(needle)
        view.viewport().grab()
    view.horizontalScrollBar().setValue(view.horizontalScrollBar().maximum())
    view.viewport().grab()


def test_the_strip_shows_where_matches_are(
    tasks: TaskRunner, theme: Theme, view: LogView
) -> None:
    model = LogModel(tasks)
    log = MemoryLog(100_000)
    model.show_log(log, log.summary())
    strip = MatchStrip(theme, model, view.verticalScrollBar())
    strip.show_lines((0, 50_000, 50_001, 99_999))
    assert list(strip.places(200)) == [0, 100, 198]
    strip.show_lines(range(100_000))
    assert len(list(strip.places(200))) == 100


async def test_the_model_keeps_qts_rules_while_it_folds_and_filters(
    tasks: TaskRunner, qtmodeltester: ModelTester
) -> None:
    model = LogModel(tasks)
    qtmodeltester.check(model)
    log = MemoryLog(1_000)
    model.show_log(log, log.summary(dropped_first=300, dropped_lines=100))
    model.take_groups((*_GROUPS, LogGroup(90, 160, "Outer")))
    for heading in (100, 90, 200):
        model.folds.fold(heading)
        model.refold(heading)
    model.grow(2_000)
    for heading in (90, 100):
        model.folds.unfold(heading)
        model.refold(heading)
    model.show_only((1, 2, 350, 900))
    assert model.rowCount() == 3
    model.show_only((1, 2, 350, 900, 1_500))
    assert model.rowCount() == 4
    model.grow(3_000)
    model.remap(log.summary(dropped_first=0, dropped_lines=100))
    model.show_only(None)
    assert model.rowCount() == 3_000 - 99 - 1


async def test_a_heading_is_spoken_and_painted_while_its_line_is_on_its_way(
    tasks: TaskRunner, view: LogView
) -> None:
    log = MemoryLog(1_000)
    log.level = lambda _line: LogLevel.ERROR
    await opened(view, log, finished=False)
    view.take_groups((LogGroup(10, None, "\x1b[31mOpen\x1b[0m group"),))
    view.jump_to(10)
    view.viewport().grab()
    spoken = view.model().index(10, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Line 11, group Open group, open"
    assert isinstance((await log.lines(10, 1))[0], BuildLog)
