"""What compilers and test runners complained of in the chosen build."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
)

from core.builds.schemas import BuildRow, Problem, Severity
from core.translation import _
from desktop.async_dialogs import ask
from desktop.builds import words
from desktop.builds.panes.pane import Pane
from desktop.builds.panes.problems_calls import ProblemsCalls
from desktop.builds.panes.problems_editor import Place, open_place
from desktop.builds.panes.problems_model import ProblemsModel
from desktop.builds.panes.problems_table import ProblemsTable
from desktop.figures import number
from desktop.tasks import TaskRunner
from desktop.theme import Metric, Theme
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.log_view import LogView
from desktop.widgets.marks import button
from desktop.widgets.plain_table import choose_row

_BAR = 40
_TABLE, _EXCERPT = 160, 180


class ProblemsPane(Pane):
    """A table of problems; below it the log about the one that is looked at.

    Attributes:
        split: Parts both; where it is moved to is kept by the tab.

    Signals:
        line_wanted: A line of the log is to be shown in whole; carries its number.
    """

    line_wanted = Signal(int)

    def __init__(self, theme: Theme, tasks: TaskRunner, calls: ProblemsCalls) -> None:
        super().__init__()
        self.title = _("Problems")
        self._tasks, self._calls = tasks, calls
        self._build: BuildRow | None = None
        self._shown: tuple[int, int | None] | None = None
        self._in_front = False
        self.model = ProblemsModel(theme, self)
        self.table = ProblemsTable(theme, self.model)
        self.excerpt = LogView(tasks, theme)
        self.excerpt.offers_end = False
        self.excerpt.setAccessibleName(_("The log about the chosen problem"))
        self.counts = QLabel()
        self.counts.setProperty("kind", "muted")
        self.severity = self._make_severity()
        self.log_button = button(_("Show in log"), self._show_in_log)
        self.log_button.setToolTip(_("Show the line in the whole log (Ctrl+Enter)"))
        self.open_button = button(_("Open in editor"), self._open_current)
        self.open_button.setToolTip(_("Open the file at the line (Enter)"))
        self.empty = EmptyState(theme, icon="list-bullets", title=_("No problems"))
        self.pages = QStackedWidget()
        self.split = QSplitter(Qt.Orientation.Vertical)
        self._lay_out()
        self.table.chosen.connect(self._chosen)
        self.table.open_wanted.connect(self._open)
        self.table.log_wanted.connect(lambda one: self.line_wanted.emit(one.line))

    def show_build(self, build: BuildRow | None) -> None:
        """Take another build, or what is known of this one by now."""
        if build is None or self._build is None or build.id != self._build.id:
            self._forget()
        self._build = build
        count = build.problems if build is not None else None
        self.badge_changed.emit(number(count) if count else "")
        if self._in_front:
            self._refresh()

    def bring_forward(self) -> None:
        """Fetch what is looked at from here on."""
        self._in_front = True
        self._refresh()

    def put_back(self) -> None:
        """Fetch nothing any more."""
        self._in_front = False

    def _refresh(self) -> None:
        build = self._build
        if build is None or not build.state.finished or not build.problems:
            self._say_why_none(build)
            return
        wanted = (build.id, build.problems)
        if wanted != self._shown:
            self._shown = wanted
            self._tasks.latest((self, "problems"), self._fetch(build))

    async def _fetch(self, build: BuildRow) -> None:
        try:
            problems = await self._calls.problems(build.id)
            summary = await self._calls.summary(build.id)
        except Exception:
            self._shown = None
            self._say(
                _("The problems could not be loaded"), _("Choose the build again to retry.")
            )
            raise
        if self._build is None or self._build.id != build.id:
            return
        self.excerpt.show_log(self._calls.log(build.id), summary)
        self.model.show(problems)
        self._tell()
        self.pages.setCurrentIndex(0)
        self._choose_first()

    def _choose_first(self) -> None:
        if self.model.rowCount():
            choose_row(self.table, self.model.first())
        else:
            self._chosen(None)

    def _forget(self) -> None:
        self._shown = None
        self.model.show(())
        self.excerpt.clear()

    def _say_why_none(self, build: BuildRow | None) -> None:
        if build is not None and not build.state.finished:
            title = _("Problems come at the end")
            text = _("The log is searched for them once the build has ended.")
        elif build is not None and build.problems is None:
            title = _("The log was not searched for problems")
            text = _(
                "Errors and warnings are marked in the log; F8 leads from one to the next."
            )
        else:
            title = _("No problems found")
            text = _("No compiler or test runner complained of anything in this build.")
        self._say(title, text)

    def _say(self, title: str, text: str) -> None:
        self.empty.say(icon="list-bullets", title=title, text=text)
        self.pages.setCurrentWidget(self.empty)

    def _tell(self) -> None:
        errors, warnings = (self.model.count(one) for one in (Severity.ERROR, Severity.WARNING))
        parts = [words.error_count(errors)] if errors else []
        if warnings:
            parts.append(words.warning_count(warnings))
        self.counts.setText(" · ".join(parts))

    def _chosen(self, problem: Problem | None) -> None:
        self.log_button.setEnabled(problem is not None)
        openable = problem is not None and bool(problem.file)
        self.open_button.setEnabled(openable)
        if problem is not None:
            self.excerpt.jump_to(problem.line)

    # Deeds

    def _show_in_log(self) -> None:
        problem = self.table.problem
        if problem is not None:
            self.line_wanted.emit(problem.line)

    def _open_current(self) -> None:
        problem = self.table.problem
        if problem is not None:
            self._open(problem)

    def _open(self, problem: Problem) -> None:
        if self._build is not None and problem.file:
            self._tasks.latest((self, "open"), self._open_file(self._build, problem))

    async def _open_file(self, build: BuildRow, problem: Problem) -> None:
        place, command = await self._calls.find(build, problem)
        if place.inside or await self._agreed(place):
            open_place(command, place)

    async def _agreed(self, place: Place) -> bool:
        chosen, _tick = await ask(
            self,
            title=_("Open a file outside of the build's folder?"),
            text=_("What the build printed leads to {file}.").format(file=place.file),
            actions=(
                (_("Open it"), QMessageBox.ButtonRole.AcceptRole),
                (_("Leave it"), QMessageBox.ButtonRole.RejectRole),
            ),
        )
        return chosen == 0

    # How it is made

    def _make_severity(self) -> QComboBox:
        combo = QComboBox()
        combo.addItem(_("All problems"), None)
        combo.addItem(_("Errors"), Severity.ERROR)
        combo.addItem(_("Warnings"), Severity.WARNING)
        combo.setAccessibleName(_("Problems that are shown"))
        combo.currentIndexChanged.connect(self._filter)
        return combo

    def _filter(self) -> None:
        data = self.severity.currentData()
        self.model.show_only(Severity(data) if data else None)
        self._choose_first()

    def _lay_out(self) -> None:
        bar = QFrame()
        bar.setProperty("kind", "bar")
        bar.setFixedHeight(_BAR)
        row = QHBoxLayout(bar)
        row.setContentsMargins(2 * Metric.GRID, 0, 12, 0)
        row.setSpacing(4)
        row.addWidget(self.counts)
        row.addStretch(1)
        for widget in (self.severity, self.log_button, self.open_button):
            row.addWidget(widget)
        split = self.split
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.setAccessibleName(_("Problems, and the log about one"))
        split.addWidget(self.table)
        split.addWidget(self.excerpt)
        split.setSizes([_TABLE, _EXCERPT])
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        page = QFrame()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(split, 1)
        self.pages.addWidget(page)
        self.pages.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self._say_why_none(None)
