"""What came out of a benchmark, or how it goes: figures, and operations a second over time."""

from collections import deque
from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from core.performance.benchmarks.schemas import BenchmarkMoved, BenchmarkResult, BenchmarkRow
from core.translation import _
from desktop.figures import decimal, number
from desktop.performance.benchmarks import words
from desktop.performance.scroll import GAP
from desktop.performance.words import milliseconds, per_second, seconds
from desktop.tabs import TabContext
from desktop.widgets.charts import Line, LineChart
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.figure_card import FigureCard
from desktop.widgets.marks import label
from desktop.widgets.tips import plain_tip

_MOST_POINTS = 120
_CHART = 260
_COLUMNS = 3
_LONG_S = 10.0


class ResultPane(QWidget):
    """One benchmark: that under way, or one that was chosen."""

    def __init__(self, context: TabContext) -> None:
        super().__init__()
        self.title = label("", "title", wrap=True)
        self.about = label("", "muted", wrap=True)
        self.error = label("", "warning", wrap=True)
        self.cards = {
            "throughput": FigureCard(_("Operations a second")),
            "p50_ms": FigureCard(_("p50")),
            "p95_ms": FigureCard(_("p95")),
            "p99_ms": FigureCard(_("p99")),
            "max_ms": FigureCard(_("Longest")),
            "errors": FigureCard(_("Errors")),
        }
        self.chart = LineChart(
            context.theme, _("Operations a second"), head=_("Time"),
            axes=_("over its time"), words=per_second,
            empty=_("Too short for a chart."),
        )  # fmt: skip
        self.live = LineChart(
            context.theme, _("p95"), head=_("Time"), axes=_("of the last moment"),
            words=milliseconds, empty=_("Too short for a chart."),
        )  # fmt: skip
        for chart in (self.chart, self.live):
            chart.setFixedHeight(_CHART)
            chart.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.empty = EmptyState(
            context.theme,
            icon="timer",
            title=_("Nothing was measured yet"),
            text=_("Choose what is to be measured at the left, and press Run."),
        )
        self._points: deque[tuple[float, float, float]] = deque(maxlen=_MOST_POINTS)
        self._lay_out()
        self.show_row(None)

    def show_row(self, row: BenchmarkRow | None) -> None:
        """Show a benchmark that is over, or that there is none."""
        self._show_parts(row is not None)
        if row is None:
            return
        result = row.result
        self.title.setText(words.title_of(row))
        told = [words.pragmas_words(row.settings), words.amount_words(row.settings)]
        self.about.setText(" · ".join([*told, words.machine_words(row)]))
        self.about.setToolTip(plain_tip(row.machine.place))
        problem = row.message if result is None else result.error_text
        self.error.setText(problem)
        self.error.setVisible(bool(problem))
        for card in self.cards.values():
            card.setVisible(result is not None)
        self.chart.setVisible(result is not None)
        if result is not None:
            self._show_result(result)

    def begin(self, title: str) -> None:
        """Make room for a benchmark that begins."""
        self._show_parts(True)
        self._points.clear()
        self.title.setText(title)
        self.about.setText(_("Under way; the figures are those of the last moment."))
        self.error.hide()
        for card in self.cards.values():
            card.show()
            card.show_figure("…")
        self.chart.show()
        self.live.show()
        self._draw_live()

    def go_on(self, moved: BenchmarkMoved) -> None:
        """Show how the benchmark goes that is under way."""
        before = self._points[-1][0] if self._points else 0.0
        if moved.at_s < before:
            self._points.clear()  # the next one of several
        self._points.append((moved.at_s, moved.throughput, moved.p95_ms))
        done = _("{done} of {total}").format(done=number(moved.done), total=number(moved.total))
        so_far = _("{done} so far").format(done=number(moved.done))
        self.cards["throughput"].show_figure(
            per_second(moved.throughput), done if moved.total else so_far
        )
        self.cards["p95_ms"].show_figure(milliseconds(moved.p95_ms))
        if int(moved.at_s) != int(before):  # to draw takes time from what is measured
            self._draw_live()

    def _show_result(self, result: BenchmarkResult) -> None:
        counted = _("{count} in {time}").format(
            count=number(result.operations), time=seconds(result.duration_s)
        )
        self.cards["throughput"].show_figure(per_second(result.throughput), counted)
        shortest = _("shortest {time}").format(time=milliseconds(result.min_ms))
        mean = _("mean {time}").format(time=milliseconds(result.mean_ms))
        for name, value, note in (
            ("p50_ms", result.p50_ms, mean),
            ("p95_ms", result.p95_ms, ""),
            ("p99_ms", result.p99_ms, ""),
            ("max_ms", result.max_ms, shortest),
        ):
            self.cards[name].show_figure(milliseconds(value), note)
        self.cards["errors"].show_figure(number(result.errors), result.error_text)
        step = max(1, -(-len(result.timeline) // _MOST_POINTS))
        self._draw(result.timeline[::step])

    def _draw_live(self) -> None:
        self._draw([(at, rate) for at, rate, _p95 in self._points])
        _plot(self.live, _("p95"), [(at, p95) for at, _rate, p95 in self._points])

    def _draw(self, points: Sequence[tuple[float, float]]) -> None:
        _plot(self.chart, _("Operations a second"), points)

    def _show_parts(self, shown: bool) -> None:
        for part in (self.title, self.about, self.chart, *self.cards.values()):
            part.setVisible(shown)
        self.live.hide()
        self.empty.setVisible(not shown)
        if not shown:
            self.error.hide()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(GAP)
        for place, card in enumerate(self.cards.values()):
            card.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            grid.addWidget(card, place // _COLUMNS, place % _COLUMNS)
            grid.setColumnStretch(place % _COLUMNS, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        for part in (self.title, self.about, self.error):
            column.addWidget(part)
        column.addLayout(grid)
        charts = QHBoxLayout()
        charts.setSpacing(GAP)
        charts.addWidget(self.chart, 1)
        charts.addWidget(self.live, 1)
        column.addLayout(charts)
        column.addWidget(self.empty, 1)
        column.addStretch(0)


def _plot(chart: LineChart, name: str, points: Sequence[tuple[float, float]]) -> None:
    shown = points if len(points) > 1 else []
    places = 1 if shown and shown[-1][0] >= _LONG_S else 2
    labels = [_("{time} s").format(time=decimal(at, places)) for at, _value in shown]
    chart.show_lines(labels, [Line(name, [value for _at, value in shown])])
