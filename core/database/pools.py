"""What goes on in the pool of an engine: counted by its events, and the waiting by itself."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from core.database.concurrency.figures import PoolFigures


@dataclass(slots=True)
class PoolCounts:
    """Counts since the engine was made; ``waited_s`` in seconds."""

    waits: int = 0
    waited_s: float = 0.0
    checkouts: int = 0
    checkins: int = 0
    invalidated: int = 0
    connects: int = 0


class CountedPool(AsyncAdaptedQueuePool):
    """A pool that knows who waited for a connection, which no event tells."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.counts = PoolCounts()

    def recreate(self) -> "CountedPool":
        """Return an empty pool in the place of this one, which goes on counting."""
        pool = super().recreate()
        assert isinstance(pool, CountedPool)
        pool.counts = self.counts
        return pool

    def _do_get(self) -> ConnectionPoolEntry:
        if self.checkedin() or self._overflow < self._max_overflow:
            return super()._do_get()
        self.counts.waits += 1
        started = time.monotonic()
        try:
            return super()._do_get()
        finally:
            self.counts.waited_s += time.monotonic() - started


def count(engine: AsyncEngine) -> None:
    """Count what goes on in the pool of a new engine."""
    pool = engine.sync_engine.pool
    assert isinstance(pool, CountedPool)
    counts = pool.counts

    def on_connect(*_args: Any) -> None:
        counts.connects += 1

    def on_checkout(*_args: Any) -> None:
        counts.checkouts += 1

    def on_checkin(*_args: Any) -> None:
        counts.checkins += 1

    def on_invalidate(*_args: Any) -> None:
        counts.invalidated += 1

    event.listen(pool, "connect", on_connect)
    event.listen(pool, "checkout", on_checkout)
    event.listen(pool, "checkin", on_checkin)
    event.listen(pool, "invalidate", on_invalidate)
    event.listen(pool, "soft_invalidate", on_invalidate)


def figures(name: str, engine: AsyncEngine) -> PoolFigures:
    """Return what goes on in a pool now, and what was counted."""
    pool = engine.sync_engine.pool
    assert isinstance(pool, CountedPool)
    counts = pool.counts
    return PoolFigures(
        name=name,
        size=pool.size(),
        in_use=pool.checkedout(),
        idle=pool.checkedin(),
        overflow=max(pool.overflow(), 0),
        waits=counts.waits,
        waited_s=counts.waited_s,
        checkouts=counts.checkouts,
        checkins=counts.checkins,
        invalidated=counts.invalidated,
        connects=counts.connects,
    )
