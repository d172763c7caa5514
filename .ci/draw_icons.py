"""Draws the icon of the application from its SVG in all sizes, as PNG files and one .ico.

Run by ``make icons`` when the drawing changed; the pictures are committed, so that neither
the application nor its package needs to draw them.
"""

import struct
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

_FOLDER = Path(__file__).resolve().parent.parent / "resources" / "icons"
_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
_SIZES_OF_ICO = (16, 24, 32, 48, 64, 128, 256)


def _draw(renderer: QSvgRenderer, size: int) -> bytes:
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    path = _FOLDER / f"buildbench-{size}.png"
    if not image.save(str(path)):
        raise OSError(f"{path} could not be written")
    return path.read_bytes()


def _join(pictures: dict[int, bytes]) -> bytes:
    """Return an .ico that holds the pictures as they are (Windows reads PNG since Vista)."""
    header = struct.pack("<HHH", 0, 1, len(pictures))
    offset = len(header) + 16 * len(pictures)
    entries = b""
    for size, png in pictures.items():
        side = size % 256  # 0 stands for 256
        entries += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(png), offset)
        offset += len(png)
    return header + entries + b"".join(pictures.values())


def main() -> None:
    """Write every size and the .ico."""
    application = QGuiApplication([])
    renderer = QSvgRenderer(str(_FOLDER / "buildbench.svg"))
    pictures = {size: _draw(renderer, size) for size in _SIZES}
    ico = _join({size: pictures[size] for size in _SIZES_OF_ICO})
    (_FOLDER / "buildbench.ico").write_bytes(ico)
    del application


if __name__ == "__main__":
    main()
