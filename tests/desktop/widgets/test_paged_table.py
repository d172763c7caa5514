"""A table of any length shows pages as they are looked at, and keeps place and choice."""

import functools
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from core.database.query.schemas import Filter, ListQuery, Operator, PageStart
from core.errors import AppError
from desktop.tasks import TaskRunner
from desktop.theme import Metric, Theme
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.paged_table import CopyFormat, PagedModel, PagedTable, State, TablePane
from desktop.widgets.paged_table.model import NOT_YET
from tests.desktop.widgets.row_source import COLUMNS, MemoryRows, Person
from tests.waiting import until

_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
Make = Callable[..., PagedTable]


@pytest.fixture
async def make(theme: Theme, tasks: TaskRunner, qtbot: QtBot) -> Make:
    def build(source: MemoryRows, settings: QSettings | None = None) -> PagedTable:
        model: PagedModel[Person] = PagedModel(
            tasks, COLUMNS, key=lambda p: p.number, fetch=source.fetch, count=source.count
        )
        table = PagedTable(theme, tasks, model, name="People", settings=settings)
        qtbot.addWidget(table)
        table.resize(640, 30 + 10 * Metric.ROW)
        table.show()
        return table

    return build


async def _shown(table: PagedTable, rows: int) -> None:
    table.show_query(ListQuery())
    await until(lambda: table.list_model.exact and table.list_model.rowCount() == rows)


def _name(table: PagedTable, row: int) -> str:
    return str(table.list_model.index(row, 1).data())


async def _named(table: PagedTable, row: int, name: str) -> None:
    await until(lambda: _name(table, row) == name)


async def _counted(table: PagedTable, count: int) -> None:
    await until(lambda: table.list_model.rowCount() == count)


async def _held(model: PagedModel[Any], place: int) -> None:
    await until(lambda: model.row_at(place) is not None)


def _copied(text: str) -> bool:
    return text in QGuiApplication.clipboard().text()


def _selected(table: PagedTable) -> set[int]:
    return {index.row() for index in table.selectionModel().selectedRows()}


def _click(
    table: PagedTable,
    qtbot: QtBot,
    row: int,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    place = QPoint(150, table.rowViewportPosition(row) + 5)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, modifier, place)


async def test_the_first_page_does_not_wait_for_the_count(make: Make) -> None:
    source = MemoryRows(1_000_000)
    source.count_gate.clear()
    table = make(source)
    table.show_query(ListQuery())
    await until(lambda: table.list_model.state is State.READY)
    assert _name(table, 0) == "person 0"
    assert not table.list_model.exact
    assert table.list_model.rowCount() == 400
    source.count_gate.set()
    await until(lambda: table.list_model.rowCount() == 1_000_000)
    assert table.list_model.exact


async def test_only_what_is_looked_at_is_fetched_from_the_nearest_cursor(make: Make) -> None:
    source = MemoryRows(100_000)
    table = make(source)
    await _shown(table, 100_000)
    source.asked.clear()
    table.verticalScrollBar().setValue(50_000 * Metric.ROW)
    assert _name(table, 50_005) == NOT_YET
    await until(lambda: _name(table, 50_005) == "person 50005")
    assert PageStart(position=50_000) in source.asked
    source.asked.clear()
    table.verticalScrollBar().setValue(50_195 * Metric.ROW)
    await until(lambda: _name(table, 50_203) == "person 50203")
    assert all(start.cursor is not None and not start.backwards for start in source.asked)
    source.asked.clear()
    table.verticalScrollBar().setValue(49_700 * Metric.ROW)
    await until(lambda: _name(table, 49_705) == "person 49705")
    assert all(start.cursor is not None and start.backwards for start in source.asked)


async def test_the_end_is_counted_from_the_end(make: Make) -> None:
    source = MemoryRows(123_456)
    table = make(source)
    await _shown(table, 123_456)
    table.scrollToBottom()
    await until(lambda: _name(table, 123_455) == "person 123455")
    assert PageStart(backwards=True) in source.asked
    assert _name(table, 123_400) == "person 123400"


async def test_pages_scrolled_past_are_not_fetched(make: Make) -> None:
    """Seen to fail with a queue that forgets nothing."""
    source = MemoryRows(1_000_000)
    table = make(source)
    await _shown(table, 1_000_000)
    source.asked.clear()
    for place in range(0, 1_000_000, 10_000):
        table.verticalScrollBar().setValue(place * Metric.ROW)
    await until(lambda: _name(table, 990_003) == "person 990003")
    assert len(source.asked) <= 5


