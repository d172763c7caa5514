"""All locks, semaphores and limiters of a process, so that they can be looked at."""

import os

from core.database.concurrency.figures import LimiterFigures, LockFigures, SemaphoreFigures
from core.database.concurrency.limiter import PriorityLimiter
from core.database.concurrency.locks import KeyedLock
from core.database.concurrency.semaphores import Semaphore

HEAVY_JOBS = "heavy_jobs"
HEAVY_JOBS_WAITING = 32


class ConcurrencyBoard:
    """Makes each by its name, once; everybody who asks for that name shares it.

    ``heavy_jobs`` bounds what takes a processor or the disk for itself: as many as half of
    the processors, so that the window and builds go on beside them.
    """

    def __init__(self) -> None:
        self._locks: dict[str, KeyedLock] = {}
        self._semaphores: dict[str, Semaphore] = {}
        at_once = max(1, (os.cpu_count() or 1) // 2)
        self.heavy_jobs = PriorityLimiter(
            HEAVY_JOBS, limit=at_once, queue_limit=HEAVY_JOBS_WAITING
        )

    def lock(self, name: str) -> KeyedLock:
        """Return the family of locks with this name."""
        return self._locks.setdefault(name, KeyedLock(name))

    def semaphore(self, name: str, limit: int) -> Semaphore:
        """Return the semaphore with this name; the first who asks says its limit."""
        return self._semaphores.setdefault(name, Semaphore(name, limit))

    def locks(self) -> tuple[LockFigures, ...]:
        """Return the figures of all locks."""
        return tuple(lock.figures() for lock in self._locks.values())

    def semaphores(self) -> tuple[SemaphoreFigures, ...]:
        """Return the figures of all semaphores."""
        return tuple(semaphore.figures() for semaphore in self._semaphores.values())

    def limiters(self) -> tuple[LimiterFigures, ...]:
        """Return the figures of all limiters."""
        return (self.heavy_jobs.figures(),)
