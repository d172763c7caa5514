"""A list, and at its right the details of what is chosen in it."""

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget


class ListSplit(QSplitter):
    """Parts a page by a line that can be moved; more width goes to the list.

    Args:
        details: What stands at the right.
        name: What screen readers say.
        sizes: Widths of list and details in pixels, until the line was moved.

    Attributes:
        column: Takes what stands at the left, from top to bottom.
    """

    def __init__(self, details: QWidget, name: str, sizes: tuple[int, int]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        left = QFrame()
        left.setProperty("kind", "pane")
        self.column = QVBoxLayout(left)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.addWidget(left)
        self.addWidget(details)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)
        self.setAccessibleName(name)
        self.setSizes(sizes)
        self.setStretchFactor(0, 1)
        self.setStretchFactor(1, 0)

    def save(self, settings: QSettings, key: str) -> None:
        """Keep where the line is."""
        settings.setValue(key, self.saveState())

    def restore(self, settings: QSettings, key: str) -> None:
        """Put the line where it was kept, if it was."""
        state = settings.value(key)
        if isinstance(state, QByteArray):
            self.restoreState(state)
