"""The log view follows, stops, jumps and copies, and shows nothing that harms."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from core.builds.schemas import LogLevel
from desktop.tasks import TaskRunner
from desktop.theme import Role, Theme, contrast
from desktop.widgets.log_view import LogView
from desktop.widgets.log_view.model import NOT_YET, LogModel
from tests.desktop.widgets.log_source import MemoryLog, opened, text_at
from tests.waiting import until


def _last_row_in_sight(view: LogView) -> int:
    return view.rowAt(view.viewport().height() - 1)


def _at_end(view: LogView) -> bool:
    return view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


async def test_a_log_opens_at_its_end(view: LogView) -> None:
    await opened(view, MemoryLog(10_000))
    assert view.following
    assert _last_row_in_sight(view) == 9_999
    assert text_at(view, 9_999) == "line 9999"


async def test_growth_is_followed_and_its_lines_are_there_at_once(view: LogView) -> None:
    log = MemoryLog(0)
    view.show_log(log, log.summary())
    for log.total in (10, 1_000, 250_000):
        view.grow(log.total)
    await until(lambda: view.lines == 250_000)
    assert _at_end(view)
    assert text_at(view, 249_999) == "line 249999"
    assert len(log.asked) <= 4
    log.total = 250_100
    view.grow(log.total)
    await until(lambda: view.lines == 250_100)
    assert _at_end(view)


async def test_a_line_that_goes_on_is_shown_as_it_is_by_now(view: LogView) -> None:
    """Failed by the first part of a line, a progress bar's first percent, that stayed."""
    log = MemoryLog(300, lambda line: f"{line} begins")
    await opened(view, log)
    log.text = lambda line: f"{line} is whole"
    view.grow(log.total)
    await until(lambda: text_at(view, 299) == "299 is whole")
    asked = len(log.asked)
    view.viewport().repaint()
    assert len(log.asked) == asked


async def test_scrolling_up_stops_following_and_the_end_resumes_it(
    view: LogView, qtbot: QtBot
) -> None:
    log = MemoryLog(5_000)
    await opened(view, log)
    told: list[bool] = []
    view.following_changed.connect(told.append)
    view.verticalScrollBar().setValue(1_000)
    log.total = 6_000
    view.grow(6_000)
    await until(lambda: view.lines == 6_000)
    assert told == [False]
    assert view.verticalScrollBar().value() == 1_000
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.following
    assert _at_end(view)
    assert told == [False, True]


async def test_home_shows_the_first_line(view: LogView, qtbot: QtBot) -> None:
    await opened(view, MemoryLog(5_000))
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.rowAt(0) == 0
    assert not view.following


async def test_a_smaller_window_stays_at_the_end(view: LogView) -> None:
    await opened(view, MemoryLog(5_000))
    view.resize(500, 200)
    await until(lambda: _last_row_in_sight(view) == 4_999)
    assert view.following


async def test_jumping_selects_the_line_and_stops_following(view: LogView) -> None:
    await opened(view, MemoryLog(100_000))
    view.jump_to(40_000)
    await until(lambda: text_at(view, 40_000) == "line 40000")
    assert [i.row() for i in view.selectionModel().selectedRows()] == [40_000]
    assert view.rowAt(0) < 40_000 < _last_row_in_sight(view)
    assert not view.following


async def test_a_line_in_sight_stays_there_once_it_was_jumped_to(view: LogView) -> None:
    log = MemoryLog(1_000)
    await opened(view, log)
    view.jump_to(995)
    place = view.verticalScrollBar().value()
    log.total = 2_000
    view.grow(2_000)
    await until(lambda: view.lines == 2_000)
    assert view.verticalScrollBar().value() == place
    view.jump_to(1_999)
    assert view.following


async def test_dropped_lines_are_one_row_that_says_so(view: LogView) -> None:
    log = MemoryLog(3_000)
    await opened(view, log, dropped_first=1_000, dropped_lines=1_234)
    assert view.model().rowCount() == 3_000 - 1_234 + 1
    assert text_at(view, 1_000) == ("1,234 lines were dropped here: the log passed its limit")
    assert text_at(view, view.model().rowCount() - 1) == "line 2999"
    view.jump_to(2_234)
    await until(lambda: text_at(view, 1_001) == "line 2234")


