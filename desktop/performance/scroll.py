"""A page that scrolls: cards below each other on the ground of the window."""

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

MARGIN = 16
GAP = 12


class ScrollPage(QScrollArea):
    """Takes cards from top to bottom.

    Args:
        name: What it is called when it is read out.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setProperty("kind", "page")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._page = QWidget()
        self._page.setProperty("kind", "page")
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self._column.setSpacing(GAP)
        self._column.addStretch(1)
        self.setWidget(self._page)

    def add(self, part: QWidget | QLayout) -> None:
        """Put a part below those that are there."""
        place = self._column.count() - 1
        if isinstance(part, QLayout):
            self._column.insertLayout(place, part)
        else:
            self._column.insertWidget(place, part)

    def reveal(self, part: QWidget) -> None:
        """Scroll until a part is in sight, from its head on where it is too high for that.

        What was just shown gets its room only when Qt comes to lay out the page.
        """
        QTimer.singleShot(0, part, lambda: self._reveal(part))

    def _reveal(self, part: QWidget) -> None:
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        top = part.mapTo(self._page, QPoint(0, -MARGIN)).y()
        bar = self.verticalScrollBar()
        below = top + part.height() + 2 * MARGIN - self.viewport().height()
        bar.setValue(min(max(bar.value(), below), top))
