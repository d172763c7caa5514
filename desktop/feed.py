"""Fetches what a place shows while it is in sight, and tells a failure there."""

from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal, SignalInstance

from core.errors import AppError
from desktop.refresher import PAUSE_S, Refresher
from desktop.tasks import TaskRunner

T = TypeVar("T")


class Place(Protocol):
    """Where an answer is shown, or why there is none; such as ``Holder``."""

    @property
    def retried(self) -> SignalInstance:
        """The person wants to try again after a failure."""

    def wait(self) -> None:
        """Show that an answer is on its way."""

    def ready(self) -> None:
        """Show what has come."""

    def fail(self, error: AppError) -> None:
        """Say why there is none, or no newer one."""


class QuietPlace(QObject):
    """Leaves what is shown: a failure is told beside it."""

    retried = Signal()

    def wait(self) -> None:
        """Leave what is shown."""

    def ready(self) -> None:
        """Leave what is shown."""

    def fail(self, error: AppError) -> None:
        """Leave what is shown."""


class Feed(Refresher, Generic[T]):
    """One question, asked while it is awake: its place is in sight. It rests at first.

    Args:
        place: Where the answer is shown.
        fetch: Asks the core.
        show: Shows what came.
        every_s: Seconds from an answer to the next question; None to ask once, and after that
            only when it is wished for.
        pause_s: Seconds from an answer to the next question that is wished for.

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
        every_s: float | None = None,
        pause_s: float = PAUSE_S,
    ) -> None:
        super().__init__(tasks, self._bring, pause_s if every_s is None else every_s)
        self._place, self._fetch, self._show = place, fetch, show
        self._steady = every_s is not None
        self._awake, self._wanted, self._failed = False, True, False
        self.answered = False
        place.retried.connect(self.again)

    def wake(self) -> None:
        """Ask for what is wished for or failed, now and from here on."""
        self._wanted = self._wanted or self._failed
        super().wake()

    async def _bring(self) -> None:
        self._place.wait()
        try:
            found = await self._fetch()
        except AppError as error:
            self._failed = True
            self._place.fail(error)
        else:
            self._failed = False
            self._show(found)
            self._place.ready()
        self.answered = True
        self._wanted_anew = self._wanted_anew or self._steady
