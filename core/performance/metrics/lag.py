"""How late a loop is: what it was asked to do at a moment, and when it did it."""

import asyncio
import time

EVERY_S = 0.1


class LoopLag:
    """Asks the running loop ten times a second, and notes the worst delay.

    What blocks the loop for a tenth of a second or longer never goes unseen; its length is
    told short by less than that.
    """

    def __init__(self) -> None:
        self._worst = 0.0
        self._due = 0.0
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Watch the loop that runs."""
        self._ask(asyncio.get_running_loop())

    def stop(self) -> None:
        """Watch no longer."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def take_ms(self) -> float:
        """Return the worst delay since the last call, in milliseconds."""
        # What is due and was not called yet is late already.
        waiting = time.monotonic() - self._due if self._handle is not None else 0.0
        worst, self._worst = max(self._worst, waiting, 0.0), 0.0
        return worst * 1000

    def _ask(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due = time.monotonic() + EVERY_S
        self._handle = loop.call_later(EVERY_S, self._answer, loop)

    def _answer(self, loop: asyncio.AbstractEventLoop) -> None:
        self._worst = max(self._worst, time.monotonic() - self._due)
        self._ask(loop)