async def test_no_more_than_two_pages_are_asked_for_at_once(make: Make) -> None:
    """Seen to fail where everything wanted is sent at once."""
    source = MemoryRows(1_000_000)
    table = make(source)
    await _shown(table, 1_000_000)
    source.gate.clear()
    for place in (100_000, 300_000, 500_000, 700_000):
        table.verticalScrollBar().setValue(place * Metric.ROW)
        await until(lambda: not table.list_model.pages._pause.isActive())
    assert source.in_flight == 2
    source.gate.set()
    await _named(table, 700_003, "person 700003")


async def test_the_view_stays_when_the_row_with_the_focus_goes(
    make: Make, qtbot: QtBot
) -> None:
    """Seen to fail where Qt scrolls to the row that gets the focus instead."""
    source = MemoryRows(5_000)
    table = make(source)
    await _shown(table, 5_000)
    table.verticalScrollBar().setValue(1_985 * Metric.ROW)
    await _named(table, 1_990, "person 1990")
    _click(table, qtbot, 1_990)
    table.verticalScrollBar().setValue(2_010 * Metric.ROW)
    await _named(table, 2_010, "person 2010")
    source.remove(*range(1_960, 2_005))
    table.refresh()
    await _counted(table, 4_955)
    assert _name(table, table.rowAt(0)) == "person 2010"


async def test_old_pages_are_forgotten(make: Make) -> None:
    table = make(MemoryRows(100_000))
    await _shown(table, 100_000)
    model = table.list_model
    for number in range(60):
        model.pages.want(number)
        await _held(model, number * 200)
    held = sum(model.row_at(number * 200) is not None for number in range(60))
    assert held == 40


async def test_rows_are_replaced_in_place_and_stay_in_sight(make: Make, qtbot: QtBot) -> None:
    """Seen to fail where the place is kept by number: the row at the top is another then."""
    source = MemoryRows(2_000)
    source.remove(5, 6)
    table = make(source)
    await _shown(table, 1_998)
    table.verticalScrollBar().setValue(1_000 * Metric.ROW + 7)
    await until(lambda: _name(table, 1_000) == "person 1002")
    _click(table, qtbot, 1_003)
    source.version = " (new)"
    source.add(5, 6)
    source.remove(300, 301, 302, 303, 304)
    table.refresh()
    await until(lambda: table.list_model.rowCount() == 1_995)
    assert table.rowAt(0) == 997
    assert table.verticalScrollBar().value() == 997 * Metric.ROW + 7
    assert _name(table, 997) == "person 1002 (new)"
    assert _selected(table) == {1_000}
    assert table.chosen.chosen.keys == (1_005,)
    assert table.current_row().number == 1_005


async def test_the_top_shows_new_rows_and_the_choice_moves_with_its_row(
    make: Make, qtbot: QtBot
) -> None:
    source = MemoryRows(0)
    source.add(*range(100, 200))
    table = make(source)
    await _shown(table, 100)
    _click(table, qtbot, 2)
    _click(table, qtbot, 4, _CONTROL)
    source.add(1, 2, 3)
    table.refresh()
    await until(lambda: table.list_model.rowCount() == 103)
    assert table.rowAt(0) == 0
    assert _name(table, 0) == "person 1"
    assert _selected(table) == {5, 7}
    assert set(table.chosen.chosen.keys) == {102, 104}
    source.remove(102)
    table.refresh()
    await until(lambda: table.list_model.rowCount() == 102)
    assert table.chosen.chosen.keys == (104,)


async def test_the_choice_survives_another_order_but_not_another_filter(
    make: Make, qtbot: QtBot
) -> None:
    table = make(MemoryRows(1_000))
    await _shown(table, 1_000)
    _click(table, qtbot, 3)
    header = table.header
    for order, number in ((("number",), 0), (("-number",), 999)):
        place = QPoint(header.sectionViewportPosition(0) + 20, 10)
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert header.order == order
        await _named(table, 0, f"person {number}")
    assert table.chosen.chosen.keys == (3,)
    table.scrollToBottom()
    await until(lambda: _selected(table) == {996})
    table.show_query(ListQuery(search="7"))
    assert table.chosen.chosen.count == 0


