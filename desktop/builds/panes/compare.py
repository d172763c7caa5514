"""The chosen build beside another one of its project."""

from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.builds.schemas import BuildRow, BuildSampleRow, BuildState
from core.builds.statistics.schemas import Comparison
from core.errors import AppError
from core.translation import _
from desktop.builds import words
from desktop.builds.panes import compare_tables as tables
from desktop.builds.panes.compare_tables import ComparedPart
from desktop.builds.panes.pane import Pane
from desktop.figures import ago, duration, size
from desktop.tasks import TaskRunner
from desktop.theme import Metric, Role, Theme
from desktop.widgets import charts
from desktop.widgets.charts import Line, LineChart
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.marks import label
from desktop.widgets.state_badge import build_badge

_POINTS = 120

Pick = Callable[[BuildSampleRow], float]


class ComparisonSource(Protocol):
    """Where the pane asks."""

    async def builds_before(self, build: BuildRow) -> Sequence[BuildRow]:
        """Return builds of the same project before this one, the newest first."""
        ...

    async def compare(self, first: int, second: int) -> Comparison:
        """Return how two builds differ."""
        ...


class ComparePane(Pane):
    """Sets the chosen build beside an earlier one: by default the last that succeeded."""

    def __init__(self, theme: Theme, tasks: TaskRunner, source: ComparisonSource) -> None:
        super().__init__()
        self.title = _("Compare")
        self._tasks, self._source = tasks, source
        self._build: BuildRow | None = None
        self._others: tuple[BuildRow, ...] = ()
        self._found: Comparison | None = None
        self._in_front = self._outdated = False
        self.other = QComboBox()
        self.other.setAccessibleName(_("The build to compare with"))
        self.other.setMinimumWidth(280)
        self.all_fields = QCheckBox(_("Also what is the same"))
        self.fields = ComparedPart(_("Figures and settings"), ["", "", "", _("Change")])
        self.problems = ComparedPart(_("Problems"), ["", _("Place"), _("Message")])
        self.variables = ComparedPart(_("Variables"), [_("Name"), "", "", _("Change")])
        self.artifacts = ComparedPart(_("Artifacts"), [_("File"), "", "", _("Change")])
        self.cpu = LineChart(
            theme, _("Processor"), head=_("Time"), axes=_("% of one core"),
            empty=_("Nothing was measured of either."))  # fmt: skip
        self.memory = LineChart(
            theme, _("Memory"), head=_("Time"), words=lambda count: size(int(count)),
            empty=_("Nothing was measured of either."))  # fmt: skip
        self.empty = EmptyState(
            theme, icon="git-diff", title=_("Nothing to compare"), text=_none_text()
        )
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._make_page())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self.other.activated.connect(lambda _place: self._ask())
        self.all_fields.toggled.connect(lambda _on: self._tell())

    @property
    def tools(self) -> Sequence[QWidget]:
        """The choice of the other build, and whether all is told."""
        return (self.all_fields, self.other)

    def show_build(self, build: BuildRow | None) -> None:
        """Compare another build, when that is looked at."""
        before, self._build = self._build, build
        same = before is not None and build is not None and before.id == build.id
        if same and before == build:
            return
        if not same:
            self._others, self._found = (), None
            self.other.clear()
            self._pages.setCurrentIndex(0)
        self._outdated = True
        if self._in_front:
            self.bring_forward()

    def bring_forward(self) -> None:
        """Fetch the comparison unless it is here."""
        self._in_front = True
        if self._outdated and self._build is not None:
            self._tasks.latest((self, "compare"), self._fetch(self._build))

    def put_back(self) -> None:
        """Fetch nothing until the pane is looked at again."""
        self._in_front = False

    def compare_with(self, build_id: int) -> None:
        """Choose the other build."""
        self.other.setCurrentIndex(self.other.findData(build_id))
        self._ask()

    # Fetching

    def _ask(self) -> None:
        if self._build is not None:
            self._tasks.latest((self, "compare"), self._fetch(self._build))

    async def _fetch(self, build: BuildRow) -> None:
        if not self._others:
            self._offer(await self._source.builds_before(build))
        if not self._others:
            self._say(_none_text())
            self._outdated = False
            return
        try:
            found = await self._source.compare(self.other.currentData(), build.id)
            await charts.prepare()
        except AppError as error:
            self._say(error.as_text())
            return
        if self._build is not None and build.id == self._build.id:
            self._found, self._outdated = found, False
            self._tell()

    def _offer(self, others: Sequence[BuildRow]) -> None:
        self._others = tuple(others)
        self.other.clear()
        for one in others:
            state = build_badge(one.state, one.reason).word
            when = ago(one.started_at) if one.started_at else words.NONE
            name = words.build_name(one)
            self.other.addItem(f"{name} · {state} · {when}", one.id)
        good = (i for i, one in enumerate(others) if one.state is BuildState.SUCCESS)
        self.other.setCurrentIndex(next(good, 0))

    # What is told

    def _say(self, text: str) -> None:
        self.empty.say(icon="git-diff", title=_("Nothing to compare"), text=text)
        self._pages.setCurrentIndex(0)

    def _tell(self) -> None:
        found, everything = self._found, self.all_fields.isChecked()
        if found is None:
            return
        names = (words.build_name(found.first), words.build_name(found.second))
        for part in (self.fields, self.variables, self.artifacts):
            part.name_builds(*names)
        rows = tables.field_rows(found, all_of_them=everything)
        self.fields.show_rows(rows, "" if rows else _("They do not differ."))
        self.problems.show_rows(tables.problem_rows(found), tables.problem_note(found))
        self.variables.show_rows(tables.variable_rows(found, all_of_them=everything))
        self.artifacts.show_rows(tables.artifact_rows(found, all_of_them=everything))
        self._draw(found, names)
        self._pages.setCurrentIndex(1)

    def _draw(self, found: Comparison, names: tuple[str, str]) -> None:
        both = (found.first_samples, found.second_samples)
        longest = max((one[-1].offset_ms for one in both if one), default=0)
        step = max(longest / _POINTS, 1.0)
        count = min(int(longest / step) + 1, _POINTS + 1) if longest else 0
        times = [duration(place * step / 1000) for place in range(count)]
        roles = (Role.MUTED, Role.ACCENT)
        for chart, pick in ((self.cpu, _cpu), (self.memory, _memory)):
            lines = [
                Line(name, _values(samples, step, count, pick), role)
                for name, samples, role in zip(names, both, roles, strict=True)
            ]
            chart.show_lines(times, lines)

    def _make_page(self) -> QWidget:
        page = QWidget()
        page.setProperty("kind", "pane")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(2 * Metric.GRID, 2 * Metric.GRID, 2 * Metric.GRID, 20)
        layout.setSpacing(2 * Metric.GRID)
        for part in (self.fields, self.problems, self.variables, self.artifacts):
            layout.addWidget(part)
        layout.addWidget(label(_("What their processes used"), "heading"))
        curves = QHBoxLayout()
        curves.setSpacing(2 * Metric.GRID)
        curves.addWidget(self.cpu)
        curves.addWidget(self.memory)
        layout.addLayout(curves)
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName(_("How the builds differ"))
        area.setWidget(page)
        return area


def _none_text() -> str:
    return _("There is no earlier build of this project to compare with.")


def _cpu(sample: BuildSampleRow) -> float:
    return sample.cpu


def _memory(sample: BuildSampleRow) -> float:
    return float(sample.memory)


def _values(
    samples: Sequence[BuildSampleRow], step: float, count: int, pick: Pick
) -> list[float | None]:
    """Return the largest value in each step, None where nothing was measured."""
    values: list[float | None] = [None] * count
    for sample in samples:
        place = min(int(sample.offset_ms / step), count - 1)
        values[place] = max(values[place] or 0.0, pick(sample))
    return values
