"""A plot of what changes each second: cheap to paint, whatever the lines look like.

This module imports pyqtgraph, and is itself imported only when a chart has something to show.
Qt strokes a wide line that is smoothed by the outline of all of it: five charts of three
spiky lines took 1.4 s to paint at a width of 2 pixels, and 6 ms at a width of 1. So each line
is painted twice at a width of 1, half a pixel apart. Likewise a filled outline of spikes takes
17 ms, and its columns, one after another and not smoothed, less than one.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QTransform

from desktop.theme import FontRole, Role, Theme
from desktop.widgets.charts.plot import Plot
from desktop.widgets.charts.time_marks import Mark

_FILL: Final = 0.14
_DOT: Final = 3
_HALF: Final = 0.5
_HEADROOM: Final = 1.08
_GAP: Final = 20
_AXIS_GAP: Final = 12
_POWERS: Final = 10
_STEPS: Final = (1, 2, 2.5, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class Curve:
    """A line of the plot: its values, NaN for gaps, and how it looks."""

    values: Any
    color: QColor
    filled: bool


class CurvesItem(pg.GraphicsObject):  # type: ignore[misc]
    """Paints lines over places from 0 on, each value above its place."""

    def __init__(self) -> None:
        super().__init__()
        self._curves: tuple[Curve, ...] = ()
        self._bounds = QRectF(0, 0, 1, 1)

    def show_curves(self, curves: Sequence[Curve], bounds: QRectF) -> None:
        """Paint others; ``bounds`` is what the plot shows."""
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = bounds
        self._curves = tuple(curves)
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        """Return what the plot shows."""
        return self._bounds

    def paint(self, painter: QPainter, *_others: object) -> None:
        """Paint grounds first, then the lines; the first of them is the uppermost."""
        to_pixels = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        for curve in self._curves:
            if curve.filled:
                _paint_ground(painter, curve, to_pixels)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for curve in reversed(self._curves):
            _paint_line(painter, curve, to_pixels)
        painter.restore()


class TimePlot(Plot):
    """Places that are moments, with lines above them.

    Args:
        words: Writes a value of the axis.
        tip: Returns what is said of a place.
    """

    def __init__(
        self, theme: Theme, *, words: Callable[[float], str], tip: Callable[[int], str]
    ) -> None:
        super().__init__(theme, across=False, words=words, tip=tip)
        self._look = theme
        self._marks: Sequence[Mark] = ()
        self._curves = CurvesItem()
        self.item.addItem(self._curves, ignoreBounds=True)
        self._rule = pg.InfiniteLine(angle=90)
        self._rule.hide()
        self.item.addItem(self._rule, ignoreBounds=True)
        self._values.setWidth(_axis_width(theme, words))
        for axis in (self._values, self._places):
            axis.setStyle(hideOverlappingLabels=False)
        self.item.layout.setContentsMargins(0, 8, 18, 6)
        self.pointed.connect(self._show_rule)

    def show_rows(
        self,
        rows: Sequence[Sequence[float | None]],
        looks: Sequence[tuple[QColor, bool]],
        marks: Sequence[Mark],
        least_top: float,
    ) -> None:
        """Show lines.

        Args:
            rows: For each place the values of all lines, None for a gap.
            looks: Colour of each line, and whether it has a ground.
            marks: The places that are named below.
            least_top: The axis goes up to here at least.
        """
        values = np.array(rows, dtype=float).reshape(len(rows), len(looks))
        known = values[np.isfinite(values)]
        top = max(float(known.max(initial=0.0)), least_top)
        columns = zip(values.T, looks, strict=True)
        curves = [Curve(column, color, filled) for column, (color, filled) in columns]
        self._show_curves(curves, len(rows), marks, top)

    def _show_curves(
        self, curves: Sequence[Curve], count: int, marks: Sequence[Mark], top: float
    ) -> None:
        self._count = count
        bounds = QRectF(0, 0, max(count - 1, 1), nice_top(top))
        if marks != self._marks or bounds != self._curves.boundingRect():
            self._marks = marks
            self._name_places()
            x, y = (bounds.left(), bounds.right()), (0, bounds.height())
            self.item.setRange(xRange=x, yRange=y, padding=0)
        self._curves.show_curves(curves, bounds)

    def _name_places(self) -> None:
        """Write those marks that have room, the last one first."""
        metrics = QFontMetrics(self._theme.font(FontRole.MUTED))
        per_place = max(self.widget.width(), 1) / max(self._count, 1)
        shown: list[Mark] = []
        end = float("inf")
        for place, text in reversed(self._marks):
            half = metrics.horizontalAdvance(text) / 2
            middle = place * per_place
            if middle + half + _GAP <= end:
                shown.append((place, text))
                end = middle - half
        self._places.setTicks([shown])

    def _show_rule(self, place: int) -> None:
        self._rule.setPen(pg.mkPen(self._look.color(Role.FIELD_LINE)))
        self._rule.setPos(place)
        self._rule.setVisible(place >= 0)


def nice_top(value: float) -> float:
    """Return a round number above a value, which does not change with every small one."""
    if value <= 0:
        return 1.0
    scale = float(10 ** np.floor(np.log10(value)))
    return next(step * scale for step in _STEPS if step * scale >= value * _HEADROOM)


def _axis_width(theme: Theme, words: Callable[[float], str]) -> int:
    """Return room for values, so that the lines do not move when the words get longer."""
    metrics = QFontMetrics(theme.font(FontRole.MUTED))
    samples = (words(0.88 * 10**power) for power in range(_POWERS))
    return max(metrics.horizontalAdvance(text) for text in samples) + _AXIS_GAP


def _points(curve: Curve, to_pixels: QTransform) -> tuple[Any, Any]:
    x = np.arange(len(curve.values)) * to_pixels.m11() + to_pixels.dx()
    return x, curve.values * to_pixels.m22() + to_pixels.dy()


def _paint_ground(painter: QPainter, curve: Curve, to_pixels: QTransform) -> None:
    color = QColor(curve.color)
    color.setAlphaF(_FILL)
    x, y = _points(curve, to_pixels)
    bottom = round(to_pixels.dy())
    columns = np.arange(math.ceil(x[0]), math.floor(x[-1]) + 1)
    tops = np.interp(columns, x, y)
    for place in np.flatnonzero(np.isfinite(tops)):
        top = round(float(tops[place]))
        painter.fillRect(int(columns[place]), top, 1, bottom - top, color)


def _paint_line(painter: QPainter, curve: Curve, to_pixels: QTransform) -> None:
    x, y = _points(curve, to_pixels)
    known = np.isfinite(y)
    pen = QPen(curve.color, 1)
    painter.setPen(pen)
    path = pg.arrayToQPath(x, y, connect="finite")
    painter.drawPath(path)
    painter.translate(0, _HALF)
    painter.drawPath(path)
    painter.translate(0, -_HALF)
    alone = known.copy()
    alone[1:] &= ~known[:-1]
    alone[:-1] &= ~known[1:]
    if alone.any():
        pen.setWidth(_DOT)
        painter.setPen(pen)
        for place in np.flatnonzero(alone):
            painter.drawPoint(QPointF(float(x[place]), float(y[place])))
