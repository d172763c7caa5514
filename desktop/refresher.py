"""Fetching anew when things change, at once but never more often than a few times a second."""

import asyncio
from collections.abc import Awaitable, Callable

from desktop.tasks import TaskRunner

_PAUSE_S = 0.2


class Refresher:
    """Runs one piece of work for any number of wishes, one run at a time.

    A wish while the work runs, or within ``pause_s`` seconds after it, is answered by one
    more run: the last change is always seen.

    Args:
        tasks: Runs the work and takes its failures.
        work: Fetches and shows.
        pause_s: Seconds between the end of one run and the start of the next.
    """

    def __init__(
        self, tasks: TaskRunner, work: Callable[[], Awaitable[None]], pause_s: float = _PAUSE_S
    ) -> None:
        self._tasks, self._work, self._pause_s = tasks, work, pause_s
        self._wanted = False
        self._busy = False

    def ask(self) -> None:
        """Wish for a run."""
        self._wanted = True
        if not self._busy:
            self._busy = self._tasks.run(self._serve()) is not None

    async def _serve(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                await self._work()
                await asyncio.sleep(self._pause_s)
        finally:
            self._busy = False
