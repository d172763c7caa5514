"""What goes on in the pool of an engine: counted by its events, and the waiting by itself."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry
from sqlalchemy.util.concurrency import await_

from core.database.concurrency.figures import PoolFigures
from core.database.concurrency.places import Places


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
    """A pool in which first come is first served, and that knows who waited.

    That of SQLAlchemy lets whoever comes just when a connection is given back take it from
    those who wait, who then stand last again: of a hundred that read at once one could wait
    until all others were done. No event tells of waiting, either.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.counts = PoolCounts()
        self._turns = Places(self.size() + max(self._max_overflow, 0))

    def recreate(self) -> "CountedPool":
        """Return an empty pool in the place of this one, which goes on counting."""
        pool = super().recreate()
        assert isinstance(pool, CountedPool)
        pool.counts = self.counts
        return pool

    def _do_get(self) -> ConnectionPoolEntry:
        if not self._turns.take_at_once():
            self._wait()
        try:
            return super()._do_get()
        except BaseException:
            self._turns.give_back()
            raise

    def _wait(self) -> None:
        self.counts.waits += 1
        started = time.monotonic()
        try:
            await_(self._turns.take())
        finally:
            self.counts.waited_s += time.monotonic() - started

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        super()._do_return_conn(record)
        self._turns.give_back()


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
