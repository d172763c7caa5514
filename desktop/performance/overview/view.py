"""How the page is laid out: figures, charts, what is slow, and further charts below."""

import functools
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from core.performance.metrics.schemas import Span
from core.translation import _
from core.workspaces.schemas import WorkspaceInfo, WorkspaceKind
from desktop.performance.overview import figures
from desktop.performance.overview.advice_card import AdviceCard
from desktop.performance.overview.alert_strip import AlertStrip
from desktop.performance.overview.charts import ChartOf, charts, span_words
from desktop.performance.overview.plain_card import PlainCard
from desktop.performance.overview.statements_card import SlowestCard
from desktop.performance.scroll import GAP, ScrollPage
from desktop.theme import Theme
from desktop.widgets.charts import LiveChart
from desktop.widgets.figure_card import FigureCard
from desktop.widgets.marks import button, label
from desktop.widgets.tips import explain

_CHART_HEIGHT = 232
_TWO_COLUMNS_FROM = 760
_BESIDE = 2
_FIRST = ("latency", "throughput")


class OverviewView(ScrollPage):
    """The page.

    Signals:
        span_chosen: The charts are to go back that far; carries the ``Span``.
    """

    span_chosen = Signal(object)

    def __init__(self, theme: Theme, info: WorkspaceInfo) -> None:
        super().__init__(_("Overview"))
        managed = info.kind is WorkspaceKind.MANAGED
        self.wanted = {one.key: one for one in charts() if managed or not one.business}
        self.charts = {key: _made(one, theme) for key, one in self.wanted.items()}
        self.cards = figures.make_cards()
        self.business = figures.make_business_cards() if managed else {}
        self.slowest = SlowestCard(theme, _none_run(managed))
        self.spans: dict[Span, QPushButton] = {}
        self.advice = AdviceCard(theme)
        self.advice.shown.connect(self._place_lists)
        self._columns = 0
        if not managed:
            self.add(PlainCard(theme, info))
        self.alerts = AlertStrip(theme)
        self.add(self.alerts)
        self.add(_row(self.cards))
        self.add(self._span_row())
        self._grid = QGridLayout()
        self._grid.setSpacing(GAP)
        self.add(self._grid)
        if self.business:
            self.add(_row(self.business))
        self._rest = QGridLayout()
        self._rest.setSpacing(GAP)
        self.add(self._rest)
        self._arrange(_BESIDE)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put cards beside each other where there is room."""
        super().resizeEvent(event)
        self._arrange(_BESIDE if self.viewport().width() >= _TWO_COLUMNS_FROM else 1)

    def show_span(self, span: Span) -> None:
        """Show how far the charts go back."""
        self.spans[span].setChecked(True)

    def _span_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(label(_("Over time"), "title"))
        row.addStretch(1)
        group = QButtonGroup(self)
        for span in Span:
            made = button(span_words(span), functools.partial(self.span_chosen.emit, span))
            made.setCheckable(True)
            made.setAccessibleName(_("Charts of: {span}").format(span=span_words(span)))
            explain(made, _("How far the charts go back"))
            group.addButton(made)
            self.spans[span] = made
            row.addWidget(made)
        return row

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        first: list[QWidget] = [self.charts[key] for key in _FIRST]
        rest = [chart for key, chart in self.charts.items() if key not in _FIRST]
        # In the order in which the keyboard goes through them.
        self._place(self._grid, first)
        self._place_lists()
        self._place(self._rest, rest)

    def _place(self, grid: QGridLayout, parts: Sequence[QWidget]) -> None:
        columns = self._columns
        for place, part in enumerate(parts):
            alone = place == len(parts) - 1 and place % columns == 0
            room = columns if alone else 1
            grid.addWidget(part, place // columns, place % columns, 1, room)
        for column in range(2):
            grid.setColumnStretch(column, 1 if column < columns else 0)

    def _place_lists(self) -> None:
        """Put what is slow beside what is recommended, where there is anything of it."""
        beside = self._columns == _BESIDE and not self.advice.isHidden()
        row = len(_FIRST)
        self._grid.addWidget(self.slowest, row, 0, 1, 1 if beside else self._columns)
        place = (row, 1) if beside else (row + 1, 0)
        self._grid.addWidget(self.advice, *place, 1, 1 if beside else self._columns)


def _none_run(managed: bool) -> str:
    if managed:
        return _("No statement was run yet.")
    return _(
        "What other programs ask of this file cannot be seen from here. Under Statements you"
        " can see how SQLite would run SQL of your own."
    )


def _made(wanted: ChartOf, theme: Theme) -> LiveChart:
    chart = wanted.make(theme)
    chart.setFixedHeight(_CHART_HEIGHT)
    # Else a long legend would make its column the wider one.
    chart.setMinimumWidth(1)
    chart.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return chart


def _row(cards: dict[str, FigureCard]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(GAP)
    for card in cards.values():
        row.addWidget(card, 1)
    return row
