"""Tables, bars, charts and forms that were closed leave nothing behind."""

import asyncio
import gc
import weakref
from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QWidget

from core.database.query.schemas import FieldDescription, ListQuery, Operator
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.charts import Bar, BarChart
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.filter_bar import Condition, FilterBar
from desktop.widgets.form import AddressField, Form, MoneyField, PasswordField, TagsField
from desktop.widgets.paged_table import PagedModel, PagedTable, TablePane
from tests.desktop.widgets.row_source import COLUMNS, MemoryRows

Parts = list[QObject]
_NAME = FieldDescription("name", "Name", "text", (Operator.EQ, Operator.CONTAINS))


def _table(theme: Theme, tasks: TaskRunner) -> Parts:
    source = MemoryRows(5_000)
    model = PagedModel(
        tasks, COLUMNS, key=lambda p: p.number, fetch=source.fetch, count=source.count
    )
    table = PagedTable(theme, tasks, model, name="People")
    pane = TablePane(theme, table, EmptyState(theme, icon="users", title="Nobody"))
    table.show_query(ListQuery())
    table.selectAll()
    return [pane, table, model, table.chosen, table.header, table.itemDelegate()]


def _bar(theme: Theme, _tasks: TaskRunner) -> Parts:
    bar = FilterBar(theme, (_NAME,))
    bar.show_conditions((Condition("name", Operator.EQ, "ada"),))
    popover = bar.edit(0)
    popover.close()
    return [bar, *bar.chips]


def _chart(theme: Theme, _tasks: TaskRunner) -> Parts:
    chart = BarChart(theme, "New users", heads=("Month", "Users"))
    chart.show_bars([Bar("Jan", 1)])
    assert chart.plot is not None
    return [chart, chart.plot]


def _form(theme: Theme, _tasks: TaskRunner) -> Parts:
    form = Form()
    fields = (TagsField(theme), PasswordField(theme), MoneyField(), AddressField())
    for number, field in enumerate(fields):
        form.add(str(number), "", field)
    form.set_values({"0": ("one", "two")})
    return [form, *fields]


@pytest.mark.parametrize("make", [_table, _bar, _chart, _form])
async def test_what_was_closed_is_gone(
    theme: Theme, tasks: TaskRunner, make: Callable[[Theme, TaskRunner], Parts]
) -> None:
    """Seen to fail where the table did not own its model."""
    receivers = theme.receivers("2changed()")
    parts = make(theme, tasks)
    page = parts[0]
    assert isinstance(page, QWidget)
    page.show()
    alive = [weakref.ref(part) for part in parts]
    await tasks.close()
    page.deleteLater()
    del page, parts
    for _turn in range(3):
        await asyncio.sleep(0)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    assert [type(part()).__name__ for part in alive if part() is not None] == []
    assert theme.receivers("2changed()") == receivers