async def test_a_gap_that_comes_later_keeps_the_place(view: LogView) -> None:
    log = MemoryLog(3_000)
    await opened(view, log)
    view.jump_to(2_500)
    view.verticalScrollBar().setValue(view.verticalScrollBar().value() // 19 * 19)
    top = text_at(view, view.rowAt(0))
    view.take_summary(log.summary(finished=True, dropped_first=100, dropped_lines=900))
    assert text_at(view, view.rowAt(1)) == top
    assert not view.following


async def test_copying_leaves_escape_sequences_behind(
    view: LogView, clipboard: Callable[[], str]
) -> None:
    log = MemoryLog(3, "\x1b]0;evil\x07\x1b[31mred\x1b[0m {}\u202e\0".format)
    await opened(view, log)
    said: list[str] = []
    view.notice.connect(said.append)
    view.selectAll()
    view.copy()
    await until(lambda: bool(said))
    assert clipboard() == "red 0\nred 1\nred 2"
    assert said == ["3 lines were copied."]
    view.copy(numbered=True)
    await until(lambda: len(said) == 2)
    assert clipboard() == "1\tred 0\n2\tred 1\n3\tred 2"


async def test_copying_fetches_what_is_not_at_hand_and_leaves_the_gap_out(
    view: LogView, clipboard: Callable[[], str]
) -> None:
    log = MemoryLog(50_000)
    await opened(view, log, dropped_first=20_000, dropped_lines=25_000)
    said: list[str] = []
    view.notice.connect(said.append)
    view.selectAll()
    view.copy()
    await until(lambda: bool(said))
    lines = clipboard().split("\n")
    assert len(lines) == 25_000
    assert lines[19_999:20_001] == ["line 19999", "line 45000"]


async def test_too_much_is_not_copied_but_told(
    view: LogView, clipboard: Callable[[], str]
) -> None:
    await opened(view, MemoryLog(100_001))
    said: list[str] = []
    view.notice.connect(said.append)
    view.selectAll()
    view.copy()
    await until(lambda: bool(said))
    assert "100,001" in said[0]
    assert clipboard() == ""


async def test_the_copy_shortcut_copies(
    view: LogView, qtbot: QtBot, clipboard: Callable[[], str]
) -> None:
    """Seen failing with two lines chosen by a jump while Ctrl is held, as in most shortcuts."""
    await opened(view, MemoryLog(3))
    view.jump_to(1)
    view.activateWindow()
    view.setFocus()
    await until(view.hasFocus)
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: clipboard() == "line 1")
    qtbot.keyPress(view, Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier)
    view.jump_to(2)
    assert [index.row() for index in view.selectionModel().selectedRows()] == [2]


async def test_a_click_tells_the_line(view: LogView, qtbot: QtBot) -> None:
    await opened(view, MemoryLog(300), dropped_first=0, dropped_lines=200)
    told: list[int] = []
    view.line_clicked.connect(told.append)
    place = QPoint(100, view.rowViewportPosition(100) + 5)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told == [299]


async def test_an_empty_log_says_so(view: LogView) -> None:
    log = MemoryLog(0)
    blank = _ink(view.grab().toImage())
    view.show_log(log, log.summary())
    assert _ink(view.grab().toImage()) > blank
    view.clear("Choose a build to see its log.")
    assert _ink(view.grab().toImage()) > blank
    view.clear()
    assert _ink(view.grab().toImage()) == blank


def _ink(image: QImage) -> int:
    ground = image.pixel(1, 1)
    return sum(
        image.pixel(x, y) != ground for x in range(image.width()) for y in range(150, 250)
    )


async def test_an_error_line_has_its_ground_and_text_on_it_can_be_read(
    view: LogView, theme: Theme
) -> None:
    log = MemoryLog(2, lambda _line: "error: it broke")
    log.level = lambda line: LogLevel.ERROR if line else LogLevel.PLAIN
    await opened(view, log)
    for appearance in ("light", "dark"):
        theme.choose(appearance)
        image = view.viewport().grab().toImage()
        assert image.pixelColor(590, 5) == theme.color(Role.LOG_GROUND)
        assert image.pixelColor(580, 25) == theme.color(Role.FAILURE_GROUND)
        ground = theme.color(Role.FAILURE_GROUND)
        inks = [image.pixelColor(x, y) for x in range(70, 160) for y in range(20, 37)]
        assert max(contrast(ink, ground) for ink in inks) >= 4.4


async def test_colours_of_the_build_are_painted(view: LogView) -> None:
    log = MemoryLog(1, lambda _line: "\x1b[48;2;10;200;30m" + " " * 40)
    await opened(view, log)
    image = view.viewport().grab().toImage()
    assert image.pixelColor(200, 9) == QColor(10, 200, 30)


async def test_a_long_line_can_be_scrolled_sideways_under_fixed_numbers(
    view: LogView,
) -> None:
    await opened(view, MemoryLog(40, lambda line: f"{line}" * 2_000))
    bar = view.horizontalScrollBar()
    assert bar.maximum() > 2_000
    numbers = view.viewport().grab().toImage().copy(0, 0, 50, 100)
    painted = _Painted(view.viewport())
    bar.setValue(100)
    # Moved pixels would smear the numbers, so that all has to be painted anew.
    await until(lambda: painted.area.contains(view.viewport().rect()))
    assert view.viewport().grab().toImage().copy(0, 0, 50, 100) == numbers


class _Painted(QObject):
    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.area = QRect()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if isinstance(event, QPaintEvent):
            self.area = self.area.united(event.rect())
        return False


async def test_the_model_keeps_qts_rules(
    tasks: TaskRunner, qtmodeltester: ModelTester, theme: Theme
) -> None:
    model = LogModel(tasks)
    qtmodeltester.check(model)
    log = MemoryLog(1_000)
    model.show_log(log, log.summary(dropped_first=10, dropped_lines=10))
    assert model.data(model.index(500, 0)) == NOT_YET
    await until(lambda: bool(model.data(model.index(500, 0)) != NOT_YET))
    model.grow(2_000)
    model.grow(1_500)
    model.remap(log.summary(dropped_first=10, dropped_lines=500))
    model.show_log(None, None)
    assert model.rowCount() == 0


async def test_screen_readers_hear_number_level_and_text(tasks: TaskRunner) -> None:
    model = LogModel(tasks)
    log = MemoryLog(2, "\x1b[31mline {}".format)
    log.level = lambda line: LogLevel.ERROR if line else LogLevel.PLAIN
    model.show_log(log, log.summary())
    index = model.index(1, 0)
    await until(lambda: bool(model.data(index) != NOT_YET))
    spoken = model.data(index, Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Line 2, error: line 1"
