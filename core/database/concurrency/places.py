"""Places that are handed on: what locks, semaphores and limiters are made of.

A place that is given back goes straight to who waits with the highest priority, the longest
of them first, and is never free in between: nobody who comes later takes it from them. Who
is cancelled or gives up leaves the queue; a place that came at that very moment is handed on.
"""

import asyncio
import heapq
import itertools
import time
from dataclasses import dataclass

from core.errors import AppError
from core.translation import _


class WaitTimeoutError(AppError):
    """Others kept what was waited for; the wait was given up, and nothing was taken."""

    code = "wait_timeout"


@dataclass(slots=True)
class WaitCounts:
    """What was waited, over all places that share these counts.

    ``waited_s`` is the sum over all who waited, in seconds.
    """

    acquired: int = 0
    timed_out: int = 0
    waited_s: float = 0.0


class Places:
    """So many places that can be taken at once.

    Args:
        limit: How many there are.
        counts: Where it is counted who waits and takes; may be shared.
    """

    def __init__(self, limit: int, counts: WaitCounts | None = None) -> None:
        if limit < 1:
            raise ValueError("at least one place is needed")
        self.limit = limit
        self.taken = 0
        self.counts = counts or WaitCounts()
        self._waiting: dict[tuple[int, int], asyncio.Future[None]] = {}
        # All who wait, and some who left: they are passed over when their turn comes.
        self._turns: list[tuple[int, int]] = []
        self._number = itertools.count()

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._waiting)

    @property
    def unused(self) -> bool:
        """Whether nobody has a place, and nobody waits for one."""
        return not self.taken and not self._waiting

    async def take(self, *, priority: int = 0, wait_s: float | None = None) -> None:
        """Take a place; each must be given back once.

        Args:
            priority: The lower, the sooner.
            wait_s: How long to wait at the most, in seconds; None for as long as it takes.

        Raises:
            WaitTimeoutError: There was none in time.
        """
        if not self.take_at_once():
            await self._wait((priority, next(self._number)), wait_s)
            self.counts.acquired += 1

    def take_at_once(self) -> bool:
        """Take a place if one is free now; tell whether it was."""
        if self.taken >= self.limit:
            return False
        self.taken += 1
        self.counts.acquired += 1
        return True

    def give_back(self) -> None:
        """Give a place back: to who is next, or to whoever comes."""
        while self._turns:
            handed = self._waiting.pop(heapq.heappop(self._turns), None)
            if handed is not None:
                handed.set_result(None)
                return
        self.taken -= 1

    async def _wait(self, turn: tuple[int, int], wait_s: float | None) -> None:
        handed = self._waiting[turn] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._turns, turn)
        started = time.monotonic()
        try:
            await asyncio.wait({handed}, timeout=wait_s)
        except asyncio.CancelledError:
            self._leave(turn, handed)
            raise
        finally:
            self.counts.waited_s += time.monotonic() - started
        if not handed.done():
            self._leave(turn, handed)
            self.counts.timed_out += 1
            raise WaitTimeoutError(
                _("Its turn did not come in time."),
                hint=_("Wait until less is going on, and try again."),
            )

    def _leave(self, turn: tuple[int, int], handed: asyncio.Future[None]) -> None:
        if handed.done():
            self.give_back()
        else:
            del self._waiting[turn]
