"""The log of the chosen build."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from core.builds.schemas import BuildRow, LogLevel, LogSummary
from core.errors import NotFoundError
from core.translation import _
from desktop.builds.history.buttons import mirror
from desktop.builds.panes.log_again import Again
from desktop.builds.panes.log_bar import LogBar
from desktop.builds.panes.log_levels import LogLevels
from desktop.builds.panes.log_search import LogSearch
from desktop.builds.panes.log_search_field import LogSearchField
from desktop.builds.panes.log_source import LogReading
from desktop.builds.panes.pane import Pane
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.log_view import LogView, Times


class LogPane(Pane):
    """Shows a log from its end; searches, filters and folds it.

    Args:
        folding: The actions that fold and unfold all groups.
    """

    def __init__(
        self,
        theme: Theme,
        tasks: TaskRunner,
        *,
        save: QAction,
        follow: QAction,
        folding: Sequence[QAction],
    ) -> None:
        super().__init__()
        self.title = _("Log")
        self._tasks = tasks
        self.log = LogView(tasks, theme)
        self.log.more_actions = folding
        self._summary: LogSummary | None = None
        self._source: LogReading | None = None
        self._build_id: int | None = None
        self.field = LogSearchField(theme)
        self.search = LogSearch(tasks, self.field, self.log)
        self.levels = LogLevels(tasks, self.log)
        self.bar = LogBar(theme, folding)
        self._again = Again(tasks, self._look_again)
        self.follow_button = QPushButton(theme.icon("arrow-line-down"), _("Follow"))
        self.follow_button.setCheckable(True)
        self.follow_button.setIconSize(QSize(20, 14))
        self.save_button = QPushButton(_("Save log…"))
        mirror(self.follow_button, follow)
        mirror(self.save_button, save)
        self.bar.add(self.save_button)
        self._connect()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.log)

    @property
    def tools(self) -> Sequence[QWidget]:
        """Searching, and staying at the end."""
        return (self.field, self.follow_button)

    @property
    def times(self) -> Times:
        """Which times stand beside the lines."""
        return self.log.times

    @times.setter
    def times(self, times: Times) -> None:
        self.log.times = times
        self.bar.show_times(times)

    def show_build(self, build: BuildRow | None) -> None:
        """Forget the log of another build; that of this one comes on its own."""
        build_id = build.id if build is not None else None
        if build_id is None or build_id != self._build_id:
            self._forget(_("Loading…") if build is not None else "")
        self._build_id = build_id
        if build is not None:
            self.log.count_from(build.started_at)

    def tell_failure(self) -> None:
        """Say that the log of the build could not be fetched."""
        self._forget(_("The log could not be loaded. Choose the build again to retry."))

    def show_log(self, source: LogReading, summary: LogSummary) -> None:
        """Show the log of the build."""
        self.log.show_log(source, summary)
        self.log.following = True
        self._take_source(source)
        self._tell(summary)
        self._again.ask()

    def grow(self, lines: int) -> None:
        """Show that the log has so many lines by now; before it is shown this is idle."""
        if self._summary is None:
            return
        self.log.grow(lines)
        if lines > self._summary.lines:
            self._tell(replace(self._summary, lines=lines))
            self._again.ask()

    def take_summary(self, summary: LogSummary) -> None:
        """Show how much log there is by now."""
        if self._summary is not None and summary.build_id == self._summary.build_id:
            changed = summary != self._summary
            self.log.take_summary(summary)
            self._tell(summary)
            if changed:
                self._again.ask()

    def open_search(self) -> None:
        """Let the person type what is searched for."""
        self.field.open()

    def next_error(self) -> None:
        """Go to the next error, after the last one to the first."""
        self.levels.step(LogLevel.ERROR)

    def previous_error(self) -> None:
        """Go to the error before, from the first one to the last."""
        self.levels.step(LogLevel.ERROR, forward=False)

    def show_line(self, line: int) -> None:
        """Show a line, whatever is filtered or folded, and give the log the keyboard."""
        self.log.jump_to(line)
        self.log.setFocus()

    def _connect(self) -> None:
        bar, levels, search = self.bar, self.levels, self.search
        bar.level_wanted.connect(lambda level: levels.step(LogLevel(level)))
        bar.shown_wanted.connect(levels.choose)
        bar.times_wanted.connect(self._choose_times)
        bar.next_wanted.connect(search.next)
        bar.previous_wanted.connect(search.previous)
        levels.shown_changed.connect(bar.show_shown)
        levels.notice.connect(self.log.notice)
        search.told.connect(lambda told, mistaken: bar.tell_search(told, mistaken=mistaken))

    def _choose_times(self, times: Times) -> None:
        self.times = times

    async def _look_again(self) -> None:
        """Ask once more for what depends on the whole log."""
        source, summary = self._source, self._summary
        if source is None or summary is None:
            return
        with suppress(NotFoundError):  # deleted with its project: the list shows that it is
            groups = await source.groups()
            loud: Sequence[int] = ()
            if groups and summary.errors:
                loud = await source.lines_of(frozenset({LogLevel.ERROR}))
            if source is self._source:
                self.log.take_groups(groups, loud)
                await self.levels.again()
                await self.search.again()

    def _take_source(self, source: LogReading | None) -> None:
        self._source = source
        self._again.reset()
        self.levels.show_log(source)
        self.search.show_log(source)

    def _forget(self, message: str) -> None:
        self._summary = None
        self.bar.tell(None)
        self.log.clear(message)
        self._take_source(None)

    def _tell(self, summary: LogSummary) -> None:
        self._summary = summary
        self.bar.tell(summary)
