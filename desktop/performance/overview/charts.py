"""Which charts the page has, and what each of them draws."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.performance.metrics.schemas import Metric, Series, Span
from core.translation import _
from desktop.performance import words
from desktop.theme import Role, Theme
from desktop.widgets.charts import LiveChart, LiveLine

_LEAST_POINTS = 90


@dataclass(frozen=True, slots=True)
class ChartOf:
    """A chart of metrics, one for each line.

    Attributes:
        unit: Writes a value.
        least_top: The axis goes up to here at least.
        business: Whether only a workspace has these figures.
    """

    key: str
    caption: str
    axes: str
    lines: tuple[tuple[Metric, LiveLine], ...]
    unit: Callable[[float], str]
    least_top: float = 0.0
    business: bool = False

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What is measured, in the order of the lines."""
        return tuple(metric for metric, _line in self.lines)

    def make(self, theme: Theme) -> LiveChart:
        """Return the chart, empty."""
        return LiveChart(
            theme,
            self.caption,
            [line for _metric, line in self.lines],
            axes=self.axes,
            words=self.unit,
            least_top=self.least_top,
        )

    def values(self, sample: Mapping[Metric, float]) -> list[float | None]:
        """Return the value of each line in one sample, None for what was not measured."""
        return [sample.get(metric) for metric in self.metrics]


def charts() -> tuple[ChartOf, ...]:
    """Return all charts, in their order."""
    return (
        *_statement_charts(),
        *_process_charts(),
        *_file_charts(),
        *_concurrency_charts(),
        *_last_charts(),
    )


def span_words(span: Span) -> str:
    """Return how far the charts go back."""
    return {
        Span.TEN_MINUTES: _("10 minutes"),
        Span.DAY: _("Day"),
        Span.WEEK: _("Week"),
        Span.YEAR: _("Year"),
    }[span]


def fill(
    chart: LiveChart, wanted: ChartOf, series: Mapping[Metric, Series], points: slice
) -> None:
    """Show some points of series in a chart."""
    found = [series[metric] for metric in wanted.metrics]
    chart.show_points(found[0].times[points], [one.mean[points] for one in found])


def measured_points(series: Mapping[Metric, Series]) -> slice:
    """Return the points from the first measured one on; some are left in any case.

    What is not measured yet at the end is left out: it comes with the next sample.
    """
    rows = list(zip(*(one.mean for one in series.values()), strict=True))
    known = [place for place, row in enumerate(rows) if any(value is not None for value in row)]
    if not known:
        return slice(max(len(rows) - _LEAST_POINTS, 0), len(rows))
    end = known[-1] + 1
    return slice(max(min(known[0], end - _LEAST_POINTS), 0), end)


def _statement_charts() -> tuple[ChartOf, ...]:
    latency = (
        (Metric.STATEMENT_P50, LiveLine(_("p50"), Role.SUCCESS, filled=True)),
        (Metric.STATEMENT_P95, LiveLine(_("p95"), Role.ACCENT)),
        (Metric.STATEMENT_P99, LiveLine(_("p99"), Role.WARNING)),
    )
    throughput = (
        (Metric.READS, LiveLine(_("reads"), Role.ACCENT, filled=True)),
        (Metric.WRITES, LiveLine(_("writes"), Role.SUCCESS, filled=True)),
        (Metric.STATEMENT_ERRORS, LiveLine(_("errors"), Role.FAILURE)),
    )
    return (
        ChartOf("latency", _("Statement latency"), "", latency, words.milliseconds, 1.0),
        ChartOf("throughput", _("Throughput"), _("statements a second"), throughput,
            words.plain, 1.0),
    )  # fmt: skip


def _process_charts() -> tuple[ChartOf, ...]:
    processor = ((Metric.CPU, LiveLine(_("processor"), Role.ACCENT, filled=True)),)
    memory = ((Metric.MEMORY, LiveLine(_("memory"), Role.ACCENT, filled=True)),)
    return (
        ChartOf("cpu", _("Processor"), _("share of one core"), processor, words.share, 0.2),
        ChartOf("memory", _("Memory"), _("of this program"), memory, words.byte_words),
    )


def _file_charts() -> tuple[ChartOf, ...]:
    size = (
        (Metric.DATABASE_BYTES, LiveLine(_("file without log"), Role.ACCENT, filled=True)),
        (Metric.WAL_BYTES, LiveLine(_("write-ahead log"), Role.WARNING)),
        (Metric.FREELIST_BYTES, LiveLine(_("free inside"), Role.SUCCESS)),
    )
    disk = ((Metric.DISK_FREE, LiveLine(_("free"), Role.SUCCESS, filled=True)),)
    return (
        ChartOf("size", _("Size"), "", size, words.byte_words),
        ChartOf("disk", _("Free on the disk"), _("that the file is on"), disk,
            words.byte_words),
    )  # fmt: skip


def _concurrency_charts() -> tuple[ChartOf, ...]:
    connections = (
        (Metric.POOL_IN_USE, LiveLine(_("connections"), Role.ACCENT, filled=True)),
        (Metric.OPEN_TRANSACTIONS, LiveLine(_("transactions"), Role.SUCCESS)),
    )
    waits = (
        (Metric.POOL_WAITS, LiveLine(_("for a connection"), Role.ACCENT)),
        (Metric.LOCK_WAITS, LiveLine(_("for a lock"), Role.WARNING)),
    )
    return (
        ChartOf("connections", _("In use"), "", connections, words.plain, 5.0),
        ChartOf("waits", _("Waits"), _("in each second"), waits, words.plain, 2.0),
    )


def _last_charts() -> tuple[ChartOf, ...]:
    lag = (
        (Metric.CORE_LAG, LiveLine(_("core"), Role.ACCENT)),
        (Metric.WINDOW_LAG, LiveLine(_("window, mean"), Role.SUCCESS)),
        (Metric.WINDOW_GAP, LiveLine(_("window, longest"), Role.WARNING)),
    )
    builds = (
        (Metric.BUILDS, LiveLine(_("running"), Role.ACCENT, filled=True)),
        (Metric.QUEUE, LiveLine(_("waiting"), Role.WARNING)),
    )
    return (
        ChartOf("lag", _("Lag of the threads"), _("in each second"), lag,
            words.milliseconds, 5.0),
        ChartOf("builds", _("Builds"), "", builds, words.plain, 2.0, business=True),
    )  # fmt: skip
