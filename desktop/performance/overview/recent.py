"""What the cards tell: the newest figures, and what was in the last minutes."""

from collections.abc import Mapping
from typing import Final

from core.performance.metrics.schemas import Metric, Series

TEN_MINUTES_S: Final = 600.0
MINUTE_S: Final = 60.0
_LATENCIES: Final = (Metric.STATEMENT_P50, Metric.STATEMENT_P95, Metric.STATEMENT_P99)
_OF_THIS_SECOND: Final = (Metric.SUCCESS_RATE, Metric.OPEN_TRANSACTIONS)


class Recent:
    """The newest value of each figure, as long as it tells of now.

    Attributes:
        sample: These values.
    """

    def __init__(self) -> None:
        self.sample: dict[Metric, float] = {}
        self._logs: dict[float, float] = {}
        self._statements_at: float | None = None

    @property
    def largest_wal(self) -> float:
        """The largest write-ahead log of the last ten minutes, in bytes."""
        return max(self._logs.values(), default=0.0)

    def begin(self, latest: Mapping[Metric, float], logs: Series) -> None:
        """Take the newest figures, and the write-ahead log of the last ten minutes."""
        self.sample.update(latest)
        if Metric.STATEMENT_P95 in latest:
            self._statements_at = None
        measured = zip(logs.times, logs.high, strict=True)
        self._logs.update({at: size for at, size in measured if size is not None})
        self._forget_logs()

    def take(self, at: float, values: Mapping[Metric, float]) -> None:
        """Take the figures of one second.

        Args:
            at: When, in seconds since 1970 (UTC).
        """
        if Metric.STATEMENT_P95 in values or self._statements_at is None:
            self._statements_at = at
        gone: tuple[Metric, ...] = _OF_THIS_SECOND
        if at - self._statements_at > MINUTE_S:
            gone += _LATENCIES
        for metric in gone:
            self.sample.pop(metric, None)
        self.sample.update(values)
        if Metric.WAL_BYTES in values:
            self._logs[at] = values[Metric.WAL_BYTES]
            self._forget_logs()

    def _forget_logs(self) -> None:
        since = max(self._logs, default=0.0) - TEN_MINUTES_S
        self._logs = {at: size for at, size in self._logs.items() if at > since}
