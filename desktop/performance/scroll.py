"""A page that scrolls: cards below each other on the ground of the window."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QVBoxLayout, QWidget

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
        page = QWidget()
        page.setProperty("kind", "page")
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self._column.setSpacing(GAP)
        self._column.addStretch(1)
        self.setWidget(page)

    def add(self, part: QWidget | QLayout) -> None:
        """Put a part below those that are there."""
        place = self._column.count() - 1
        if isinstance(part, QLayout):
            self._column.insertLayout(place, part)
        else:
            self._column.insertWidget(place, part)
