"""The page of statistics: figures above, charts below, of all projects or of one."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.builds.statistics.schemas import (
    BuildStatistics,
    DayFigures,
    Figures,
    HourFigures,
    ProjectFigures,
    ProjectStatistics,
    TrendPoint,
)
from core.projects.schemas import ProjectRow
from core.translation import _, ngettext
from desktop.builds import words
from desktop.builds.statistics.cards import FlakyCard
from desktop.figures import locale, number, percent
from desktop.theme import Metric, Role, Theme
from desktop.widgets.charts import Bar, BarChart, Line, LineChart
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.figure_card import FigureCard
from desktop.widgets.marks import label

SPANS = (7, 30, 90, 365)
_USUAL = 30
_HEIGHT = 54
_CHART = 270
_BARS = 330
_HOURS = 24


class StatisticsPage(QWidget):
    """Figures and charts.

    Signals:
        asked: Other days, or another project, are wanted.
        project_chosen: A project was opened in a chart; carries its id.
        build_chosen: A build was opened in a chart; carries its id.
    """

    asked = Signal()
    project_chosen = Signal(int)
    build_chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._trend: tuple[TrendPoint, ...] = ()
        self.scope = QComboBox()
        self.scope.setAccessibleName(_("Whose builds are counted"))
        self.scope.setMinimumWidth(200)
        self.scope.addItem(_("All projects"), None)
        self.span = QComboBox()
        self.span.setAccessibleName(_("The days that are counted"))
        for days in SPANS:
            self.span.addItem(_span_words(days), days)
        self.span.setCurrentIndex(SPANS.index(_USUAL))
        self._make_cards()
        self._make_charts(theme)
        self.empty = EmptyState(
            theme,
            icon="chart-line-up",
            title=_("No builds in these days"),
            text=_("Choose more days, or run a build: what came of it is counted here."),
        )
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._make_page())
        self._lay_out()
        self.scope.activated.connect(lambda _place: self.asked.emit())
        self.span.activated.connect(lambda _place: self.asked.emit())

    @property
    def days(self) -> int:
        """How many days are wanted."""
        return int(self.span.currentData())

    @property
    def project_id(self) -> int | None:
        """The project that is wanted, None for all."""
        chosen: int | None = self.scope.currentData()
        return chosen

    def offer_projects(self, projects: Sequence[ProjectRow]) -> None:
        """Offer these projects; the wanted one stays so, while it is there."""
        wanted = self.project_id
        while self.scope.count() > 1:
            self.scope.removeItem(1)
        for row in projects:
            self.scope.addItem(row.name, row.id)
        self.scope.setCurrentIndex(max(self.scope.findData(wanted), 0))

    def show_overview(self, found: BuildStatistics) -> None:
        """Show what came of the builds of all projects."""
        self._show(found.present, found.before, found.series, found.hours)
        for widget in (self.slowest, self.failing, self.flaky):
            widget.show()
        self.trend.hide()
        self.slowest.show_bars([_slow_bar(one) for one in found.slowest if one.median_ms])
        self.failing.show_bars([_failing_bar(one) for one in found.failing if one.failed])
        self.flaky.show_projects(found.flaky)

    def show_project(self, found: ProjectStatistics) -> None:
        """Show what came of the builds of one project."""
        self._show(found.present, found.before, found.series, found.hours)
        self.slowest.hide()
        self.failing.hide()
        self.trend.show()
        self.flaky.show()
        self.flaky.show_projects([found.flaky] if found.flaky else [])
        self._trend = found.trend
        seconds = [_seconds(point.duration_ms) for point in found.trend]
        medians = [_seconds(point.median_ms) for point in found.trend]
        late = [_seconds(point.late_after_ms) for point in found.trend]
        self.trend.show_lines(
            [f"#{point.number}" for point in found.trend],
            (
                Line(_("Duration"), seconds, Role.ACCENT),
                Line(_("Median of ten"), medians, Role.MUTED),
                Line(_("Nine of ten are faster"), late, Role.WARNING),
            ),
        )
        if found.trend:
            self._pages.setCurrentIndex(1)

    def say(self, title: str, text: str) -> None:
        """Say in place of the figures why there are none."""
        self.empty.say(icon="chart-line-up", title=title, text=text)
        self._pages.setCurrentIndex(0)

    def _show(
        self,
        present: Figures,
        before: Figures,
        series: Sequence[DayFigures],
        hours: Sequence[HourFigures],
    ) -> None:
        self._pages.setCurrentIndex(1 if present.total else 0)
        show = self.cards
        show["total"].show_figure(number(present.total), _was(number(before.total)))
        show["success"].show_figure(number(present.success), _was(number(before.success)))
        show["failed"].show_figure(number(present.failed), _was(number(before.failed)))
        show["rate"].show_figure(_rate(present), _was(_rate(before)))
        show["mean"].show_figure(_time(present.mean_ms), _was(_time(before.mean_ms)))
        show["largest"].show_figure(_time(present.largest_ms), _was(_time(before.largest_ms)))
        show["running"].show_figure(
            number(present.running), words.waiting_count(present.waiting)
        )
        days = [_day(one.day) for one in series]
        self.outcomes.show_lines(
            days,
            (
                Line(_("Success"), [float(one.success) for one in series], Role.SUCCESS),
                Line(_("Failed"), [float(one.failed) for one in series], Role.FAILURE),
                Line(_("Cancelled"), [float(one.cancelled) for one in series], Role.MUTED),
            ),
        )
        medians = [_seconds(one.median_ms) for one in series]
        self.medians.show_lines(days, (Line(_("Median"), medians),))
        self.hours.show_bars(_hour_bars(hours))

    # How it is made

    def _make_cards(self) -> None:
        self.cards = {
            "total": FigureCard(_("Builds")),
            "success": FigureCard(_("Successful")),
            "failed": FigureCard(_("Failed")),
            "rate": FigureCard(_("Success rate")),
            "mean": FigureCard(_("Mean duration")),
            "largest": FigureCard(_("Longest")),
            "running": FigureCard(_("Running now")),
        }

    def _make_charts(self, theme: Theme) -> None:
        self.outcomes = LineChart(
            theme, _("Outcomes by day"), head=_("Day"), axes=_("builds"))  # fmt: skip
        self.medians = LineChart(
            theme, _("Duration by day"), head=_("Day"), axes=_("median of successes"),
            words=_short, empty=_("Nothing succeeded in these days."))  # fmt: skip
        self.trend = LineChart(
            theme, _("Duration, build by build"), head=_("Build"),
            axes=_("the last 200 that ended"), words=_short)  # fmt: skip
        self.slowest = BarChart(
            theme, _("Slowest projects"), heads=(_("Project"), _("Median")),
            axes=_("median of successes"), words=_short,
            empty=_("Nothing succeeded in these days."))  # fmt: skip
        self.failing = BarChart(
            theme, _("Most failures"), heads=(_("Project"), _("Failures")), axes=_("builds"),
            empty=_("Nothing failed in these days."))  # fmt: skip
        self.hours = BarChart(
            theme, _("Busiest hours"), heads=(_("Hour"), _("Builds")), across=False,
            axes=_("builds that ended, by hour of the day"))  # fmt: skip
        self.flaky = FlakyCard()
        for bars in (self.slowest, self.failing):
            bars.setFixedHeight(_BARS)
        for chart in (self.outcomes, self.medians, self.trend, self.hours):
            chart.setFixedHeight(_CHART)
        self.slowest.chosen.connect(self.project_chosen.emit)
        self.failing.chosen.connect(self.project_chosen.emit)
        self.flaky.chosen.connect(self.project_chosen)
        self.trend.chosen.connect(
            lambda place: self.build_chosen.emit(self._trend[place].build_id)
        )

    def _make_page(self) -> QWidget:
        page = QWidget()
        page.setProperty("kind", "page")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        cards = QHBoxLayout()
        cards.setSpacing(12)
        for card in self.cards.values():
            cards.addWidget(card, 1)
        grid = QGridLayout()
        grid.setSpacing(12)
        grid.addWidget(self.outcomes, 0, 0)
        grid.addWidget(self.medians, 0, 1)
        grid.addWidget(self.trend, 1, 0, 1, 2)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self.slowest, 2, 0, top)
        grid.addWidget(self.failing, 2, 1, top)
        grid.addWidget(self.hours, 3, 0, top)
        grid.addWidget(self.flaky, 3, 1, top)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(2 * Metric.GRID, 12, 2 * Metric.GRID, 2 * Metric.GRID)
        layout.setSpacing(12)
        layout.addLayout(cards)
        layout.addLayout(grid)
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName(_("Statistics of builds"))
        area.setWidget(page)
        return area

    def _lay_out(self) -> None:
        bar = QWidget()
        bar.setProperty("kind", "bar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        bar.setFixedHeight(_HEIGHT)
        row = QHBoxLayout(bar)
        row.setContentsMargins(2 * Metric.GRID, 0, 2 * Metric.GRID, 0)
        row.setSpacing(Metric.GRID)
        row.addWidget(label(_("Statistics"), "title"))
        row.addStretch(1)
        row.addWidget(self.scope)
        row.addWidget(self.span)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        layout.addWidget(self._pages, 1)


def _day(day: date) -> str:
    return locale().toString(QDate(day.year, day.month, day.day), "d MMM")


def _span_words(days: int) -> str:
    return ngettext("The last {count} day", "The last {count} days", days).format(
        count=number(days)
    )


def _was(figure: str) -> str:
    return _("before: {figure}").format(figure=figure)


def _rate(figures: Figures) -> str:
    return words.NONE if figures.success_rate is None else percent(figures.success_rate)


def _time(milliseconds: float | None) -> str:
    return words.NONE if milliseconds is None else words.short_duration(milliseconds / 1000)


def _short(seconds: float) -> str:
    return words.short_duration(seconds)


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _slow_bar(one: ProjectFigures) -> Bar:
    return Bar(one.project, (one.median_ms or 0.0) / 1000, one.project_id)


def _failing_bar(one: ProjectFigures) -> Bar:
    tip = _("{failed} of {builds}").format(
        failed=number(one.failed), builds=number(one.success + one.failed)
    )
    return Bar(one.project, float(one.failed), one.project_id, tip)


def _hour_bars(hours: Sequence[HourFigures]) -> list[Bar]:
    counts = [0] * _HOURS
    for one in hours:
        counts[one.hour] += one.builds
    return [Bar(f"{hour:02}", float(count), hour) for hour, count in enumerate(counts)]
