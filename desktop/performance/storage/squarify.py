"""Fills a rectangle with rectangles of given areas that are as square as can be.

The method is that of Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000).
"""

from collections.abc import Sequence

from PySide6.QtCore import QRectF


def squarify(sizes: Sequence[float], place: QRectF) -> list[QRectF]:
    """Return a rectangle for each size, in their order; together they fill the place.

    Args:
        sizes: All above zero; the largest first gives the most square ones.
    """
    if not sizes or place.isEmpty():
        return [QRectF() for _size in sizes]
    scale = place.width() * place.height() / sum(sizes)
    found: list[QRectF] = []
    rest, row = QRectF(place), list[float]()
    for area in (size * scale for size in sizes):
        side = min(rest.width(), rest.height())
        if row and _worst([*row, area], side) > _worst(row, side):
            rest = _lay(row, rest, found)
            row = []
        row.append(area)
    _lay(row, rest, found)
    return found


def _worst(row: Sequence[float], side: float) -> float:
    """Return the largest ratio of sides among the rectangles of a row, 1 for squares."""
    depth = sum(row) / side if side > 0 else 0.0
    if depth <= 0:
        return float("inf")
    return max(max(depth * depth / area, area / (depth * depth)) for area in row)


def _lay(row: Sequence[float], rest: QRectF, found: list[QRectF]) -> QRectF:
    """Lay a row along the shorter side, and return what is left beside it."""
    whole = sum(row)
    upright = rest.width() >= rest.height()
    side = rest.height() if upright else rest.width()
    depth = whole / side if side > 0 else 0.0
    at = rest.top() if upright else rest.left()
    for area in row:
        length = side * area / whole
        if upright:
            found.append(QRectF(rest.left(), at, depth, length))
        else:
            found.append(QRectF(at, rest.top(), length, depth))
        at += length
    return rest.adjusted(depth, 0, 0, 0) if upright else rest.adjusted(0, depth, 0, 0)
