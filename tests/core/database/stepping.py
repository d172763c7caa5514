"""Cancels a coroutine at a chosen one of its awaits, so that each of them can be tried."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any


class CancelledAt:
    """Awaits some work and cancels its task where it waits for the ``at``-th time.

    Where ``twice``, it is cancelled again where it waits next: while it makes an end.
    ``reached`` tells whether it waited so often.
    """

    def __init__(self, work: Awaitable[Any], at: int, *, twice: bool = False) -> None:
        self._work = work
        self._left = at
        self._moments = (0, -1) if twice else (0,)
        self.reached = False

    def __await__(self) -> Generator[Any, Any, Any]:
        """Hand on what is awaited, one by one."""
        inner = self._work.__await__()
        step: Callable[[], Any] = lambda: next(inner)  # noqa: E731
        while True:
            try:
                awaited = step()
            except StopIteration as end:
                return end.value
            self._left -= 1
            if self._left in self._moments:
                self.reached = True
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            try:
                yield awaited
            except BaseException as error:  # handed on, whatever it is
                step = _throwing(inner, error)
            else:
                step = lambda: next(inner)  # noqa: E731


def _throwing(inner: Generator[Any, Any, Any], error: BaseException) -> Callable[[], Any]:
    return lambda: inner.throw(error)


async def cancelled_at(work: Awaitable[Any], at: int, *, twice: bool = False) -> bool:
    """Do the work with a cancellation at one of its awaits; False where it has fewer."""
    stepped = CancelledAt(work, at, twice=twice)

    async def run() -> None:
        await stepped

    task = asyncio.create_task(run())
    await asyncio.wait({task})
    if not task.cancelled():
        task.result()
    return stepped.reached
