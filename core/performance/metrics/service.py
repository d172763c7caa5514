"""Shows the figures of an open database, by span."""

import math
from collections.abc import Collection, Mapping

from core.errors import ValidationError
from core.performance.metrics.measuring import Measuring
from core.performance.metrics.repository import Kept, MetricsRepository
from core.performance.metrics.rolling import Resolution
from core.performance.metrics.schemas import Metric, Series, Span
from core.performance.target import Target
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import permitted
from core.translation import _

# What is stored, how long a point of the series is in seconds, and how many there are.
_STORED = {
    Span.DAY: (Resolution.MINUTE, 180, 480),
    Span.WEEK: (Resolution.HOUR, 3_600, 168),
    Span.YEAR: (Resolution.DAY, 86_400, 366),
}


class MetricsService:
    """The figures of one database.

    Args:
        measuring: Takes and stores them.
    """

    def __init__(self, target: Target, measuring: Measuring) -> None:
        self.gate = target.gate
        self._target = target
        self._measuring = measuring

    @permitted(Operation.PERFORMANCE_READ)
    async def series(
        self, actor: Actor, *, metrics: Collection[Metric], span: Span
    ) -> tuple[Series, ...]:
        """Return each figure over a span, in the order asked for.

        Ten minutes are those of this process; longer spans come from what is stored, which
        ends with the last whole minute or two.
        """
        self._measuring.look()
        now = self._measuring.clocks.wall()
        if span is Span.TEN_MINUTES:
            return tuple(self._measuring.ring.series(metric, now) for metric in metrics)
        resolution, step, count = _STORED[span]
        end = (math.floor(now / step) + 1) * step
        start = end - count * step
        found: Mapping[tuple[str, int], Kept] = {}
        if await self._target.has_records():
            records = await self._target.records()
            async with records.read() as session:
                found = await MetricsRepository(session).slots(
                    metrics, resolution, start, end, step
                )
        times = tuple(float(start + number * step) for number in range(count))
        return tuple(_series(metric, times, found) for metric in metrics)

    @permitted(Operation.PERFORMANCE_READ)
    async def latest(self, actor: Actor) -> Mapping[Metric, float]:
        """Return the newest figures; what is not known is missing."""
        newest = self._measuring.ring.latest
        return dict(newest.values) if newest is not None else {}

    @permitted(Operation.PERFORMANCE_READ)
    async def report_window(self, actor: Actor, *, lag_ms: float, gap_ms: float) -> None:
        """Take note of what the window measured of itself, about every second.

        Args:
            lag_ms: How late its loop was on average since the last report.
            gap_ms: The longest time since then in which it took no event.

        Raises:
            ValidationError: That are no durations.
        """
        if not all(math.isfinite(value) and value >= 0 for value in (lag_ms, gap_ms)):
            text = _("Durations are 0 or longer.")
            raise ValidationError(_("These figures make no sense."), fields={"": text})
        self._measuring.note_window(lag_ms=lag_ms, gap_ms=gap_ms)


def _series(
    metric: Metric, times: tuple[float, ...], found: Mapping[tuple[str, int], Kept]
) -> Series:
    points = [found.get((metric.value, number)) for number in range(len(times))]
    return Series(
        metric,
        times,
        tuple(point.low if point else None for point in points),
        tuple(point.mean if point else None for point in points),
        tuple(point.high if point else None for point in points),
    )
