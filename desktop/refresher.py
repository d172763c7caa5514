"""Fetching anew when things change, at once but never more often than a few times a second."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from desktop.tasks import TaskRunner

PAUSE_S: Final = 0.2


class Refresher:
    """Runs one piece of work for any number of wishes, one run at a time.

    A wish while the work runs, or within ``pause_s`` seconds after it, is answered by one
    more run: the last change is always seen. While it rests it runs nothing; what is wished
    for then, and what was given up for it, is done once it wakes.

    Args:
        tasks: Runs the work and takes its failures.
        work: Fetches and shows.
        pause_s: Seconds between the end of one run and the start of the next.
    """

    def __init__(
        self, tasks: TaskRunner, work: Callable[[], Awaitable[None]], pause_s: float = PAUSE_S
    ) -> None:
        self._tasks, self._work, self._pause_s = tasks, work, pause_s
        self._awake = True
        self._wanted = self._wanted_anew = False
        self._task: asyncio.Task[Any] | None = None

    @property
    def busy(self) -> bool:
        """Whether the work runs, or did so a moment ago."""
        return self._task is not None

    def ask(self) -> None:
        """Wish for a run."""
        self._wanted = self._wanted_anew = True
        self._start()

    def again(self) -> None:
        """Wish for a run at once, in the place of one that is under way."""
        self._stop()
        self.ask()

    def wake(self) -> None:
        """Do what is wished for, now and from here on."""
        self._awake = True
        self._start()

    def rest(self) -> None:
        """Do nothing more, and give up what is under way."""
        self._awake = False
        self._stop()

    def _start(self) -> None:
        if self._awake and self._wanted and self._task is None:
            self._task = self._tasks.run(self._serve())

    def _stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    async def _serve(self) -> None:
        try:
            while self._wanted:
                self._wanted_anew = False
                await self._work()
                self._wanted = self._wanted_anew
                await asyncio.sleep(self._pause_s)
        finally:
            if self._task is asyncio.current_task():
                self._task = None
