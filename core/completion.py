"""Work that a cancellation must not tear apart, such as a commit or the end of a session."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def to_the_end(work: Awaitable[T]) -> T:
    """Do the work; a cancellation that comes meanwhile waits for its end.

    ``asyncio.shield`` lets the caller go at once, so that it meets the work half done.

    Raises:
        asyncio.CancelledError: The caller was cancelled; the work has ended nevertheless.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        # Asked for, so that its failure is not reported as one that nobody saw.
        _ = None if task.cancelled() else task.exception()
        raise cancelled
    return task.result()


async def although_cancelled(work: Awaitable[T]) -> T:
    """Do the last of what is done already; a cancellation that comes meanwhile is taken back.

    It came too late, and what was done is to be reported as done.
    """
    task = asyncio.ensure_future(work)
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            take_back()
    return task.result()


def take_back() -> None:
    """Take back a cancellation of this task that was caught."""
    task = asyncio.current_task()
    assert task is not None
    task.uncancel()


def end_logged(log: logging.Logger, words: str) -> Callable[[asyncio.Task[None]], None]:
    """Return what a task is to call at its end, so that one that failed is known of.

    Args:
        words: What does not go on, in English.
    """

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error(words, exc_info=error)

    return ended
