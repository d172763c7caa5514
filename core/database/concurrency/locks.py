"""Locks by key: one holder for each, with a time limit for waiting, and figures."""

import asyncio
import time
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import Any

from core.database.concurrency.figures import LockFigures
from core.database.concurrency.places import Places, WaitCounts


class KeyedLock:
    """A lock for each key, there only while somebody wants it.

    Whoever holds a key and asks for it again would wait for themselves for ever: that is
    refused as the fault it is.

    Args:
        name: What the keys are.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._keys: dict[Hashable, Places] = {}
        self._holders: dict[Hashable, tuple[asyncio.Task[Any] | None, float]] = {}
        self._counts = WaitCounts()
        self._longest_s = 0.0

    @asynccontextmanager
    async def hold(self, key: Hashable, *, wait_s: float | None = None) -> AsyncIterator[None]:
        """Hold a key; others wait for it in the order in which they came.

        Args:
            wait_s: How long to wait at the most, in seconds; None for as long as it takes.

        Raises:
            WaitTimeoutError: Others kept it for too long.
            RuntimeError: This task holds it already.
        """
        task = asyncio.current_task()
        if key in self._holders and self._holders[key][0] is task:
            raise RuntimeError(f"{self.name}: {key!r} is held by who asks for it")
        places = self._keys.setdefault(key, Places(1, self._counts))
        try:
            await places.take(wait_s=wait_s)
            try:
                self._holders[key] = task, time.monotonic()
                yield
            finally:
                _task, since = self._holders.pop(key)
                self._longest_s = max(self._longest_s, time.monotonic() - since)
                places.give_back()
        finally:
            if places.unused:
                self._keys.pop(key, None)

    def figures(self) -> LockFigures:
        """Return what is held and waited for now, and what was counted so far."""
        now = time.monotonic()
        ages = [now - since for _task, since in self._holders.values()]
        return LockFigures(
            name=self.name,
            held=tuple(sorted(map(str, self._holders))),
            waiting=sum(places.waiting for places in self._keys.values()),
            acquired=self._counts.acquired,
            waited_s=self._counts.waited_s,
            timed_out=self._counts.timed_out,
            longest_held_s=max([self._longest_s, *ages]),
        )
