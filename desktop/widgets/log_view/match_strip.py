"""Where in the log the matches of a search are, painted over the scroll bar."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollBar, QWidget

from desktop.theme import Role, Theme
from desktop.widgets.log_view.model import LogModel

_HEIGHT = 2


class MatchStrip(QWidget):
    """A line for each stretch of the log that holds matches; a click goes to the scroll bar."""

    def __init__(self, theme: Theme, model: LogModel, bar: QScrollBar) -> None:
        super().__init__(bar)
        self._theme, self._model = theme, model
        self._lines: Sequence[int] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        bar.installEventFilter(self)
        self.hide()

    def show_lines(self, lines: Sequence[int]) -> None:
        """Show where these lines are, which ascend."""
        self._lines = lines
        self.setVisible(bool(lines))
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Stay as large as the scroll bar."""
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self.resize(watched.size())
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint at the most one line for each place that can be told from the next."""
        painter = QPainter(self)
        for place in self.places(self.height()):
            painter.fillRect(
                2, place, self.width() - 4, _HEIGHT, self._theme.color(Role.WARNING)
            )
        painter.end()

    def places(self, height: int) -> Iterator[int]:
        """Give where lines stand on a height of so many pixels; a bisection for each place."""
        mapped = self._model.map
        if not mapped.rows:
            return
        next_row = 0
        for top in range(0, height, _HEIGHT):
            row = next_row
            next_row = max(mapped.rows * (top + _HEIGHT) // height, row)
            if next_row == row:
                continue
            first = self._line(row)
            last = self._line(next_row) if next_row < mapped.rows else mapped.lines
            place = bisect_left(self._lines, first)
            if place < len(self._lines) and self._lines[place] < last:
                yield top

    def _line(self, row: int) -> int:
        line = self._model.map.line(row)
        return self._model.map.gap_first if line is None else line
