"""Fetches what one card shows: not too often, and only while somebody can see it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, Generic, Protocol, TypeVar

from PySide6.QtCore import SignalInstance

from core.errors import AppError
from core.events import Changed, Event
from desktop.tasks import TaskRunner

T = TypeVar("T")

PAUSE_S: Final = 4.0
AT_ONCE: Final = 2


class Place(Protocol):
    """Where figures are shown, and why there are none."""

    @property
    def retried(self) -> SignalInstance:
        """The person wants to try again after a failure."""

    def wait(self) -> None:
        """Show that figures are on their way."""

    def ready(self) -> None:
        """Show the figures that have come."""

    def fail(self, error: AppError) -> None:
        """Say why there are none."""


class Feed(Generic[T]):
    """Fetches for one card, again after changes, and tells a failure in its place.

    Args:
        place: Where it is shown.
        fetch: Asks the core.
        show: Shows what came.
        topics: After which changes it is fetched again.
        turns: Lets few feeds ask the core at once.
        pause_s: Seconds from one fetch to the next at least.

    Attributes:
        answered: Whether figures, or why there are none, were shown.
    """

    def __init__(
        self,
        tasks: TaskRunner,
        place: Place,
        fetch: Callable[[], Awaitable[T]],
        show: Callable[[T], object],
        *,
        topics: frozenset[str],
        turns: asyncio.Semaphore,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._tasks, self._place = tasks, place
        self._fetch, self._show, self._topics = fetch, show, topics
        self._turns, self._pause_s = turns, pause_s
        self._wanted, self._in_sight = True, False
        self._task: asyncio.Task[Any] | None = None
        self.answered = False
        place.retried.connect(self.again)

    @property
    def busy(self) -> bool:
        """Whether something is fetched, or was a moment ago."""
        return self._task is not None

    def ask(self) -> None:
        """Fetch soon; as soon as it can be seen, where it cannot."""
        self._wanted = True
        if self._in_sight and self._task is None:
            self._task = self._tasks.run(self._serve())

    def again(self) -> None:
        """Fetch at once: something else is asked for now."""
        self._stop()
        self.ask()

    def on_event(self, event: Event) -> None:
        """Fetch again where an event says that something changed."""
        if isinstance(event, Changed) and event.topics & self._topics:
            self.ask()

    def wake(self) -> None:
        """Go on: the card can be seen."""
        self._in_sight = True
        if self._wanted:
            self.ask()

    def rest(self) -> None:
        """Ask nothing more, and give up what is under way: the card was left."""
        self._in_sight = False
        self._stop()

    def _stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    async def _serve(self) -> None:
        try:
            while self._wanted:
                await self._fetch_once()
                await asyncio.sleep(self._pause_s)
        finally:
            if self._task is asyncio.current_task():
                self._task = None

    async def _fetch_once(self) -> None:
        self._place.wait()
        try:
            async with self._turns:
                self._wanted = False
                found = await self._fetch()
        except AppError as error:
            self._place.fail(error)
            self.answered = True
        except asyncio.CancelledError:
            self._wanted = True
            raise
        else:
            self._show(found)
            self._place.ready()
            self.answered = True
