"""Lines over time or over any row of labels."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from desktop.theme import Role, Theme
from desktop.widgets.charts.bars import plain_number
from desktop.widgets.charts.figures import Line
from desktop.widgets.charts.frame import ChartFrame

if TYPE_CHECKING:
    from desktop.widgets.charts.plot import Plot

_MOST_DOTS = 31
_NONE = "–"


class LineChart(ChartFrame):
    """A chart of one line or several.

    Args:
        caption: What it shows, as a heading.
        axes: What label and value mean, in words.
        head: The heading of the labels in the table that says the same.
        words: Writes a value.

    Signals:
        chosen: A place was clicked, or Enter pressed on it; carries its number.
    """

    chosen = Signal(int)

    def __init__(
        self,
        theme: Theme,
        caption: str,
        *,
        head: str,
        axes: str = "",
        words: Callable[[float], str] = plain_number,
        empty: str = "",
    ) -> None:
        super().__init__(theme, caption, axes, empty)
        self._look, self._head, self._words = theme, head, words
        self._labels: tuple[str, ...] = ()
        self._lines: tuple[Line, ...] = ()
        self._plot: Plot | None = None
        self._drawn: list[Any] = []
        self._rule: Any = None
        self.row_chosen.connect(self.chosen)
        theme.changed.connect(self._draw)

    @property
    def plot(self) -> "Plot | None":
        """What draws, once there is something to be drawn."""
        return self._plot

    def show_lines(self, labels: Sequence[str], lines: Sequence[Line]) -> None:
        """Show other lines; each has a value for every label."""
        self._labels, self._lines = tuple(labels), tuple(lines)
        if labels and self._plot is None:
            self._make_plot()
        self._draw()
        if len(lines) > 1:
            self.show_legend([(line.name, line.role) for line in lines])
        rows = [(label, *self._values_at(place)) for place, label in enumerate(labels)]
        self.show_rows((self._head, *(line.name for line in lines)), rows)

    def _values_at(self, place: int) -> list[str]:
        values = (line.values[place] for line in self._lines)
        return [_NONE if value is None else self._words(value) for value in values]

    def _tip(self, place: int) -> str:
        values = self._values_at(place)
        names = (line.name for line in self._lines)
        told = [f"{name}: {value}" for name, value in zip(names, values, strict=True)]
        return "\n".join([self._labels[place], *told])

    def _make_plot(self) -> None:
        from desktop.widgets.charts.plot import Plot, rule_item, widget_of

        self._plot = Plot(self._look, across=False, words=self._words, tip=self._tip)
        self._plot.chosen.connect(self.chosen)
        self._plot.pointed.connect(self._point)
        self._rule = rule_item(self._look.color(Role.FIELD_LINE))
        self._rule.hide()
        self._plot.item.addItem(self._rule, ignoreBounds=True)
        self.take_chart(widget_of(self._plot))

    def _draw(self) -> None:
        if self._plot is None:
            return
        from desktop.widgets.charts.plot import line_item

        for item in self._drawn:
            self._plot.item.removeItem(item)
        self._drawn = []
        known = [v for line in self._lines for v in line.values if v is not None]
        for line in self._lines:
            if all(value is None for value in line.values):
                continue
            values = [math.nan if value is None else value for value in line.values]
            dots = len(values) <= _MOST_DOTS
            item = line_item(values, self._look.color(line.role), dots)
            self._plot.item.addItem(item, ignoreBounds=True)
            self._drawn.append(item)
        self._rule.setPen(self._look.color(Role.FIELD_LINE))
        top, bottom = max([*known, 0.0]), min([*known, 0.0])
        whole = all(value == int(value) for value in known)
        self._plot.show_places(self._labels, top, bottom, whole=whole)

    def _point(self, place: int) -> None:
        self._rule.setVisible(place >= 0)
        self._rule.setPos(place)
