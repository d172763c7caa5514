"""Asks about a log again while it grows, without keeping the core busy with it."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from desktop.tasks import TaskRunner

_LEAST_PAUSE_S = 1.0
_SHARE = 4


class Again:
    """Runs one piece of work for any number of wishes, with pauses as the work takes.

    After work of ``t`` seconds nothing happens for ``4 t``, at least a second; a wish
    meanwhile is answered afterwards, so that the last change is always seen. Work that failed
    is not run again before ``reset``: its failure was told, and once is enough.
    """

    def __init__(self, tasks: TaskRunner, work: Callable[[], Awaitable[None]]) -> None:
        self._tasks, self._work = tasks, work
        self._wanted = self._busy = self._failed = False

    def ask(self) -> None:
        """Wish for a run."""
        self._wanted = True
        if not self._busy and not self._failed:
            self._busy = self._tasks.run(self._serve()) is not None

    def reset(self) -> None:
        """Forget that the work failed, and what was wished for."""
        self._wanted = self._failed = False

    async def _serve(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                self._failed = True
                began = time.monotonic()
                await self._work()
                self._failed = False
                took = time.monotonic() - began
                await asyncio.sleep(max(_LEAST_PAUSE_S, _SHARE * took))
        finally:
            self._busy = False
