"""Semaphores with a time limit for waiting, and figures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.database.concurrency.figures import SemaphoreFigures
from core.database.concurrency.places import Places


class Semaphore:
    """Lets only so many in at once, in the order in which they came.

    Args:
        name: What it is for.
        limit: How many may be inside.
    """

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self._places = Places(limit)

    @asynccontextmanager
    async def hold(self, *, wait_s: float | None = None) -> AsyncIterator[None]:
        """Be inside.

        Args:
            wait_s: How long to wait at the most, in seconds; None for as long as it takes.

        Raises:
            WaitTimeoutError: There was no room in time.
        """
        await self._places.take(wait_s=wait_s)
        try:
            yield
        finally:
            self._places.give_back()

    def figures(self) -> SemaphoreFigures:
        """Return who is inside and who waits, and what was counted so far."""
        counts = self._places.counts
        return SemaphoreFigures(
            name=self.name,
            limit=self._places.limit,
            in_use=self._places.taken,
            waiting=self._places.waiting,
            acquired=counts.acquired,
            waited_s=counts.waited_s,
            timed_out=counts.timed_out,
        )
