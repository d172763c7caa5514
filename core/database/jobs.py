"""Jobs of this process that keep a database from being written for a while."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Jobs:
    """What this process does to the file as a whole: its writers wait for that."""

    def __init__(self) -> None:
        self._running: list[str] = []
        self._ended = float("-inf")

    @contextmanager
    def running(self, job: str) -> Iterator[None]:
        """Within, writers wait without limit, and are told the name of the job.

        Args:
            job: What is done, in words.
        """
        self._running.append(job)
        try:
            yield
        finally:
            self._running.remove(job)
            self._ended = time.monotonic()

    @property
    def current(self) -> str:
        """The job that is waited for, empty where there is none."""
        return self._running[-1] if self._running else ""

    def waited_since(self, started: float) -> float:
        """Return how many seconds others than our own jobs have been waited for.

        Args:
            started: When the wait began, by the monotonic clock.
        """
        if self._running:
            return 0.0
        return time.monotonic() - max(started, self._ended)
