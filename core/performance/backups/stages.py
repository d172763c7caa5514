"""Work that goes on in stages: each one has its part of the progress, and can be cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from core.completion import to_the_end
from core.progress import Progress

T = TypeVar("T")


class Part(Progress):
    """The progress of one stage; what it tells is told of the whole.

    Args:
        whole: The progress of all stages.
        first, last: How much of the whole is done before this stage, and after it.
    """

    def __init__(self, whole: Progress, first: float, last: float) -> None:
        super().__init__(lambda: None)
        self._whole = whole
        self._first = first
        self._share = last - first

    def report(self, fraction: float | None = None, text: str | None = None) -> None:
        """Say how far this stage is."""
        done = None if fraction is None else min(max(fraction, 0.0), 1.0)
        self._whole.report(None if done is None else self._first + self._share * done, text)

    def no_return(self, text: str) -> None:
        """From here on all of it is completed."""
        self._whole.no_return(text)


async def stage(work: Coroutine[Any, Any, T]) -> T:
    """Do a stage after which more comes: a cancellation that it came too late for ends it all.

    Raises:
        asyncio.CancelledError: The whole was cancelled; the stage has ended.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        task.cancel()
        await to_the_end(asyncio.wait({task}))
        _seen = None if task.cancelled() else task.exception()
        raise
    return task.result()
