"""Lines that go on each second, and cost nothing while nobody looks at them."""

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent, QShowEvent

from core.translation import _
from desktop.theme import Role, Theme
from desktop.widgets.charts.bars import plain_number
from desktop.widgets.charts.frame import ChartFrame
from desktop.widgets.charts.time_marks import Mark, moment_words, time_marks

if TYPE_CHECKING:
    from desktop.widgets.charts.live_plot import TimePlot

MOST_POINTS: Final = 600
_MOST_ROWS: Final = 60
_NONE: Final = "–"

Values = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class LiveLine:
    """A line of a live chart; what is ``filled`` has a ground down to zero."""

    name: str
    role: Role = Role.ACCENT
    filled: bool = False


class LiveChart(ChartFrame):
    """Lines over the last points, at most 600.

    It paints when a point comes, so once a second; not at all while it is out of sight, where
    it only keeps what comes.

    Args:
        caption: What it shows, as a heading.
        lines: The lines, in the order of their values.
        axes: What the values mean, in words.
        words: Writes a value.
        least_top: The least value at the top of the axis.
    """

    def __init__(
        self,
        theme: Theme,
        caption: str,
        lines: Sequence[LiveLine],
        *,
        axes: str = "",
        words: Callable[[float], str] = plain_number,
        empty: str = "",
        least_top: float = 0.0,
    ) -> None:
        super().__init__(theme, caption, axes, empty or _("Nothing was measured yet."))
        self._look, self.lines, self._words = theme, tuple(lines), words
        self._least_top = least_top
        self._times: deque[float] = deque(maxlen=MOST_POINTS)
        self._values: deque[tuple[float | None, ...]] = deque(maxlen=MOST_POINTS)
        self._plot: TimePlot | None = None
        self._outdated = False
        self._marked, self._marks = (0, 0), list[Mark]()
        if len(lines) > 1:
            self.show_legend([(line.name, line.role) for line in lines])
        self.table_button.toggled.connect(self._fill_table)
        theme.changed.connect(self._draw)

    @property
    def plot(self) -> "TimePlot | None":
        """What draws, once there is something to be drawn."""
        return self._plot

    @property
    def points(self) -> int:
        """How many points are kept."""
        return len(self._times)

    def show_points(self, times: Sequence[float], values: Sequence[Values]) -> None:
        """Show other points: seconds since 1970, and for each line a value at each of them."""
        self._times.clear()
        self._values.clear()
        self._times.extend(times)
        self._values.extend(zip(*values, strict=True))
        self._marked = (0, 0)
        self._changed()
        self._fill_table()

    def add(self, at: float, values: Values) -> None:
        """Add a point at the end; the first one goes when there are too many."""
        if self._times and at <= self._times[-1]:
            return
        self._times.append(at)
        self._values.append(tuple(values))
        self._changed()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Draw what came while it was out of sight."""
        super().showEvent(event)
        if self._outdated:
            self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what came while it was below the edge of its page."""
        super().paintEvent(event)
        if self._outdated:
            QTimer.singleShot(0, self, self._draw)

    def _changed(self) -> None:
        self._draw()
        if self.table_button.isChecked() and not self._outdated:
            self._fill_table()

    def _draw(self) -> None:
        if self._plot is None and not self._known():
            return
        self._outdated = self.visibleRegion().isEmpty()
        if self._outdated:
            return
        plot = self._plot or self._make_plot()
        looks = [(self._look.color(line.role), line.filled) for line in self.lines]
        plot.show_rows(tuple(self._values), looks, self._time_marks(), self._least_top)

    def _known(self) -> bool:
        return any(value is not None for point in self._values for value in point)

    def _time_marks(self) -> list[Mark]:
        """Return the marks; those told from now stay while the points move on."""
        if not self._times:
            return []
        key = (len(self._times), round(self._times[-1] - self._times[0]))
        if key != self._marked:
            self._marked, self._marks = key, time_marks(list(self._times))
        return self._marks

    def _make_plot(self) -> "TimePlot":
        from desktop.widgets.charts.live_plot import TimePlot
        from desktop.widgets.charts.plot import widget_of

        self._plot = TimePlot(self._look, words=self._words, tip=self._tip)
        self.take_chart(widget_of(self._plot))
        self._fill_table()
        return self._plot

    def _tip(self, place: int) -> str:
        if place >= len(self._times):
            return ""
        told = [
            f"{line.name}: {text}"
            for line, text in zip(self.lines, self._texts(place), strict=True)
        ]
        return "\n".join([self._moment(place), *told])

    def _moment(self, place: int) -> str:
        return moment_words(self._times[place], self._times[-1] - self._times[0])

    def _texts(self, place: int) -> list[str]:
        values = self._values[place]
        return [_NONE if value is None else self._words(value) for value in values]

    def _fill_table(self) -> None:
        """Say the same in a table: the newest first, every so many points one row."""
        count = len(self._times)
        step = max(1, math.ceil(count / _MOST_ROWS))
        places = range(count - 1, -1, -step)
        rows = [(self._moment(n), *self._texts(n)) for n in places] if self._plot else []
        self.show_rows((_("Time"), *(line.name for line in self.lines)), rows)
