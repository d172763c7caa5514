"""Bars: below each other for the first of a list, beside each other for months."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from desktop.figures import decimal, number
from desktop.theme import FontRole, Role, Theme, blend
from desktop.widgets.charts.figures import Bar
from desktop.widgets.charts.frame import LEAST_HEIGHT, ChartFrame

if TYPE_CHECKING:
    from desktop.widgets.charts.plot import Plot

_BAR_ROOM = 30
_MARGIN = 16
_MOST_WORDS = 31
_PALER = 0.15


def plain_number(value: float) -> str:
    """Return a value as a whole number where it is one."""
    return number(int(value)) if value == int(value) else decimal(value, 1)


class BarChart(ChartFrame):
    """A chart of bars.

    Args:
        caption: What it shows, as a heading.
        axes: What label and value mean, in words, such as "builds per month".
        heads: The headings of the table that says the same.
        across: Whether the bars stand below each other and go to the right.
        words: Writes a value.

    Signals:
        chosen: A bar was clicked, or Enter pressed on it; carries ``Bar.item``.
    """

    chosen = Signal(object)

    def __init__(
        self,
        theme: Theme,
        caption: str,
        *,
        heads: tuple[str, str],
        axes: str = "",
        across: bool = True,
        words: Callable[[float], str] = plain_number,
        empty: str = "",
    ) -> None:
        super().__init__(theme, caption, axes, empty)
        self._look, self._heads, self._across, self._words = theme, heads, across, words
        self._bars: tuple[Bar, ...] = ()
        self._plot: Plot | None = None
        self._drawn: list[Any] = []
        self._mark: Any = None
        self.row_chosen.connect(self._choose)
        theme.changed.connect(self._draw)

    @property
    def plot(self) -> "Plot | None":
        """What draws, once there is something to be drawn."""
        return self._plot

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show other bars."""
        self._bars = tuple(bars)
        if bars and self._plot is None:
            self._make_plot()
        self._draw()
        self.show_rows(self._heads, [(bar.label, self._exact(bar)) for bar in bars])

    def _exact(self, bar: Bar) -> str:
        return bar.tip or self._words(bar.value)

    def _tip(self, place: int) -> str:
        bar = self._bars[place]
        return f"{bar.label}: {self._exact(bar)}"

    def _make_plot(self) -> None:
        from desktop.widgets.charts.plot import Plot, widget_of

        self._plot = Plot(self._look, across=self._across, words=self._words, tip=self._tip)
        self._plot.chosen.connect(self._choose)
        self._plot.pointed.connect(self._point)
        if self._across:
            self._plot.item.hideAxis("bottom")
        self.take_chart(widget_of(self._plot))

    def _draw(self) -> None:
        if self._plot is None:
            return
        from desktop.widgets.charts.plot import bars_item

        for item in self._drawn:
            self._plot.item.removeItem(item)
        self._drawn, self._mark = [], None
        values = [bar.value for bar in self._bars]
        top, bottom = max([*values, 0.0]), min([*values, 0.0])
        color = blend(self._look.color(Role.ACCENT), self._look.color(Role.PANE), _PALER)
        self._add(bars_item(range(len(values)), values, color, self._across))
        if len(values) <= _MOST_WORDS:
            self._write_values()
        whole = all(value == int(value) for value in values)
        labels = [bar.label for bar in self._bars]
        self._plot.show_places(labels, top, bottom, whole=whole)
        if self._across:
            needed = len(values) * _BAR_ROOM + _MARGIN
            self._plot.widget.setMinimumHeight(max(needed, LEAST_HEIGHT))

    def _write_values(self) -> None:
        from desktop.widgets.charts.plot import text_item

        color, font = self._look.color(Role.MUTED), self._look.font(FontRole.MUTED)
        for place, bar in enumerate(self._bars):
            anchor = (0.0, 0.5) if self._across else (0.5, 1.0)
            item = text_item(self._words(bar.value), color, font, anchor)
            # Beside a bar that goes the other way: below it there is no room.
            end = max(bar.value, 0)
            item.setPos(*((end, place) if self._across else (place, end)))
            self._add(item)

    def _add(self, item: Any) -> None:
        assert self._plot is not None
        self._plot.item.addItem(item, ignoreBounds=True)
        self._drawn.append(item)

    def _point(self, place: int) -> None:
        """Show which bar is pointed at."""
        from desktop.widgets.charts.plot import bars_item

        assert self._plot is not None
        if self._mark is not None:
            self._plot.item.removeItem(self._mark)
            self._drawn.remove(self._mark)
            self._mark = None
        if 0 <= place < len(self._bars):
            color = self._look.color(Role.ACCENT_HOVER)
            self._mark = bars_item([place], [self._bars[place].value], color, self._across)
            self._add(self._mark)

    def _choose(self, place: int) -> None:
        if 0 <= place < len(self._bars):
            self.chosen.emit(self._bars[place].item)
