"""What the engines of this process tell: statements, connections, transactions, locks."""

from core.performance.metrics.schemas import Metric
from core.performance.target import Target


class EngineWatch:
    """Reads counters that others keep; nothing here waits or asks the database.

    Attributes:
        slowest_ms: How long the slowest statements took between the last two calls.
    """

    def __init__(self, target: Target) -> None:
        self._database = target.database
        self._board = target.board
        self._waits: tuple[float, int] | None = None
        self.slowest_ms: tuple[float, ...] = ()

    def figures(self, now: float) -> dict[Metric, float]:
        """Return the figures since the last call; ``now`` is in seconds that only grow."""
        return {
            **self._of_statements(),
            **self._of_pools(now),
            **self._of_transactions(),
            **self._of_locks(),
        }

    def _of_statements(self) -> dict[Metric, float]:
        rates = self._database.monitor.rates()
        self.slowest_ms = rates.slowest_ms
        found = {
            Metric.STATEMENT_P50: rates.p50_ms,
            Metric.STATEMENT_P95: rates.p95_ms,
            Metric.STATEMENT_P99: rates.p99_ms,
            Metric.READS: rates.reads_per_s,
            Metric.WRITES: rates.writes_per_s,
            Metric.STATEMENT_ERRORS: rates.errors_per_s,
        }
        return {metric: value for metric, value in found.items() if value is not None}

    def _of_pools(self, now: float) -> dict[Metric, float]:
        pools = self._database.pools()
        found = {Metric.POOL_IN_USE: float(sum(pool.in_use for pool in pools))}
        waits = sum(pool.waits for pool in pools)
        before, self._waits = self._waits, (now, waits)
        if before is not None and now > before[0]:
            found[Metric.POOL_WAITS] = max(waits - before[1], 0) / (now - before[0])
        return found

    def _of_transactions(self) -> dict[Metric, float]:
        found = self._database.transactions.open()
        return {
            Metric.OPEN_TRANSACTIONS: float(len(found)),
            Metric.LONGEST_TRANSACTION: max((one.age_s for one in found), default=0.0),
        }

    def _of_locks(self) -> dict[Metric, float]:
        board = self._board
        waiting = (
            *(one.waiting for one in board.locks()),
            *(one.waiting for one in board.semaphores()),
            *(one.waiting for one in board.limiters()),
        )
        return {Metric.LOCK_WAITS: float(sum(waiting))}
