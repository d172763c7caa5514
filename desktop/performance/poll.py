"""Asks again and again while a page is in sight, and not at all while it is not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, Generic, Protocol, TypeVar

from core.errors import AppError
from desktop.tasks import TaskRunner

T = TypeVar("T")

EVERY_S: Final = 1.0


class Place(Protocol):
    """Where an answer is shown, or why there is none; such as ``Holder``."""

    def wait(self) -> None:
        """Show that an answer is on its way."""

    def ready(self) -> None:
        """Show what has come."""

    def fail(self, error: AppError) -> None:
        """Say why there is none, or no newer one."""


class Poll(Generic[T]):
    """One question.

    Args:
        place: Where it is shown.
        fetch: Asks the core.
        show: Shows what came.
        every_s: Seconds from an answer to the next question; None to ask once, and after that
            only when something changed.

    Attributes:
        answered: Whether an answer, or why there is none, was shown.
    """

    def __init__(
        self,
        tasks: TaskRunner,
        place: Place,
        fetch: Callable[[], Awaitable[T]],
        show: Callable[[T], object],
        *,
        every_s: float | None = EVERY_S,
    ) -> None:
        self._tasks, self._place = tasks, place
        self._fetch, self._show, self._every_s = fetch, show, every_s
        self._task: asyncio.Task[Any] | None = None
        self._awake = False
        self._wanted = True
        self.answered = False

    @property
    def busy(self) -> bool:
        """Whether it asks, or will do so by itself."""
        return self._task is not None

    def wake(self) -> None:
        """Ask, and go on doing so: the page is in sight."""
        self._awake = True
        if self._task is None and (self._wanted or self._every_s is not None):
            self._task = self._tasks.run(self._go_on())

    def rest(self) -> None:
        """Ask nothing more, and give up what is under way."""
        self._awake = False
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def again(self) -> None:
        """Ask at once; as soon as the page is in sight, where it is not."""
        awake = self._awake
        self.rest()
        self._wanted = True
        if awake:
            self.wake()

    async def _go_on(self) -> None:
        try:
            while True:
                await self._ask()
                if self._every_s is None:
                    return
                await asyncio.sleep(self._every_s)
        finally:
            if self._task is asyncio.current_task():
                self._task = None

    async def _ask(self) -> None:
        self._place.wait()
        try:
            found = await self._fetch()
        except AppError as error:
            self._place.fail(error)
        else:
            self._wanted = False
            self._show(found)
            self._place.ready()
        self.answered = True
