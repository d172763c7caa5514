"""What the engines of this process tell: statements, connections, transactions, locks."""

from core.performance.metrics.schemas import Metric
from core.performance.target import Target


class EngineWatch:
    """Reads counters that others keep; nothing here waits or asks the database."""

    def __init__(self, target: Target) -> None:
        self._database = target.database
        self._board = target.board

    def figures(self) -> dict[Metric, float]:
        """Return the figures since the last call."""
        return {**self._of_statements(), **self._of_locks()}

    def _of_statements(self) -> dict[Metric, float]:
        rates = self._database.monitor.rates()
        found = {
            Metric.STATEMENT_P50: rates.p50_ms,
            Metric.STATEMENT_P95: rates.p95_ms,
            Metric.STATEMENT_P99: rates.p99_ms,
            Metric.READS: rates.reads_per_s,
            Metric.WRITES: rates.writes_per_s,
            Metric.STATEMENT_ERRORS: rates.errors_per_s,
        }
        return {metric: value for metric, value in found.items() if value is not None}

    def _of_locks(self) -> dict[Metric, float]:
        board = self._board
        waiting = (
            *(one.waiting for one in board.locks()),
            *(one.waiting for one in board.semaphores()),
            *(one.waiting for one in board.limiters()),
        )
        return {Metric.LOCK_WAITS: float(sum(waiting))}
