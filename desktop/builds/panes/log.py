"""The log of the chosen build."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from core.builds.schemas import BuildRow, LogSummary
from core.translation import _
from desktop.builds import words
from desktop.builds.history.buttons import mirror
from desktop.builds.panes.pane import Pane
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.log_view import LogSource, LogView


class LogPane(Pane):
    """Shows a log from its end, and how much of it there is."""

    def __init__(
        self, theme: Theme, tasks: TaskRunner, *, save: QAction, follow: QAction
    ) -> None:
        super().__init__()
        self.title = _("Log")
        self.log = LogView(tasks, theme)
        self._summary: LogSummary | None = None
        self._build_id: int | None = None
        self.counts = QLabel()
        self.counts.setProperty("kind", "muted")
        self.counts.setAccessibleName(_("Size of the log"))
        self.follow_button = QPushButton(theme.icon("arrow-line-down"), _("Follow"))
        self.follow_button.setCheckable(True)
        self.follow_button.setIconSize(QSize(20, 14))
        self.save_button = QPushButton(_("Save log…"))
        mirror(self.follow_button, follow)
        mirror(self.save_button, save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.log)

    @property
    def tools(self) -> Sequence[QWidget]:
        """Size of the log, and what is done with it."""
        return (self.counts, self.follow_button, self.save_button)

    def show_build(self, build: BuildRow | None) -> None:
        """Forget the log of another build; that of this one comes on its own."""
        build_id = build.id if build is not None else None
        if build_id is None or build_id != self._build_id:
            self._forget(_("Loading…") if build is not None else "")
        self._build_id = build_id

    def tell_failure(self) -> None:
        """Say that the log of the build could not be fetched."""
        self._forget(_("The log could not be loaded. Choose the build again to retry."))

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

    def _forget(self, message: str) -> None:
        self._summary = None
        self.counts.setText("")
        self.log.clear(message)

    def _tell(self, summary: LogSummary) -> None:
        self._summary = summary
        self.counts.setText(words.log_counts(summary))
