"""Does something after changes of some topics, and every now and then."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from core.errors import DatabaseError
from core.events import Changed, Event, EventBus

_AGAIN_S = 1.0

_log = logging.getLogger(__name__)


class Watcher:
    """A task that looks at something again and again.

    Args:
        bus: Tells of changes.
        topics: What is looked at after.
        look: Looks at it.
        every_s: How long to wait for changes at most; None for ever.
    """

    def __init__(
        self,
        bus: EventBus,
        topics: frozenset[str],
        look: Callable[[], Awaitable[None]],
        *,
        every_s: float | None = None,
    ) -> None:
        self._bus = bus
        self._topics = topics
        self._look = look
        self._every_s = every_s
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Watch from here on."""
        self._unsubscribe = self._bus.subscribe(self._on_event)
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Watch no more."""
        self._unsubscribe()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Look soon."""
        self._news.set()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Changed) and event.topics & self._topics:
            self.wake()

    async def _watch(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._every_s):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()
            try:
                await self._look()
            except DatabaseError as error:
                _log.warning("What concerns signing in could not be read: %s", error)
                await self._again()
            except Exception:  # rows are the work of others; who watches must not fall asleep
                _log.exception("Watching what concerns signing in failed")
                await self._again()

    async def _again(self) -> None:
        await asyncio.sleep(_AGAIN_S)
        self.wake()
