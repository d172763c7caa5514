"""How the tab is laid out: the list of pages at the left, the chosen page beside it."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.performance.page import PageEntry
from desktop.performance.page_list import PageList
from desktop.theme import Metric, Theme
from desktop.widgets.marks import separator


class PerformanceView(QWidget):
    """The tab.

    Signals:
        seen: The tab came into sight, or was left.
    """

    seen = Signal(bool)

    def __init__(self, theme: Theme, entries: Sequence[PageEntry]) -> None:
        super().__init__()
        self.setProperty("kind", "page")
        self.list = PageList(theme, entries)
        self.pages = QStackedWidget()
        left = QFrame()
        left.setProperty("kind", "pane")
        column = QVBoxLayout(left)
        column.setContentsMargins(0, Metric.GRID, 0, 0)
        column.addWidget(self.list)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(left)
        row.addWidget(separator(vertical=True))
        row.addWidget(self.pages, 1)

    def show_page(self, page: QWidget) -> None:
        """Show a page beside the list."""
        if self.pages.indexOf(page) < 0:
            self.pages.addWidget(page)
        self.pages.setCurrentWidget(page)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Tell that the tab is in sight."""
        super().showEvent(event)
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Tell that the tab was left, or the window put away."""
        super().hideEvent(event)
        self.seen.emit(False)
