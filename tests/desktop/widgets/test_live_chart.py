"""The live chart goes on by itself, rests out of sight, and says what it draws."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.theme import Role, Theme
from desktop.widgets.charts import LiveChart, LiveLine
from desktop.widgets.charts.live import MOST_POINTS
from desktop.widgets.charts.live_plot import nice_top
from desktop.widgets.charts.time_marks import time_marks

_LINES = (LiveLine("p50", Role.SUCCESS, filled=True), LiveLine("p95"))
_START = 1_700_000_000.0


@pytest.fixture
def chart(theme: Theme, qtbot: QtBot) -> LiveChart:
    chart = LiveChart(theme, "Latency", _LINES, axes="ms")
    qtbot.addWidget(chart)
    chart.resize(600, 300)
    return chart


def _cells(chart: LiveChart) -> list[list[str]]:
    return [list(cells[1:]) for _number, cells in chart.table.list_model.rows]


def test_nothing_is_drawn_before_there_is_a_value(chart: LiveChart) -> None:
    chart.show()
    chart.add(_START, (None, None))
    assert chart.empty.isVisible()
    chart.add(_START + 1, (1.0, None))
    assert chart.plot is not None
    assert chart.plot.widget.isVisible()
    assert not chart.empty.isVisible()


def test_out_of_sight_it_keeps_points_and_draws_none(
    chart: LiveChart, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing with a chart that drew whatever came."""
    chart.show()
    chart.add(_START, (1.0, 2.0))
    drawn: list[int] = []
    assert chart.plot is not None
    show_rows = chart.plot.show_rows

    def noted(rows: Sequence[Sequence[float | None]], *others: object) -> None:
        drawn.append(len(rows))
        show_rows(rows, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(chart.plot, "show_rows", noted)
    chart.hide()
    for second in range(1, 5):
        chart.add(_START + second, (1.0, 2.0))
    assert drawn == []
    chart.show()
    assert drawn == [5]


def test_below_the_edge_of_its_page_it_is_drawn_once_scrolled_to(
    theme: Theme, qtbot: QtBot
) -> None:
    """Seen failing with charts that look whether they are hidden, or draw only when shown."""
    page, body = QScrollArea(), QWidget()
    column = QVBoxLayout(body)
    charts = [LiveChart(theme, name, _LINES) for name in ("first", "last")]
    for chart in charts:
        chart.setFixedHeight(300)
        column.addWidget(chart)
    page.setWidget(body)
    page.resize(600, 250)
    qtbot.addWidget(page)
    page.show()
    for chart in charts:
        chart.add(_START, (1.0, 2.0))
    assert [chart.plot is None for chart in charts] == [False, True]
    page.ensureWidgetVisible(charts[1])
    qtbot.waitUntil(lambda: charts[1].plot is not None)


def test_only_the_last_points_stay_and_none_comes_twice(chart: LiveChart) -> None:
    for second in range(MOST_POINTS + 50):
        chart.add(_START + second, (1.0, 2.0))
    chart.add(_START + 3, (9.0, 9.0))
    assert chart.points == MOST_POINTS


def test_it_is_there_as_a_table_with_the_newest_first(chart: LiveChart) -> None:
    chart.show()
    chart.show_points([_START, _START + 1], [[1.0, 3.0], [2.0, None]])
    chart.table_button.click()
    assert chart.table.isVisible()
    assert _cells(chart) == [["3", "–"], ["1", "2"]]
    chart.add(_START + 2, (5.0, 6.0))
    assert _cells(chart)[0] == ["5", "6"]
    assert chart.accessibleDescription().startswith("ms. ")


def _point(widget: QWidget, spot: QPoint) -> None:
    """Point there; ``QTest.mouseMove`` tells nothing where the pointer already is."""
    none = Qt.MouseButton.NoButton
    at = QPointF(spot)
    kind, keys = QEvent.Type.MouseMove, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(kind, at, widget.mapToGlobal(at), none, none, keys)
    QApplication.sendEvent(widget, event)


def test_pointing_tells_exact_values_and_goes_on_with_the_points(chart: LiveChart) -> None:
    chart.show()
    chart.show_points([_START + n for n in range(10)], [[float(n) for n in range(10)]] * 2)
    plot = chart.plot
    assert plot is not None
    scene = plot.item.getViewBox().mapViewToScene(QPointF(4, 1))
    spot: QPoint = plot.widget.mapFromScene(scene)
    _point(plot.widget.viewport(), spot)
    QTest.keyClick(plot.widget, Qt.Key.Key_Right)
    said = plot.widget.accessibleDescription()
    assert "p50: 5" in said
    assert "p95: 5" in said
    QToolTip.hideText()


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (0.9, 1), (1, 2), (1.9, 2.5), (4.7, 10), (9.9, 20), (130, 200)]
)
def test_the_axis_ends_at_a_round_number(value: float, top: float) -> None:
    assert nice_top(value) == top


def test_minutes_are_told_from_now_and_longer_spans_by_the_calendar() -> None:
    ten = time_marks([_START + n for n in range(600)])
    assert [text for _place, text in ten][-2:] == ["-2 min", "now"]
    assert ten[-1][0] == 599
    day = [text for _place, text in time_marks([_START + n * 144 for n in range(600)])]
    assert len(day) == 8
    assert all(text.endswith(":00") for text in day)
    year = time_marks([_START + n * 86_400 for n in range(365)])
    assert len(year) == 12
