"""What all processes of the chosen build used: processor and memory over time."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.builds.schemas import BuildRow, BuildSampleRow, BuildState, SamplesGrown
from core.errors import AppError
from core.events import Changed, Event
from core.translation import _
from desktop.builds.panes.metrics_curves import Curves, Figures, curves, figures
from desktop.builds.panes.pane import Pane
from desktop.builds.words import short_duration
from desktop.figures import decimal, number, size
from desktop.refresher import Refresher
from desktop.tabs import TabContext
from desktop.theme import Metric, Role, Theme
from desktop.widgets import charts
from desktop.widgets.charts import Line, LineChart
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.marks import label
from desktop.widgets.tips import explain

_NONE = "—"
_TOPIC = "build_samples"
_LEAST_WIDTH = 620
_PAUSE_S = 0.5
_LOOKED_BACK = 20


class MetricsCalls:
    """What the page asks of the core; all raise the ``AppError`` with which that refuses."""

    def __init__(self, context: TabContext) -> None:
        self._workspace, self._actor = context.workspace, context.actor

    async def samples(self, build_id: int) -> tuple[BuildSampleRow, ...]:
        """Return the samples of a build."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.builds.samples(actor, build_id=build_id))

    async def before(self, build: BuildRow) -> BuildRow | None:
        """Return the last successful build before, None without one among the last few."""
        actor = self._actor
        page = await self._workspace.run(
            lambda w: w.builds.list_page(
                actor, project_id=build.project_id, before=build.number, limit=_LOOKED_BACK
            )
        )
        return next((row for row in page.rows if row.state is BuildState.SUCCESS), None)


class MetricsPane(Pane):
    """The page of metrics."""

    def __init__(self, context: TabContext) -> None:
        super().__init__()
        self.title = _("Metrics")
        self._theme = context.theme
        self._calls = MetricsCalls(context)
        self._build: BuildRow | None = None
        self._before: tuple[BuildRow | None, Sequence[BuildSampleRow]] | None = None
        self._refresher = Refresher(context.tasks, self._fetch, _PAUSE_S)
        self._refresher.rest()
        self.figures = {name: Figure(words) for name, words in _figure_words().items()}
        self.cpu, self.memory = _cpu_chart(context.theme), _memory_chart(context.theme)
        self.empty = EmptyState(context.theme, icon="chart-line", title="")
        self.error = ErrorPanel(context.theme, _("Retry"))
        self.pages = QStackedWidget()
        self._lay_out()
        self.error.triggered.connect(self._retry)

    # The protocol of a pane

    def show_build(self, build: BuildRow | None) -> None:
        """Take another build, or the same one with other figures."""
        old, self._build = self._build, build
        if build is not None and old is not None and old.id == build.id:
            if _measured(old) == _measured(build):
                return
        else:
            self._before = None
            self._clear_failure()
            self.pages.setCurrentIndex(0)
        self._refresher.ask()

    def bring_forward(self) -> None:
        """Fetch what is out of date, and follow a build that runs."""
        self._refresher.wake()

    def put_back(self) -> None:
        """Follow nothing from here on."""
        self._refresher.rest()

    def on_event(self, event: Event) -> None:
        """Take that a curve has grown, here or in another process."""
        build = self._build
        if build is None:
            return
        own = isinstance(event, SamplesGrown) and event.build_id == build.id
        other = isinstance(event, Changed) and _TOPIC in event.topics
        if own or (other and not build.state.finished):
            self._refresher.ask()

    # What is shown

    async def _fetch(self) -> None:
        build = self._build
        if build is None:
            return
        try:
            samples = await self._calls.samples(build.id)
            if samples:
                await charts.prepare()
                await self._fetch_before(build)
        except AppError as error:
            if self._is_shown(build):
                self._tell_failure(error)
            return
        if self._is_shown(build):
            self._clear_failure()
            self._show(self._build or build, samples)

    async def _fetch_before(self, build: BuildRow) -> None:
        if self._before is None:
            before = await self._calls.before(build)
            found = await self._calls.samples(before.id) if before is not None else ()
            if self._is_shown(build):
                self._before = before, found

    def _tell_failure(self, error: AppError) -> None:
        self.error.show_error(error)
        self._error_place.show()

    def _clear_failure(self) -> None:
        self.error.clear()
        self._error_place.hide()

    def _is_shown(self, build: BuildRow) -> bool:
        return self._build is not None and self._build.id == build.id

    def _show(self, build: BuildRow, samples: Sequence[BuildSampleRow]) -> None:
        told = figures(build, samples)
        if told == Figures():
            title, text = nothing_words(build)
            self.empty.say(icon="chart-line", title=title, text=text)
            self.pages.setCurrentWidget(self.empty)
            return
        for name, text in figure_texts(told).items():
            self.figures[name].show_text(text)
        before, samples_before = self._before or (None, ())
        drawn = curves(samples, samples_before) if samples else None
        number_before = before.number if before is not None else 0
        _draw_cpu(self.cpu, drawn, number_before)
        _draw_memory(self.memory, drawn, number_before)
        self.pages.setCurrentWidget(self._area)

    def _retry(self) -> None:
        self._clear_failure()
        self._refresher.ask()

    def _lay_out(self) -> None:
        page = QWidget()
        page.setProperty("kind", "page")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        page.setMinimumWidth(_LEAST_WIDTH)
        row = QHBoxLayout()
        row.setSpacing(12)
        for figure in self.figures.values():
            row.addWidget(figure, 1)
        both = QHBoxLayout()
        both.setSpacing(12)
        both.addWidget(self.cpu, 1)
        both.addWidget(self.memory, 1)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(12)
        layout.addLayout(row)
        layout.addLayout(both, 1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setAccessibleName(_("Metrics of the build"))
        self._area.setWidget(page)
        blank = QWidget()
        for one in (blank, self._area, self.empty):
            self.pages.addWidget(one)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._around_error())
        outer.addWidget(self.pages, 1)

    def _around_error(self) -> QWidget:
        place = QWidget()
        around = QVBoxLayout(place)
        around.setContentsMargins(12, 12, 12, 0)
        around.addWidget(self.error)
        place.hide()
        self._error_place = place
        return place


