"""The little arrows and ticks of controls, drawn in the colours of the theme."""

import logging
import math
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPen, QPolygonF

from core.scratch import PREFIX, ScratchFolder

_SHAPES: Final[Mapping[str, tuple[tuple[float, float], ...]]] = {
    "down": ((3, 4.5), (6, 7.5), (9, 4.5)),
    "up": ((3, 7.5), (6, 4.5), (9, 7.5)),
    "right": ((4.5, 3), (7.5, 6), (4.5, 9)),
    "check": ((2.5, 6.2), (5, 8.6), (9.5, 3.6)),
    "dash": ((3, 6), (9, 6)),
    "cross": ((3, 3), (9, 9), (6, 6), (9, 3), (3, 9)),
}
_EDGE = 12

_log = logging.getLogger(__name__)


class Marks:
    """The little arrows and ticks of controls, which a style sheet only takes as files.

    They are drawn into a folder of this process, which goes with it.
    """

    def __init__(self) -> None:
        self._folder = _folder()

    def draw(self, plain: str, on_check: str) -> dict[str, str]:
        """Draw each shape in two colours and return name to path.

        Each comes as ``name`` in the plain colour and as ``name_on`` in that of what stands
        on the ground of a tick; ``dot_on`` is a filled disc.
        """
        paths = {}
        for shape in (*_SHAPES, "dot"):
            paths[shape] = self._file(shape, shape, plain)
            paths[f"{shape}_on"] = self._file(shape, f"{shape}-on", on_check)
        return paths

    def _file(self, shape: str, name: str, color: str) -> str:
        if self._folder is None:
            return ""
        folder = self._folder.path
        for scale in range(1, _largest_scale() + 1):
            suffix = f"@{scale}x" if scale > 1 else ""
            path = folder / f"{name}{suffix}.png"
            _draw(shape, QColor(color), scale).save(str(path))
        return (folder / f"{name}.png").as_posix()


def _folder() -> ScratchFolder | None:
    """Return where marks are drawn; None where there is no room for temporary files."""
    try:
        return ScratchFolder(f"{PREFIX}marks-")
    except OSError as error:
        _log.warning("There are no marks in controls: %s", error)
        return None


def _largest_scale() -> int:
    """Return the scale of the finest screen; what it does not need is not drawn."""
    screens = QGuiApplication.screens()
    return math.ceil(max((screen.devicePixelRatio() for screen in screens), default=1.0))


def _draw(name: str, color: QColor, scale: int) -> QImage:
    image = QImage(_EDGE * scale, _EDGE * scale, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    if name == "dot":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(QRectF(3.5, 3.5, 5, 5))
    else:
        cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        painter.setPen(QPen(color, 1.6, Qt.PenStyle.SolidLine, cap, join))
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in _SHAPES[name]]))
    painter.end()
    return image
