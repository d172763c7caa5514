"""The chosen build: a row of tabs, and a page for each."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from core.builds.schemas import BuildRow
from core.events import Event
from core.translation import _
from desktop.builds.history.buttons import mirror
from desktop.builds.panes.pane import Pane
from desktop.theme import Metric

_HEIGHT = 42


class BuildDetails(QWidget):
    """The pages about a build, of which one is in front.

    Args:
        panes: In the order of their tabs.
        cancel: Cancels the build; offered while it runs.
    """

    def __init__(self, panes: Sequence[Pane], *, cancel: QAction) -> None:
        super().__init__()
        self.panes = tuple(panes)
        self.bar = QTabBar()
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setAccessibleName(_("What is shown of the build"))
        self.cancel_button = QPushButton(_("Cancel build"))
        self.cancel_button.setProperty("kind", "danger")
        mirror(self.cancel_button, cancel)
        self.pages = QStackedWidget()
        for place, pane in enumerate(self.panes):
            self.bar.addTab(pane.title)
            self.pages.addWidget(pane)
            pane.badge_changed.connect(partial(self._show_badge, place))
        self._lay_out()
        self.bar.currentChanged.connect(self._show_page)
        self._show_page(0)

    @property
    def pane(self) -> Pane:
        """The page in front."""
        return self.panes[self.pages.currentIndex()]

    def bring(self, pane: Pane) -> None:
        """Bring a page to the front."""
        self.bar.setCurrentIndex(self.panes.index(pane))

    def show_build(self, build: BuildRow | None) -> None:
        """Show a build, another or the same one about which something changed."""
        self.cancel_button.setVisible(build is not None and not build.state.finished)
        for pane in self.panes:
            pane.show_build(build)

    def on_event(self, event: Event) -> None:
        """Hand an event of the core to the pages."""
        for pane in self.panes:
            pane.on_event(event)

    def _lay_out(self) -> None:
        head = QWidget()
        head.setProperty("kind", "bar")
        head.setFixedHeight(_HEIGHT)
        row = QHBoxLayout(head)
        row.setContentsMargins(10, 0, 12, 0)
        row.setSpacing(Metric.GRID)
        row.addWidget(self.bar)
        row.addStretch(1)
        for pane in self.panes:
            for tool in pane.tools:
                row.addWidget(tool)
        row.addWidget(self.cancel_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self.pages, 1)

    def _show_badge(self, place: int, badge: str) -> None:
        title = self.panes[place].title
        self.bar.setTabText(place, f"{title}  {badge}" if badge else title)

    def _show_page(self, place: int) -> None:
        self.pane.put_back()
        self.pages.setCurrentIndex(place)
        for number, pane in enumerate(self.panes):
            for tool in pane.tools:
                tool.setVisible(number == place)
        self.pane.bring_forward()