class Figure(QFrame):
    """One figure as a card."""

    def __init__(self, words: tuple[str, str]) -> None:
        super().__init__()
        self._caption, tip = words
        self.setProperty("kind", "card")
        self.value = label(_NONE, "title")
        caption = label(self._caption, "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 9, 14, 9)
        layout.setSpacing(Metric.GRID)
        layout.addWidget(caption)
        layout.addStretch(1)
        layout.addWidget(self.value)
        explain(self, tip)
        self.show_text(_NONE)

    def show_text(self, text: str) -> None:
        """Show another figure."""
        self.value.setText(text)
        self.setAccessibleName(f"{self._caption}: {text}")


def figure_texts(told: Figures) -> dict[str, str]:
    """Return the figures as they are written."""
    return {
        "cpu_ms": _NONE if told.cpu_ms is None else short_duration(told.cpu_ms / 1000),
        "cpu_peak": _NONE if told.cpu_peak is None else percent_of_core(told.cpu_peak),
        "memory_peak": _NONE if told.memory_peak is None else size(told.memory_peak),
        "processes": _NONE if told.processes is None else number(told.processes),
    }


def percent_of_core(value: float) -> str:
    """Return per cent of one core; from ten on as whole ones."""
    return _("{share} %").format(share=decimal(value, 0 if value >= 10 or value == 0 else 1))


def nothing_words(build: BuildRow) -> tuple[str, str]:
    """Return title and text that say why nothing was measured."""
    if build.state is BuildState.PENDING:
        return _("Not started yet"), _("Its curves are drawn live as soon as it runs.")
    if build.state.active:
        return _("Measuring"), _("The first figures come within some seconds.")
    if build.started_at is None:
        return _("Nothing was measured"), _("The build never ran.")
    if build.log_removed_at is not None:
        return _("The curves were removed"), _("They went with the log, as the rules say.")
    return _("Nothing was measured"), _(
        "The system does not tell what processes use, or the build ended too soon."
    )


def _figure_words() -> dict[str, tuple[str, str]]:
    return {
        "cpu_ms": (_("CPU time"), _("The time that all processes of the build computed.")),
        "cpu_peak": (
            _("CPU peak"),
            _("The most that all processes used at once; 100 % is one core."),
        ),
        "memory_peak": (
            _("Memory peak"),
            _("The most memory that all processes held at once (resident)."),
        ),
        "processes": (_("Processes at most"), _("How many processes ran at once.")),
    }


def _cpu_chart(theme: Theme) -> LineChart:
    return LineChart(
        theme,
        _("Processor"),
        axes=_("per cent of one core"),
        head=_("Time"),
        words=percent_of_core,
        empty=_("There is no curve: it was removed, or the build was too short."),
    )


def _memory_chart(theme: Theme) -> LineChart:
    return LineChart(
        theme,
        _("Memory"),
        axes=_("of all processes"),
        head=_("Time"),
        words=lambda value: size(round(value)),
        empty=_("There is no curve: it was removed, or the build was too short."),
    )


def _draw_cpu(chart: LineChart, drawn: Curves | None, before: int) -> None:
    lines = [Line(_("This build"), drawn.cpu)] if drawn else []
    if drawn and drawn.cpu_before:
        lines.insert(0, Line(_("Build #{number}").format(number=before), drawn.cpu_before,
            Role.DISABLED))  # fmt: skip
    _draw(chart, drawn, lines)


def _draw_memory(chart: LineChart, drawn: Curves | None, before: int) -> None:
    lines = [Line(_("This build"), drawn.memory, Role.SUCCESS)] if drawn else []
    if drawn and drawn.memory_before:
        lines.insert(0, Line(_("Build #{number}").format(number=before), drawn.memory_before,
            Role.DISABLED))  # fmt: skip
    _draw(chart, drawn, lines)


def _draw(chart: LineChart, drawn: Curves | None, lines: Sequence[Line]) -> None:
    place = chart.plot.place if chart.plot is not None else -1
    chart.show_lines(drawn.labels if drawn else (), lines)
    if chart.plot is not None and 0 <= place < (len(drawn.labels) if drawn else 0):
        # Who points at a moment goes on reading it while the curve grows.
        chart.plot.point(place)


def _measured(build: BuildRow) -> tuple[object, ...]:
    return (
        build.state.finished,
        build.started_at,
        build.cpu_ms,
        build.cpu_peak,
        build.memory_peak,
        build.log_removed_at,
    )
