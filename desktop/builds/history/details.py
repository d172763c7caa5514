"""The chosen build: its log and its details, with what can be done about it."""

from dataclasses import replace

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from core.builds.schemas import BuildRow, LogSummary
from core.translation import _
from desktop.builds import words
from desktop.builds.history.buttons import mirror
from desktop.builds.history.facts import BuildFacts
from desktop.tasks import TaskRunner
from desktop.theme import Metric, Theme
from desktop.widgets.log_view import LogSource, LogView

_HEIGHT = 42


class BuildDetails(QWidget):
    """Log and Details of a build."""

    def __init__(
        self,
        theme: Theme,
        tasks: TaskRunner,
        *,
        cancel: QAction,
        save: QAction,
        follow: QAction,
    ) -> None:
        super().__init__()
        self.log = LogView(tasks, theme)
        self.facts = BuildFacts(theme)
        self._summary: LogSummary | None = None
        self._build: BuildRow | None = None
        self.bar = QTabBar()
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setAccessibleName(_("What is shown of the build"))
        self.bar.addTab(_("Log"))
        self.bar.addTab(_("Details"))
        self.counts = QLabel()
        self.counts.setProperty("kind", "muted")
        self.counts.setAccessibleName(_("Size of the log"))
        self.follow_button = QPushButton(theme.icon("arrow-line-down"), _("Follow"))
        self.follow_button.setCheckable(True)
        self.follow_button.setIconSize(QSize(20, 14))
        self.save_button = QPushButton(_("Save log…"))
        self.cancel_button = QPushButton(_("Cancel build"))
        self.cancel_button.setProperty("kind", "danger")
        mirror(self.follow_button, follow)
        mirror(self.save_button, save)
        mirror(self.cancel_button, cancel)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.log)
        self.pages.addWidget(self.facts)
        self._lay_out()
        self.bar.currentChanged.connect(self._show_page)

    def show_build(self, build: BuildRow | None) -> None:
        """Show a build; its log comes on its own, and until then there is none."""
        other = build is None or self._build is None or build.id != self._build.id
        self._build = build
        self.facts.show_build(build)
        self.cancel_button.setVisible(build is not None and not build.state.finished)
        if other:
            self._forget_log(_("Loading…") if build is not None else "")

    def tell_failure(self) -> None:
        """Say that the log of the build could not be fetched."""
        self._forget_log(_("The log could not be loaded. Choose the build again to retry."))

    def show_log(self, source: LogSource, summary: LogSummary) -> None:
        """Show the log of the build."""
        self.log.show_log(source, summary)
        self.log.following = True
        self._tell(summary)

    def grow(self, lines: int) -> None:
        """Show that the log has so many lines by now; before it is shown this is idle."""
        if self._summary is None:
            return
        self.log.grow(lines)
        if lines > self._summary.lines:
            self._tell(replace(self._summary, lines=lines))

    def take_summary(self, summary: LogSummary) -> None:
        """Show how much log there is by now."""
        if self._summary is not None and summary.build_id == self._summary.build_id:
            self.log.take_summary(summary)
            self._tell(summary)

    def _forget_log(self, message: str) -> None:
        self._summary = None
        self.counts.setText("")
        self.log.clear(message)

    def _tell(self, summary: LogSummary) -> None:
        self._summary = summary
        self.counts.setText(words.log_counts(summary))

    def _lay_out(self) -> None:
        head = QWidget()
        head.setProperty("kind", "bar")
        head.setFixedHeight(_HEIGHT)
        row = QHBoxLayout(head)
        row.setContentsMargins(10, 0, 12, 0)
        row.setSpacing(Metric.GRID)
        row.addWidget(self.bar)
        row.addStretch(1)
        row.addWidget(self.counts)
        row.addSpacing(Metric.GRID // 2)
        row.addWidget(self.follow_button)
        row.addWidget(self.save_button)
        row.addWidget(self.cancel_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self.pages, 1)

    def _show_page(self, place: int) -> None:
        self.pages.setCurrentIndex(place)
        log = place == 0
        self.counts.setVisible(log)
        self.follow_button.setVisible(log)
        self.save_button.setVisible(log)
