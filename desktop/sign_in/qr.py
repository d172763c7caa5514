"""A QR code on the screen: black on white whatever the scheme, each module whole pixels."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from core.translation import _

# The standard asks for four light modules around the code.
_QUIET = 4


class QrCode(QWidget):
    """Shows a text as QR code, in a square of the given edge in pixels."""

    def __init__(self, edge: int) -> None:
        super().__init__()
        self._rows: tuple[bytearray, ...] = ()
        self.setFixedSize(edge, edge)
        self.setAccessibleName(_("QR code"))

    def show_text(self, text: str) -> None:
        """Show another text; an empty one shows nothing."""
        import segno

        self._rows = tuple(segno.make(text, micro=False).matrix) if text else ()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the modules; scanners want black on white, so the scheme is not asked."""
        if not self._rows:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        ratio = self.devicePixelRatioF()
        modules = len(self._rows) + 2 * _QUIET
        module = max(int(self.width() * ratio / modules), 1) / ratio
        border = int((self.width() - module * len(self._rows)) / 2 * ratio) / ratio
        for y, row in enumerate(self._rows):
            for x, dark in enumerate(row):
                if dark:
                    place = QRectF(border + x * module, border + y * module, module, module)
                    painter.fillRect(place, Qt.GlobalColor.black)
        painter.end()
