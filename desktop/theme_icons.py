"""Icons that are painted in a colour asked for at that moment, so they follow the scheme.

The set is Phosphor, as qtawesome brings it. Its font is read out of that package without
importing it: the import alone takes a quarter of a second of the first window's time, and
its icons keep the colour that they were made with.
"""

import functools
import importlib.util
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QIcon,
    QIconEngine,
    QPainter,
    QPixmap,
)

_SHARE_OF_HEIGHT = 0.9


class PaletteIcon(QIconEngine):
    """Paints one icon of the set.

    Args:
        name: Its name in the Phosphor set, such as ``play`` or ``warning-fill``.
        color: Returns the colour; told whether the icon is disabled.

    Raises:
        KeyError: The set has no icon of that name.
    """

    def __init__(self, name: str, color: Callable[[bool], QColor]) -> None:
        super().__init__()
        self._name = name
        self._glyph = chr(int(_glyphs()[name], 16))
        self._color = color

    def paint(
        self,
        painter: QPainter,
        rect: QRect,
        mode: QIcon.Mode,
        state: QIcon.State,  # noqa: ARG002
    ) -> None:
        """Paint the icon into a rectangle."""
        painter.save()
        font = QFont(_family())
        font.setPixelSize(max(round(min(rect.width(), rect.height()) * _SHARE_OF_HEIGHT), 1))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        painter.setFont(font)
        painter.setPen(self._color(mode is QIcon.Mode.Disabled))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter.value, self._glyph)
        painter.restore()

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


def _fonts() -> Path:
    found = importlib.util.find_spec("qtawesome")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("qtawesome, which brings the icons, is not installed")
    return Path(found.submodule_search_locations[0]) / "fonts"


@functools.cache
def _glyphs() -> Mapping[str, str]:
    """Return the name of each icon with its code point in hexadecimal digits."""
    names: dict[str, str] = json.loads(
        next(_fonts().glob("phosphor-charmap-*.json")).read_text("utf-8")
    )
    return names


@functools.cache
def _family() -> str:
    face = next(_fonts().glob("phosphor-[0-9]*.ttf"))
    # From memory, since a path that is not Latin-1 fails on Windows.
    number = QFontDatabase.addApplicationFontFromData(face.read_bytes())
    return QFontDatabase.applicationFontFamilies(number)[0]
