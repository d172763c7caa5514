"""Waits for other programs that have locked a file, and says so where the job is followed."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from core.database.database import GIVEN_UP_AFTER_S
from core.errors import DatabaseBusyError
from core.events import DatabaseWaiting, Event, EventBus
from core.performance.child.phases import waiting_words
from core.performance.child.words import still_busy
from core.progress import Progress

T = TypeVar("T")

_EVERY_S = 0.1


async def once_readable(path: Path, progress: Progress, read: Callable[[], Awaitable[T]]) -> T:
    """Return what is read of a file, once nobody keeps it from being read.

    Raises:
        DatabaseBusyError: Somebody did for half a minute.
    """
    until = time.monotonic() + GIVEN_UP_AFTER_S
    while True:
        try:
            return await read()
        except DatabaseBusyError as error:
            if time.monotonic() >= until:
                raise await asyncio.to_thread(still_busy, path) from error
        progress.report(text=await asyncio.to_thread(waiting_words, path))
        await asyncio.sleep(_EVERY_S)


@contextmanager
def waits_told(bus: EventBus, progress: Progress | None) -> Iterator[None]:
    """Within, say for whom a write waits."""

    def hear(event: Event) -> None:
        if isinstance(event, DatabaseWaiting) and event.text and progress is not None:
            progress.report(text=event.text)

    unsubscribe = bus.subscribe(hear)
    try:
        yield
    finally:
        unsubscribe()
