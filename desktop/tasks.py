"""The one place that starts coroutines on the loop of the window."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Hashable
from typing import Any


class TaskRunner:
    """Keeps tasks alive, tells their failures, and ends them all at the end.

    Args:
        on_failure: Called with whatever a task raised, cancellation apart.
    """

    def __init__(self, on_failure: Callable[[BaseException], None]) -> None:
        self._on_failure = on_failure
        self._tasks: set[asyncio.Task[Any]] = set()
        self._latest: dict[Hashable, asyncio.Task[Any]] = {}
        self._closed = False

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any] | None:
        """Start a coroutine; None once the runner is closed."""
        if self._closed:
            coroutine.close()
            return None
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def latest(self, key: Hashable, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Start a coroutine in place of the one that runs under the same key."""
        older = self._latest.pop(key, None)
        if older is not None:
            older.cancel()
        task = self.run(coroutine)
        if task is not None:
            self._latest[key] = task

    async def close(self) -> None:
        """Cancel what is left and wait until it is gone.

        The task that calls this, where it is one of them, goes on to its end.
        """
        self._closed = True
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        for key in [k for k, t in self._latest.items() if t is task]:
            del self._latest[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_failure(error)