async def test_all_rows_are_a_flag_and_single_ones_can_be_left_out(
    make: Make, qtbot: QtBot
) -> None:
    source = MemoryRows(300_000)
    table = make(source)
    await _shown(table, 300_000)
    table.selectAll()
    assert table.chosen.chosen.everything
    assert table.chosen.chosen.count == 300_000
    _click(table, qtbot, 2, _CONTROL)
    assert table.chosen.chosen == type(table.chosen.chosen)(True, (2,), 299_999)
    source.add(300_000, 300_001)
    table.refresh()
    await until(lambda: table.list_model.rowCount() == 300_002)
    assert table.chosen.chosen.count == 300_001
    assert table.selectionModel().isRowSelected(300_001)
    assert not table.selectionModel().isRowSelected(2)
    _click(table, qtbot, 4)
    assert table.chosen.chosen.keys == (4,)
    assert not table.chosen.chosen.everything


async def test_a_range_is_known_by_its_keys_even_where_nobody_looked(
    make: Make, qtbot: QtBot
) -> None:
    source = MemoryRows(100_000)
    table = make(source)
    told: list[str] = []
    table.notice.connect(told.append)
    await _shown(table, 100_000)
    _click(table, qtbot, 0)
    table.verticalScrollBar().setValue(1_995 * Metric.ROW)
    _click(table, qtbot, 1_999, _SHIFT)
    chosen = await table.chosen.complete()
    assert set(chosen.keys) == set(range(2_000))
    assert told == []
    qtbot.keyClick(table, Qt.Key.Key_End, _SHIFT)
    assert table.chosen.chosen.count == 10_000
    assert "10,000" in told[0]
    assert set((await table.chosen.complete()).keys) == set(range(10_000))


@pytest.mark.parametrize(
    ("key", "held"),
    [(Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_Backtab, _SHIFT)],
)
async def test_the_keyboard_chooses_the_first_row_that_it_comes_to(
    make: Make, qtbot: QtBot, key: Qt.Key, held: Qt.KeyboardModifier
) -> None:
    """Seen failing: the first row was shown beside the list, and no deed was enabled.

    Seen to fail, too, with ``selectRow``: while Shift is held it chooses nothing.
    """
    table = make(MemoryRows(50))
    neighbour = QLineEdit(table)
    neighbour.show()
    table.activateWindow()
    await _shown(table, 50)
    await _held(table.list_model, 0)
    neighbour.setFocus()
    await until(neighbour.hasFocus)
    qtbot.keyClick(neighbour, key, held)
    await until(table.hasFocus)
    assert _selected(table) == {0}
    assert table.current_row() is not None
    assert table.chosen.chosen.count == 1
    qtbot.keyClick(table, Qt.Key.Key_Down, _SHIFT)
    assert _selected(table) == {0, 1}


async def test_keys_go_to_both_ends_and_by_pages(make: Make, qtbot: QtBot) -> None:
    table = make(MemoryRows(5_000))
    await _shown(table, 5_000)
    _click(table, qtbot, 3)
    for key, modifier, row in (
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 4_999),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
        (Qt.Key.Key_End, _CONTROL, 4_999),
        (Qt.Key.Key_Home, _CONTROL, 0),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier, 1),
    ):
        qtbot.keyClick(table, key, modifier)
        assert table.currentIndex().row() == row
    qtbot.keyClick(table, Qt.Key.Key_PageDown)
    page = table.currentIndex().row()
    assert 9 <= page <= 12
    qtbot.keyClick(table, Qt.Key.Key_PageUp)
    assert table.currentIndex().row() <= 2
    qtbot.keyClick(table, Qt.Key.Key_X)


async def test_rows_are_copied_as_text_csv_and_json(make: Make, qtbot: QtBot) -> None:
    table = make(MemoryRows(500))
    told: list[str] = []
    table.notice.connect(told.append)
    await _shown(table, 500)
    _click(table, qtbot, 1)
    _click(table, qtbot, 3, _CONTROL)
    for wanted, text in (
        (CopyFormat.TEXT, "1\tperson 1\n3\tperson 3"),
        (CopyFormat.CSV, "Number,Name\r\n1,person 1\r\n3,person 3\r\n"),
        (CopyFormat.JSON, '"number": 3,\n    "name": "person 3"'),
    ):
        table.copy(wanted)
        await until(functools.partial(_copied, text))
    assert told == ["2 rows were copied."] * 3
    table.selectAll()
    table.copy()
    await until(lambda: told[-1] == "500 rows were copied.")
    assert QGuiApplication.clipboard().text().endswith("499\tperson 499")


