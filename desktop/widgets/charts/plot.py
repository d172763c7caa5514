"""A plot that follows the theme and tells which of its places is pointed at.

This module imports pyqtgraph, and is itself imported only when a chart has something to show.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from desktop.theme import FontRole, Role, Theme
from desktop.widgets.tips import plain_tip

_LABEL_ROOM: Final = 180
_HEADROOM: Final = 0.14
_ROOM_BESIDE: Final = 0.24
_LABEL_GAP: Final = 18
_EVERY: Final = (1, 2, 3, 5, 10, 15, 20, 30, 50, 60, 100, 120)
# Bars to the right are as thin as if there were as many at least.
_FEW = 6
_BY_TAB = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
_NEXT = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}


class Plot(QObject):
    """Places along one axis, values along the other.

    Args:
        across: Whether the places stand below each other and values go to the right.
        words: Writes a value of the axis.
        tip: Returns what is said of a place.

    Signals:
        pointed: Another place is pointed at, by mouse or keys; -1 for none.
        chosen: A place was clicked, or Enter pressed on it.
    """

    pointed = Signal(int)
    chosen = Signal(int)

    def __init__(
        self,
        theme: Theme,
        *,
        across: bool,
        words: Callable[[float], str],
        tip: Callable[[int], str],
    ) -> None:
        self.widget: Any = pg.PlotWidget(background=None, enableMenu=False)
        super().__init__(self.widget)
        self._theme, self._across, self._tip = theme, across, tip
        self._count, self._place, self._whole = 0, -1, False
        self._labels: tuple[str, ...] = ()
        self.item = self.widget.getPlotItem()
        self._places = self.item.getAxis("left" if across else "bottom")
        self._values = self.item.getAxis("bottom" if across else "left")
        self._values.tickStrings = lambda values, _scale, _space: [words(v) for v in values]
        self._values.tickSpacing = self._spacing(self._values.tickSpacing)
        self.item.hideButtons()
        self.item.setMouseEnabled(False, False)
        self.item.getViewBox().invertY(across)
        self.widget.setFrameShape(self.widget.Shape.NoFrame)
        self.widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.widget.setMouseTracking(True)
        self.widget.installEventFilter(self)
        self._viewport = self.widget.viewport()
        self._viewport.installEventFilter(self)
        theme.changed.connect(self.color)
        self.color()

    @property
    def place(self) -> int:
        """The place pointed at, -1 for none."""
        return self._place

    def show_places(
        self, labels: Sequence[str], top: float, bottom: float = 0.0, *, whole: bool = False
    ) -> None:
        """Name the places, and let values from ``bottom`` to ``top`` be seen.

        Where they are ``whole`` numbers, so are the marks of their axis.
        """
        self._whole = whole
        self._labels, self._count = tuple(labels), len(labels)
        self._name_places()
        ends = (-0.6, max(len(labels) - 0.4, 0.6))
        if top == bottom:
            top += 1  # so that the axis has a mark above that of nothing
        share = _ROOM_BESIDE if self._across else _HEADROOM
        room = (bottom, top + (top - bottom) * share)
        x, y = (room, ends) if self._across else (ends, room)
        self.item.setRange(xRange=x, yRange=y, padding=0)
        self.point(-1)

    def color(self) -> None:
        """Take the colours of the theme."""
        muted, line = self._theme.color(Role.MUTED), self._theme.color(Role.LINE)
        for axis in (self._places, self._values):
            axis.setTextPen(muted)
            axis.setPen(pg.mkPen(None))
            font = self._theme.font(FontRole.MUTED)
            axis.setStyle(tickFont=font, tickLength=0, maxTickLevel=0)
        # Else a dot of the label's colour stands for a tick of no length.
        self._places.setTickPen(pg.mkPen(self._theme.color(Role.PANE)))
        self._places.setZValue(-1000)
        self._places.setStyle(tickTextOffset=8)
        self._values.setTickPen(pg.mkPen(line))
        self._values.setGrid(255)
        # Behind the bars, where a grid does not lie by itself.
        self._values.setZValue(-1000)
        self.widget.setBackground(self._theme.color(Role.PANE))

    def point(self, place: int) -> None:
        """Point at a place, -1 for none."""
        if place != self._place:
            self._place = place
            said = self._tip(place) if place >= 0 else ""
            self.widget.setAccessibleDescription(said)
            self.pointed.emit(place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow mouse and keys."""
        kind = event.type()
        if watched is not self._viewport:
            if kind is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                return self._pressed(event)
            if kind is QEvent.Type.FocusIn and isinstance(event, QFocusEvent):
                self._come(event.reason())
            elif kind is QEvent.Type.FocusOut:
                self.point(-1)
        elif kind is QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._move(event)
        elif kind is QEvent.Type.Leave:
            self.point(-1)
        elif kind is QEvent.Type.Resize and not self._across:
            self._name_places()
        elif kind is QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            self._click(event)
        elif kind is QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _name_places(self) -> None:
        """Write so many labels as have room beside each other."""
        shown = [self._short(text) for text in self._labels]
        step = 1
        if shown and not self._across:
            metrics = QFontMetrics(self._theme.font(FontRole.MUTED))
            widest = max(metrics.horizontalAdvance(text) for text in shown) + _LABEL_GAP
            needed = len(shown) * widest / max(self.widget.width(), 1)
            step = next((every for every in _EVERY if every >= needed), math.ceil(needed))
        self._places.setTicks([[(n, text) for n, text in enumerate(shown) if n % step == 0]])

    def _spacing(self, usual: Callable[..., Any]) -> Callable[..., Any]:
        """Return what parts the marks of an axis, as pyqtgraph does but for whole numbers."""

        def spacing(low: float, high: float, size: float) -> Any:
            found = usual(low, high, size)
            if not self._whole:
                return found
            return [(math.ceil(step), first) for step, first in found]

        return spacing

    def _short(self, text: str) -> str:
        metrics = QFontMetrics(self._theme.font(FontRole.MUTED))
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, _LABEL_ROOM)

    def _place_at(self, spot: QPointF) -> int:
        where = self.item.getViewBox().mapSceneToView(self.widget.mapToScene(spot.toPoint()))
        place = round(where.y() if self._across else where.x())
        return place if 0 <= place < self._count else -1

    def _move(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        self.point(place)
        shape = Qt.CursorShape.PointingHandCursor if place >= 0 else Qt.CursorShape.ArrowCursor
        self.widget.viewport().setCursor(shape)
        if place >= 0:
            tip = plain_tip(self._tip(place))
            QToolTip.showText(event.globalPosition().toPoint(), tip, self.widget)
        else:
            QToolTip.hideText()

    def _click(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and place >= 0:
            self.chosen.emit(place)

    def _come(self, reason: Qt.FocusReason) -> None:
        """Let be seen that the keyboard is here: what came last is pointed at."""
        if reason in _BY_TAB and self._place < 0:
            self.point(self._count - 1)

    def _pressed(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in _NEXT and self._count:
            self.point(min(max(self._place + _NEXT[key], 0), self._count - 1))
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._place >= 0:
            self.chosen.emit(self._place)
            return True
        return False


def bars_item(places: Sequence[int], values: Sequence[float], color: Any, across: bool) -> Any:
    """Return bars from zero to their values."""
    brush, pen = pg.mkBrush(color), pg.mkPen(None)
    if across:
        # One bar of a list of one would be as high as the plot.
        height = 0.6 * min(1.0, len(values) / _FEW)
        return pg.BarGraphItem(
            x0=0, y=list(places), height=height, width=list(values), brush=brush, pen=pen
        )
    return pg.BarGraphItem(
        x=list(places), y0=0, width=0.62, height=list(values), brush=brush, pen=pen
    )


def text_item(words: str, color: Any, font: Any, anchor: tuple[float, float]) -> Any:
    """Return words that can be set to a place of a plot."""
    item = pg.TextItem(words, color=color, anchor=anchor)
    item.setFont(font)
    return item


def line_item(values: Sequence[float], color: Any, dots: bool) -> Any:
    """Return a line through values, broken where they are not numbers."""
    return pg.PlotDataItem(
        list(range(len(values))),
        list(values),
        pen=pg.mkPen(color, width=2),
        connect="finite",
        antialias=True,
        symbol="o" if dots else None,
        symbolSize=5,
        symbolBrush=pg.mkBrush(color),
        symbolPen=pg.mkPen(None),
    )


def rule_item(color: Any) -> Any:
    """Return an upright line that marks a place."""
    return pg.InfiniteLine(angle=90, pen=pg.mkPen(color, width=1))


def widget_of(plot: Plot) -> QWidget:
    """Return the widget of a plot."""
    widget: QWidget = plot.widget
    return widget
