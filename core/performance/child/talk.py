"""The parent's side of the conversation with one maintenance child; it blocks, in a thread."""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.performance.child.process import Child
from core.performance.child.protocol import CANCEL, Code, Request, decoded, encoded
from core.performance.child.words import died, failure_of


@dataclass(frozen=True, slots=True)
class Told:
    """How far the child says it is; ``no_return`` that it completes from here on.

    ``figures`` are what it measured by now, not checked.
    """

    fraction: float | None
    phase: str
    no_return: bool
    figures: object = None


class CancelledInChildError(Exception):
    """The child stopped because it was asked to."""


class Talk:
    """One request to one child, from its start to its end.

    Args:
        start: Called in the thread of the conversation; gives the child.
        hear: Called there too, with what the child tells.
    """

    def __init__(
        self, request: Request, start: Callable[[], Child], hear: Callable[[Told], None]
    ) -> None:
        self._start = start
        self._request = request
        self._file = Path(request.path)
        self._hear = hear
        self._turn = threading.Lock()
        self._child: Child | None = None
        self._cancelled = False
        self.no_return = False

    def run(self) -> dict[str, Any]:
        """Start the child and return its result; blocks to its end.

        Raises:
            CancelledInChildError: It was cancelled.
            AppError: It failed, or died.
        """
        with contextlib.closing(self._start()) as child:
            try:
                last = self._converse(child)
            finally:
                with self._turn:
                    self._child = None
                code = child.end()
            return self._result(last, code, child)

    def cancel(self) -> None:
        """Ask the child to stop; from any thread."""
        with self._turn:
            self._cancelled = True
            if self._child is not None:
                self._child.write(CANCEL)

    def kill(self) -> None:
        """End the child at once; from any thread."""
        with self._turn:
            if self._child is not None:
                self._child.kill()

    def _converse(self, child: Child) -> dict[str, Any]:
        """Ask, listen, and return the last message, empty where it is none."""
        child.write(encoded(self._request._asdict()))
        with self._turn:
            self._child = child
            if self._cancelled:
                child.write(CANCEL)
        while line := child.readline():
            try:
                message = decoded(line)
            except ValueError:
                child.kill()  # it may wait for somebody to read the rest
                return {}
            if "result" in message or "error" in message:
                return message
            self._take(message)
        return {}

    def _take(self, message: dict[str, Any]) -> None:
        fraction, phase = message.get("progress"), message.get("phase")
        if "no_return" in message:
            self.no_return, phase = True, message["no_return"]
        known = isinstance(fraction, int | float) and 0 <= fraction <= 1
        self._hear(
            Told(
                float(fraction) if known and fraction is not None else None,
                phase if isinstance(phase, str) else "",
                "no_return" in message,
                message.get("figures"),
            )
        )

    def _result(self, last: dict[str, Any], code: int, child: Child) -> dict[str, Any]:
        result, error = last.get("result"), last.get("error")
        if isinstance(result, dict):
            return result
        if self._cancelled and (not last or error):
            raise CancelledInChildError
        if isinstance(error, dict):
            extended = error.get("extended")
            raise failure_of(
                str(error.get("code", Code.OTHER)),
                str(error.get("message", "")),
                extended if isinstance(extended, int) else 0,
                self._file,
            )
        raise died(self._request.operation, self._file, code, child.errors())