async def test_columns_widths_and_order_come_back(
    make: Make, qtbot: QtBot, tmp_path: Any
) -> None:
    settings = QSettings(str(tmp_path / "kept.ini"), QSettings.Format.IniFormat)
    table = make(MemoryRows(10), settings)
    table.header.resizeSection(1, 333)
    table.header.moveSection(1, 0)
    table.header.show_column(2, True)
    table.header.show_column(1, False)
    table.header.show_order(("-number",))
    table.save_state()
    again = make(MemoryRows(10), settings)
    again.show_query(ListQuery())
    await until(lambda: _name(again, 0) == "person 9")
    # Also behind new rows: Qt calls `reset` of a heading then, which a method of ours once was.
    assert [column.name for column in again.header.visible_columns()] == [
        *("name", "number", "age"),
    ]
    assert again.header.sectionSize(1) == 333
    assert again.header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
    again.header.show_first_columns()
    assert [column.name for column in again.header.visible_columns()] == ["number", "name"]
    settings.setValue("columns", "{broken")
    assert make(MemoryRows(10), settings).header.visible_columns()


async def test_a_failure_is_told_in_place_and_can_be_retried(
    make: Make, theme: Theme, qtbot: QtBot
) -> None:
    source = MemoryRows(1_000)
    source.fault = AppError("The list broke.", hint="Try again.")
    table = make(source)
    pane = TablePane(theme, table, EmptyState(theme, icon="users", title="Nobody yet"))
    qtbot.addWidget(pane)
    pane.resize(640, 480)
    pane.show()
    table.show_query(ListQuery())
    await until(pane.broken.isVisible)
    assert pane.broken.accessibleName() == "The list broke."
    source.fault = None
    pane.broken.button.click()
    await until(lambda: table.isVisible() and pane.count.text() == "1,000 rows")
    source.fault = AppError("A page broke.")
    table.verticalScrollBar().setValue(600 * Metric.ROW)
    await until(pane.error.isVisible)
    assert _name(table, 605) == NOT_YET
    source.fault = None
    pane.error.triggered.emit()
    await until(lambda: _name(table, 605) == "person 605")
    assert not pane.error.isVisible()


async def test_nothing_at_all_and_nothing_found_are_told_apart(
    make: Make, theme: Theme, qtbot: QtBot
) -> None:
    source = MemoryRows(0)
    table = make(source)
    empty = EmptyState(theme, icon="users", title="Nobody yet", action="New user…")
    pane = TablePane(theme, table, empty)
    qtbot.addWidget(pane)
    pane.show()
    wished: list[bool] = []
    pane.clear_filters.connect(lambda: wished.append(True))
    table.show_query(ListQuery())
    await until(empty.isVisible)
    table.show_query(ListQuery(filters=(Filter("name", Operator.EQ, "x"),)))
    await until(pane.no_match.isVisible)
    pane.no_match.button.click()
    assert wished == [True]
    source.add(1)
    table.refresh()
    await until(table.isVisible)


async def test_the_model_keeps_qts_rules_while_rows_come_and_go(
    make: Make, qtmodeltester: ModelTester
) -> None:
    source = MemoryRows(5_000)
    table = make(source)
    qtmodeltester.check(table.list_model)
    await _shown(table, 5_000)
    table.verticalScrollBar().setValue(2_000 * Metric.ROW)
    await until(lambda: _name(table, 2_003) == "person 2003")
    flags = QItemSelectionModel.SelectionFlag
    table.selectionModel().select(
        table.list_model.index(2_003, 0), flags.ClearAndSelect | flags.Rows
    )
    for came, gone, count in ((range(-40, 0), (), 5_040), ((), range(100), 4_940)):
        source.add(*came)
        source.remove(*gone)
        table.refresh()
        await _counted(table, count)
    await until(lambda: _name(table, table.rowAt(0)) == "person 2000")
    assert table.chosen.chosen.keys == (2_003,)
    source.remove(*range(500, 5_000))
    table.refresh()
    await until(lambda: table.list_model.rowCount() == 440)
    await until(lambda: _name(table, 439) == "person 499")
    table.show_query(ListQuery(search="nobody"))
    await until(lambda: table.list_model.rowCount() == 0)


async def test_a_wrong_count_is_corrected_by_the_pages(make: Make) -> None:
    source = MemoryRows(450)
    source.counted = 1_000
    table = make(source)
    await _shown(table, 1_000)
    table.verticalScrollBar().setValue(390 * Metric.ROW)
    await until(lambda: table.list_model.rowCount() == 450)
    await until(lambda: _name(table, 449) == "person 449")
