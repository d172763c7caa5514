"""A limiter: so much work at once, the more urgent first, and only so much may wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import Any

from core.database.concurrency.figures import LimiterFigures
from core.database.concurrency.places import Places
from core.errors import AppError
from core.translation import _


class Priority(IntEnum):
    """How urgent work is; within one, first come is first served."""

    PERSON = 0
    """Somebody has asked for it and waits."""
    NORMAL = 1
    BACKGROUND = 2
    """Nobody waits for it."""


class QueueFullError(AppError):
    """So much waits already that nothing more is taken in."""

    code = "queue_full"


class PriorityLimiter:
    """Lets work run in order of priority, and counts how it ended.

    Work inside must not ask the same limiter again: with all places taken by such work each
    would wait for the others for ever. That is refused as the fault it is.

    Args:
        name: What the work is.
        limit: How much of it may run at once.
        queue_limit: How much may wait.
    """

    def __init__(self, name: str, *, limit: int, queue_limit: int) -> None:
        self.name = name
        self.queue_limit = queue_limit
        self._places = Places(limit)
        self._inside: set[asyncio.Task[Any] | None] = set()
        self._succeeded = self._failed = self._cancelled = self._refused = 0

    @asynccontextmanager
    async def place(
        self, priority: Priority = Priority.NORMAL, *, wait_s: float | None = None
    ) -> AsyncIterator[None]:
        """Work inside, once it is its turn.

        Args:
            wait_s: How long to wait at the most, in seconds; None for as long as it takes.

        Raises:
            QueueFullError: Too much waits already.
            WaitTimeoutError: Its turn did not come in time.
            RuntimeError: This task has a place already.
        """
        task = asyncio.current_task()
        if task in self._inside:
            raise RuntimeError(f"{self.name}: asked for from within")
        self._check_room()
        try:
            await self._places.take(priority=priority, wait_s=wait_s)
        except asyncio.CancelledError:
            self._cancelled += 1
            raise
        self._inside.add(task)
        try:
            yield
        except asyncio.CancelledError:
            self._cancelled += 1
            raise
        except BaseException:
            self._failed += 1
            raise
        else:
            self._succeeded += 1
        finally:
            self._inside.discard(task)
            self._places.give_back()

    def figures(self) -> LimiterFigures:
        """Return what runs and waits now, and how the rest ended."""
        counts = self._places.counts
        return LimiterFigures(
            name=self.name,
            limit=self._places.limit,
            running=self._places.taken,
            waiting=self._places.waiting,
            queue_limit=self.queue_limit,
            succeeded=self._succeeded,
            failed=self._failed,
            cancelled=self._cancelled,
            refused=self._refused,
            timed_out=counts.timed_out,
            waited_s=counts.waited_s,
        )

    def _check_room(self) -> None:
        all_taken = self._places.taken >= self._places.limit
        if all_taken and self._places.waiting >= self.queue_limit:
            self._refused += 1
            raise QueueFullError(
                _("Too much is waiting already."),
                detail=_("{count} jobs wait for their turn; no more are taken in.").format(
                    count=self._places.waiting
                ),
                hint=_("Try again when some of it is done, or cancel what is not needed."),
            )
