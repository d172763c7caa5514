"""The chosen build: a row of tabs, and a page for each."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from core.builds.schemas import BuildRow, BuildState
from core.events import Event
from core.translation import _
from desktop.builds.history.buttons import mirror
from desktop.builds.panes.pane import Pane
from desktop.theme import Metric
from desktop.widgets.marks import label

_HEIGHT = 42


class BuildDetails(QWidget):
    """The pages about a build, of which one is in front.

    Args:
        panes: In the order of their tabs.
        cancel: Cancels the build; offered while it waits or runs.
        retry: Runs it once more; offered once it has ended.
        pause: Pauses and resumes the queue; offered where the build waits for that.
    """

    def __init__(
        self, panes: Sequence[Pane], *, cancel: QAction, retry: QAction, pause: QAction
    ) -> None:
        super().__init__()
        self.panes = tuple(panes)
        self.bar = QTabBar()
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setAccessibleName(_("What is shown of the build"))
        self.cancel_button = QPushButton(_("Cancel build"))
        self.cancel_button.setProperty("kind", "danger")
        self.retry_button = QPushButton(_("Retry"))
        self.resume_button = QPushButton(_("Resume the queue"))
        mirror(self.cancel_button, cancel)
        mirror(self.retry_button, retry)
        mirror(self.resume_button, pause)
        self._build: BuildRow | None = None
        self._paused = False
        self.pages = QStackedWidget()
        self.why = self._make_why()
        self._lay_out()
        for place, pane in enumerate(self.panes):
            self.bar.addTab(pane.title)
            self.pages.addWidget(pane)
            pane.badge_changed.connect(partial(self._show_badge, place))
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
        self._build = build
        self._offer()
        for pane in self.panes:
            pane.show_build(build)

    def tell_queue(self, *, paused: bool) -> None:
        """Take whether builds that wait do so because the queue is paused."""
        self._paused = paused
        self._offer()
        for pane in self.panes:
            pane.tell_queue(paused=paused)

    def _offer(self) -> None:
        """Show the buttons that mean something for the build as it stands."""
        build = self._build
        self.cancel_button.setVisible(build is not None and not build.state.finished)
        self.retry_button.setVisible(build is not None and build.state.finished)
        waits = build is not None and build.state is BuildState.PENDING
        self.why.setVisible(waits and self._paused)

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
        row.addWidget(self.retry_button)
        row.addWidget(self.cancel_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self.why)
        layout.addWidget(self.pages, 1)
        self._offer()

    def _make_why(self) -> QWidget:
        """Return the line that says why a build waits, and lets it go on."""
        line = QWidget()
        line.setProperty("kind", "bar")
        line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line.setFixedHeight(_HEIGHT)
        row = QHBoxLayout(line)
        row.setContentsMargins(2 * Metric.GRID, 0, 12, 0)
        row.addWidget(
            label(_("The queue is paused: this build waits until it is resumed."), "warning")
        )
        row.addStretch(1)
        row.addWidget(self.resume_button)
        return line

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
