"""Icons that are painted in a colour asked for at that moment, so they follow the scheme.

The set is Phosphor, out of qtawesome, which is imported when the first icon is painted: it
costs a quarter of a second that the first window need not wait for.
"""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap

if TYPE_CHECKING:
    from qtawesome.iconic_font import IconicFont

_CACHED_ICONS = 512


class PaletteIcon(QIconEngine):
    """Paints one icon of the set.

    Args:
        name: Its name in the Phosphor set, such as ``play`` or ``warning-fill``.
        color: Returns the colour; told whether the icon is disabled.
    """

    def __init__(self, name: str, color: Callable[[bool], QColor]) -> None:
        super().__init__()
        self._name = name
        self._color = color

    def paint(
        self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State
    ) -> None:
        """Paint the icon into a rectangle."""
        color = self._color(mode is QIcon.Mode.Disabled)
        _colored(self._name, color.name()).paint(
            painter, rect, mode=QIcon.Mode.Normal, state=state
        )

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return the icon as a picture."""
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        """Return another engine that paints the same."""
        return PaletteIcon(self._name, self._color)


@functools.cache
def _phosphor() -> "IconicFont":
    import qtawesome
    from qtawesome.iconic_font import IconicFont

    fonts = Path(qtawesome.__file__).parent / "fonts"
    face = next(fonts.glob("phosphor-[0-9]*.ttf")).name
    names = next(fonts.glob("phosphor-charmap-*.json")).name
    # One font instead of all eleven: a third of the time and of the memory.
    return IconicFont(("ph", face, names))


@functools.lru_cache(maxsize=_CACHED_ICONS)
def _colored(name: str, color: str) -> QIcon:
    icon: QIcon = _phosphor().icon(f"ph.{name}", color=color)
    return icon
