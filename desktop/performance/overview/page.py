"""The page itself: goes on with each sample while it is in sight."""

from collections.abc import Mapping
from typing import Any

from core.events import Event
from core.performance.advice.schemas import AdviceChanged
from core.performance.concurrency.schemas import ConcurrencyOverview
from core.performance.maintenance.schemas import MaintenanceChanged
from core.performance.metrics.schemas import Metric, MetricsSampled, Series, Span
from core.translation import _
from desktop.feed import Feed, QuietPlace
from desktop.performance.alerts.calls import AlertCalls, is_about_alerts
from desktop.performance.overview import figures
from desktop.performance.overview.calls import OverviewCalls
from desktop.performance.overview.charts import fill, measured_points
from desktop.performance.overview.recent import Recent
from desktop.performance.overview.view import OverviewView
from desktop.performance.page import GoTo, Page
from desktop.tabs import TabContext
from desktop.widgets import charts
from desktop.widgets.holder import page_holder

_SETTING = "overview/span"
_SLOWLY_S = 60.0
_POOLS_S = 10.0
_STATEMENTS_S = 5.0
_ALERTS_S = 15.0


class OverviewPage(Page):
    """How the database does."""

    def __init__(self, context: TabContext, go_to: GoTo) -> None:
        self._context = context
        self.calls = OverviewCalls(context)
        self.view = OverviewView(context.theme, context.workspace.info)
        self.holder = page_holder(context.theme, self.view, _("Overview"))
        self.span = _kept_span(context)
        self._drawn_span: Span | None = None
        self._recent = Recent()
        self._change: float | None = None
        self._pool_size = 0
        super().__init__(self.holder, *self._make_feeds())
        self.view.show_span(self.span)
        self.view.span_chosen.connect(self.choose_span)
        self.view.alerts.wanted.connect(lambda: go_to("alerts"))
        self.view.advice.wanted.connect(lambda: go_to("recommendations"))
        self.view.slowest.wanted.connect(lambda: go_to("statements"))

    def _make_feeds(self) -> tuple[Feed[Any], ...]:
        tasks = self._context.tasks
        quiet = QuietPlace(self.view)  # what fails is told at the charts
        self.series = Feed(
            tasks, self.holder, self._fetch_series, self._show_series, every_s=_SLOWLY_S
        )
        self.today = Feed(tasks, quiet, self._fetch_today, self._show_today, every_s=_SLOWLY_S)
        self.pools = Feed(
            tasks, quiet, self.calls.concurrency, self._show_pools, every_s=_POOLS_S
        )
        self.statements = Feed(
            tasks,
            quiet,
            self.calls.statements,
            lambda found: self.view.slowest.show_statements(found.rows),
            every_s=_STATEMENTS_S,
        )
        self.alerts = Feed(
            tasks,
            quiet,
            AlertCalls(self._context).open_alerts,
            self.view.alerts.show_alerts,
            every_s=_ALERTS_S,
        )
        self.advice = Feed(
            tasks, quiet, self.calls.advice, self.view.advice.show_advice, every_s=_SLOWLY_S
        )
        return self.series, self.today, self.pools, self.statements, self.alerts, self.advice

    # The protocol of a page

    def on_event(self, event: Event) -> None:
        """Go on with a sample of this database; ask where answers may be others."""
        if is_about_alerts(event):
            self.alerts.again()
        elif isinstance(event, (AdviceChanged, MaintenanceChanged)):
            self.advice.again()
        if (
            self.in_sight
            and isinstance(event, MetricsSampled)
            and event.path == self._context.workspace.info.path
        ):
            self._take(event)

    def save_state(self) -> None:
        """Keep how far the charts go back."""
        self._context.settings.setValue(_SETTING, self.span.value)

    def focus_main(self) -> None:
        """Give the keyboard to the choice of the span."""
        self.view.spans[self.span].setFocus()

    # What is chosen and shown

    def choose_span(self, span: Span) -> None:
        """Let the charts go back that far."""
        if span is not self.span:
            self.span = span
            self.view.show_span(span)
            self.series.again()

    async def _fetch_series(self) -> Mapping[Metric, Series]:
        await charts.prepare()
        wanted = {metric for one in self.view.wanted.values() for metric in one.metrics}
        logs = await self.calls.series([Metric.WAL_BYTES], Span.TEN_MINUTES)
        self._recent.begin(await self.calls.latest(), logs[Metric.WAL_BYTES])
        return await self.calls.series(wanted, self.span)

    def _show_series(self, found: Mapping[Metric, Series]) -> None:
        self._drawn_span = self.span
        live = self.span is Span.TEN_MINUTES
        points = measured_points(found) if live else slice(None)
        for key, wanted in self.view.wanted.items():
            fill(self.view.charts[key], wanted, found, points)
        self._show_figures()

    async def _fetch_today(self) -> float | None:
        size = Metric.DATABASE_BYTES
        found = await self.calls.series([size], Span.DAY)
        newest = (await self.calls.latest()).get(size)
        return figures.change_today(found[size], newest, figures.local_now())

    def _show_today(self, change: float | None) -> None:
        self._change = change
        self._show_figures()

    def _show_pools(self, found: ConcurrencyOverview) -> None:
        self._pool_size = sum(pool.size for pool in found.pools)
        self._show_figures()

    def _take(self, event: MetricsSampled) -> None:
        self._recent.take(event.at, event.values)
        if self._drawn_span is Span.TEN_MINUTES:
            for key, wanted in self.view.wanted.items():
                self.view.charts[key].add(event.at, wanted.values(event.values))
        self._show_figures()

    def _show_figures(self) -> None:
        figures.show_cards(
            self.view.cards,
            self._recent.sample,
            change=self._change,
            largest_wal=self._recent.largest_wal,
            pool_size=self._pool_size,
        )
        if self.view.business:
            figures.show_business_cards(self.view.business, self._recent.sample)


def _kept_span(context: TabContext) -> Span:
    kept = str(context.settings.value(_SETTING, Span.TEN_MINUTES.value))
    return Span(kept) if kept in set(Span) else Span.TEN_MINUTES
