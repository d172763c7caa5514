"""The child's side of the conversation: it tells how far it is, and hears a cancellation."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.performance.child.protocol import WAITING, Code, OperationError, encoded

BUSY_WAIT_S = 10.0
_LEAST_S = 0.1


class Conversation:
    """Tells the parent how far an operation is, and stops it when that is asked for.

    Args:
        output: The descriptor that the parent reads.
        busy_wait_s: How long to wait for others that hold a lock, in seconds.
    """

    def __init__(self, output: int, busy_wait_s: float = BUSY_WAIT_S) -> None:
        self.busy_wait_s = busy_wait_s
        self._output = output
        self._writing = threading.Lock()
        self._deciding = threading.RLock()
        self._told_at = float("-inf")
        self._phase = ""
        self._interrupts: list[Callable[[], None]] = []
        self._final = False
        self.cancelled = False

    def progress(self, fraction: float | None, phase: str | None = None) -> None:
        """Say how much is done, 0 to 1 or None where nobody knows; cheap to call often."""
        now = time.monotonic()
        new = phase is not None and phase != self._phase
        if new or now - self._told_at >= _LEAST_S:
            self._told_at = now
            self._phase = self._phase if phase is None else phase
            self.say({"progress": fraction, "phase": self._phase})

    def waiting(self) -> None:
        """Say that somebody else keeps the file; the next progress names its phase again."""
        self._told_at = float("-inf")
        self.say({"progress": None, "phase": WAITING})

    def no_return(self, phase: str) -> None:
        """Say that from here on it is completed; a later cancellation is not heard.

        Raises:
            OperationError: It was cancelled before.
        """
        with self._deciding:
            self.check()
            if self._final:
                return
            self._final = True
            self._phase = phase
        self.say({"no_return": phase})

    def check(self) -> None:
        """Go on only if nobody cancelled.

        Raises:
            OperationError: Somebody did.
        """
        if self.cancelled:
            raise OperationError(Code.INTERRUPTED, "cancelled")

    def cancel(self) -> None:
        """Stop what runs, unless it is too late for that; from the thread that listens."""
        with self._deciding:
            if self._final:
                return
            self.cancelled = True
            for interrupt in self._interrupts:
                interrupt()

    @contextmanager
    def interrupting(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Within, a cancellation also calls this."""
        with self._deciding:
            self.check()
            self._interrupts.append(interrupt)
        try:
            yield
        finally:
            with self._deciding:
                self._interrupts.remove(interrupt)

    def say(self, message: dict[str, object]) -> None:
        """Write a message; a parent that is gone cancels the operation."""
        line = encoded(message)
        try:
            with self._writing:
                while line:
                    line = line[os.write(self._output, line) :]
        except OSError:
            self.cancel()
