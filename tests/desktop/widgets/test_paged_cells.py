"""Cells are painted as badges and chips, told in words, and copied without harm."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from core.database.query.schemas import Cursor, ListQuery, PageStart, Slice
from desktop.tasks import TaskRunner
from desktop.theme import Metric, Role, Theme
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.paged_table import Column, PagedModel, PagedTable, State, TablePane
from desktop.widgets.paged_table.cells import cell
from desktop.widgets.paged_table.copying import as_csv, as_json, as_text, safe_cell
from desktop.widgets.state_badge import Badge, Tone
from tests.desktop.widgets.row_source import COLUMNS, Known, MemoryRows
from tests.waiting import until

Row = tuple[str, Sequence[str]]
_BADGE = Badge("Active", "check-bold", Tone.SUCCESS)
_LOOKS: tuple[Column[Row], ...] = (
    Column("name", "Name", lambda r: r[0], width=100, strong=True),
    Column("state", "State", lambda _r: "Active", badge=lambda _r: _BADGE, width=120),
    Column("tags", "Tags", lambda r: ", ".join(r[1]), tags=lambda r: r[1], width=150),
    Column(
        "size", "Size", lambda r: str(len(r[0])), tip=lambda r: f"{len(r[0])} B", right=True
    ),
)


async def _table(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot, rows: Sequence[Row]
) -> PagedTable:
    async def fetch(_query: ListQuery, _start: PageStart, _limit: int) -> Slice[Row]:
        end = Cursor((0,))
        return Slice(tuple(rows), end, end, False, False)

    async def count(_query: ListQuery) -> Known:
        return Known(len(rows))

    model = PagedModel(tasks, _LOOKS, key=lambda r: r[0], fetch=fetch, count=count)
    table = PagedTable(theme, tasks, model, name="Things")
    qtbot.addWidget(table)
    table.resize(700, 300)
    table.show()
    table.show_query(ListQuery())
    await until(lambda: model.state is State.READY)
    return table


@pytest.mark.parametrize("appearance", ["light", "dark"])
async def test_cells_are_painted_in_the_colours_of_the_theme(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot, appearance: str
) -> None:
    table = await _table(theme, tasks, qtbot, [("ada", ("one", "two")), ("grace", ())])
    theme.choose(appearance)
    table.selectRow(1)
    image = table.viewport().grab().toImage()
    middle = Metric.ROW // 2
    assert image.pixelColor(117, middle) == theme.color(Role.SUCCESS_GROUND)
    assert image.pixelColor(235, middle) == theme.color(Role.HOVER)
    assert image.pixelColor(690, middle) == theme.color(Role.PANE)
    assert image.pixelColor(690, Metric.ROW - 1) == theme.color(Role.LINE)
    assert image.pixelColor(690, Metric.ROW + middle) == theme.color(Role.ACCENT_GROUND)
    assert image.pixelColor(690, 3 * Metric.ROW - 1) == theme.color(Role.PANE)


async def test_the_row_under_the_pointer_is_told_apart(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    table = await _table(theme, tasks, qtbot, [("ada", ()), ("grace", ())])
    qtbot.mouseMove(table.viewport(), QPoint(50, 5))
    qtbot.mouseMove(table.viewport(), QPoint(50, Metric.ROW + 5))
    image = table.viewport().grab().toImage()
    assert image.pixelColor(400, Metric.ROW + 5) == theme.color(Role.HOVER)
    assert image.pixelColor(400, 5) == theme.color(Role.PANE)


async def test_chips_that_do_not_fit_are_counted_and_stay_in_their_cell(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    tags = [f"tag {number}" for number in range(40)]
    table = await _table(theme, tasks, qtbot, [("ada", tags), ("b", ["x" * 300, "y"])])
    table.header.resizeSection(2, 100)
    image = table.viewport().grab().toImage()
    pane = theme.color(Role.PANE).rgb()
    for row in range(2):
        places = range(row * Metric.ROW + 2, row * Metric.ROW + 30)
        assert all(image.pixel(x, y) == pane for x in range(314, 322) for y in places)
        assert _ink(image, 222, 312, places) > 50


def _ink(image: QImage, left: int, right: int, rows: range) -> int:
    ground = image.pixel(left - 4, rows.start)
    return sum(image.pixel(x, y) != ground for x in range(left, right) for y in rows)


def test_screen_readers_hear_the_heading_and_tips_are_exact() -> None:
    row: Row = ("a\nb", ())
    assert cell(_LOOKS[0], row, Qt.ItemDataRole.DisplayRole) == "a b"
    assert cell(_LOOKS[3], row, Qt.ItemDataRole.AccessibleTextRole) == "Size: 3"
    assert cell(_LOOKS[3], row, Qt.ItemDataRole.ToolTipRole) == "3 B"
    hostile: Row = ("<img src=x>", ())
    assert "<img" not in cell(_LOOKS[0], hostile, Qt.ItemDataRole.ToolTipRole)


_WILD = st.one_of(
    st.text(max_size=15),
    st.tuples(st.sampled_from("=+-@\t\r"), st.text(max_size=9)).map("".join),
)


@settings(max_examples=150)
@given(names=st.lists(_WILD, max_size=5))
def test_no_cell_of_a_csv_is_a_formula_and_all_of_it_comes_back(names: list[str]) -> None:
    """Seen to fail without the apostrophe, and with one before every cell."""
    rows: list[Row] = [(name, (name, "x")) for name in names]
    text = as_csv(_LOOKS[:1], rows)
    cells = [line[0] if line else "" for line in csv.reader(io.StringIO(text, newline=""))][1:]
    assert not any(told.startswith(("=", "+", "-", "@", "\t", "\r")) for told in cells)
    for told, name in zip(cells, names, strict=True):
        assert told in (name, f"'{name}")
        assert (told != name) == name.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert [entry["name"] for entry in json.loads(as_json(_LOOKS, rows))] == names
    assert as_text(_LOOKS, rows).count("\n") == max(len(names) - 1, 0) or any(
        set(name) & set("\v\f\x1c\x1d\x1e\x85\u2028\u2029") for name in names
    )


def test_values_are_copied_exactly() -> None:
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    columns: tuple[Column[Any], ...] = (
        Column("when", "When", lambda _r: "yesterday", value=lambda r: r),
        Column("none", "None", lambda _r: "–", value=lambda _r: None),
    )
    assert as_csv(columns, [when]).split("\r\n")[1] == "2026-01-02T03:04:05+00:00,"
    assert json.loads(as_json(columns, [when])) == [{"when": when.isoformat(), "none": None}]
    assert safe_cell("-1") == "'-1"


async def test_columns_are_put_away_and_come_back_by_menu(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    source = MemoryRows(3)
    model = PagedModel(
        tasks, COLUMNS, key=lambda p: p.number, fetch=source.fetch, count=source.count
    )
    table = PagedTable(theme, tasks, model, name="People")
    pane = TablePane(theme, table, EmptyState(theme, icon="users", title="Nobody"))
    qtbot.addWidget(pane)
    menu = QMenu(pane)
    table.header.fill_menu(menu)
    number, name, age = menu.actions()[:3]
    assert [a.isChecked() for a in (number, name, age)] == [True, True, False]
    assert not name.isEnabled()
    age.trigger()
    number.trigger()
    assert [c.name for c in table.header.visible_columns()] == ["name", "age"]
    table.header.moveSection(2, 0)
    menu.actions()[-1].trigger()
    assert [c.name for c in table.header.visible_columns()] == ["number", "name"]
    pane.show()
    pane.show_columns_menu()
    shown = [m for m in pane.findChildren(QMenu) if m.isVisible()]
    assert len(shown) == 1
    shown[0].close()


async def test_rows_that_are_replaced_slowly_are_dimmed(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    source = MemoryRows(50)
    model = PagedModel(
        tasks, COLUMNS, key=lambda p: p.number, fetch=source.fetch, count=source.count
    )
    table = PagedTable(theme, tasks, model, name="People")
    qtbot.addWidget(table)
    table.resize(500, 300)
    table.show()
    blank = table.viewport().grab().toImage()
    source.gate.clear()
    table.show_query(ListQuery())
    assert table.viewport().grab().toImage() != blank
    source.gate.set()
    await until(lambda: model.exact)
    clear = table.viewport().grab().toImage()
    source.gate.clear()
    table.show_query(ListQuery(order=("-number",)))
    assert table.viewport().grab().toImage() == clear
    await until(lambda: table.viewport().grab().toImage() != clear)
    assert model.index(0, 1).data() == "person 0"
    source.gate.set()
    await until(lambda: model.index(0, 1).data() == "person 49")
