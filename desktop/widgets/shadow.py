"""The soft shadow of a card that lies over others.

A ``QGraphicsDropShadowEffect`` blurs anew whenever anything beneath it is painted, which took
8 ms for each card while a log ran below. This is painted once, and stretched.
"""

from functools import lru_cache

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

_STRENGTH = 44  # of 255, under the card
_DROP = 3


def paint_shadow(painter: QPainter, outer: QRect, extent: int, radius: int) -> None:
    """Paint the shadow of a card.

    Args:
        painter: Paints on the widget that holds the card.
        outer: The card and what its shadow may cover.
        extent: How many pixels there are around the card.
        radius: Of the corners of the card.
    """
    ratio = painter.device().devicePixelRatioF()
    corner = 2 * extent + radius
    picture = _picture(extent, radius, ratio)
    edge = picture.width() / ratio
    columns = _stripes(outer.left(), outer.width(), corner, edge)
    for top, height, from_top, from_height in _stripes(
        outer.top(), outer.height(), corner, edge
    ):
        for left, width, from_left, from_width in columns:
            source = QRectF(from_left, from_top, from_width, from_height)
            picked = QRectF(source.topLeft() * ratio, source.size() * ratio)
            painter.drawPixmap(QRectF(left, top, width, height), picture, picked)


def _stripes(
    start: float, length: float, corner: float, edge: float
) -> list[tuple[float, float, float, float]]:
    """Return where begins and how long is each third of a length, and of the picture's edge."""
    return [
        (start, corner, 0, corner),
        (start + corner, length - 2 * corner, corner, edge - 2 * corner),
        (start + length - corner, corner, edge - corner, corner),
    ]


@lru_cache(maxsize=8)
def _picture(extent: int, radius: int, ratio: float) -> QPixmap:
    """Return the shadow of the smallest card, from which each larger one is stretched."""
    edge = 2 * (2 * extent + radius) + 4
    picture = QPixmap(round(edge * ratio), round(edge * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    # Layers over each other: quadratic from the rim to the card, as a blur looks.
    for step in range(extent):
        layer = QColor(0, 0, 0, max(round(2 * _STRENGTH * (step + 1) / extent**2), 1))
        painter.setBrush(layer)
        inset = float(step)
        rect = QRectF(0, 0, edge, edge).adjusted(inset, inset, -inset, -inset)
        round_by = radius + extent - inset
        painter.drawRoundedRect(rect.translated(0, _DROP * step / extent), round_by, round_by)
    # The card is painted before its shadow is, and is not to be darkened.
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    card = QRectF(0, 0, edge, edge).adjusted(extent, extent, -extent, -extent)
    painter.drawRoundedRect(card, radius, radius)
    painter.end()
    return picture
