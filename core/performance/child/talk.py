"""The parent's side of the conversation with one maintenance child; it blocks, in a thread."""

import contextlib
import subprocess
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from core.performance.child.protocol import (
    CANCEL,
    LONGEST_LINE_BYTES,
    Code,
    Request,
    decoded,
    encoded,
)
from core.performance.child.words import died, failure_of, not_started
from core.priority import at_usual_priority
from core.processes import role_command
from core.starting import start_talking

_ENDS_WITHIN_S = 5.0
_TAIL_BYTES = 8 * 1024


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
    """One child, from its start to its end.

    Args:
        hear: Called in the thread of the conversation with what the child tells.
        role: That of the child, see ``core.processes``.
    """

    def __init__(
        self, request: Request, hear: Callable[[Told], None], role: str = "maintenance"
    ) -> None:
        self._role = role
        self._request = request
        self._file = Path(request.path)
        self._hear = hear
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._cancelled = False
        self.no_return = False

    def run(self) -> dict[str, Any]:
        """Start the child and return its result; blocks to its end.

        Raises:
            CancelledInChildError: It was cancelled.
            AppError: It failed, or died.
        """
        with tempfile.TemporaryFile() as errors:
            try:
                process = at_usual_priority(
                    lambda: start_talking(role_command(self._role), errors=errors)
                )
            except OSError as error:
                raise not_started(error) from error
            with process:
                try:
                    last = self._converse(process)
                finally:
                    self._end(process)
            return self._result(last, process.returncode, errors)

    def cancel(self) -> None:
        """Ask the child to stop; from any thread."""
        with self._turn:
            self._cancelled = True
            if self._process is not None:
                _write(self._process, CANCEL)

    def kill(self) -> None:
        """End the child at once; from any thread."""
        with self._turn:
            if self._process is not None:
                self._process.kill()

    def _converse(self, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        """Ask, listen, and return the last message, empty where it is none."""
        request = self._request
        _write(
            process,
            encoded(
                {
                    "operation": request.operation,
                    "path": request.path,
                    "arguments": request.arguments,
                }
            ),
        )
        with self._turn:
            self._process = process
            if self._cancelled:
                _write(process, CANCEL)
        assert process.stdout is not None
        while line := process.stdout.readline(LONGEST_LINE_BYTES):
            try:
                message = decoded(line)
            except ValueError:
                process.kill()  # it may wait for somebody to read the rest
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

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for the end of a child that has answered; one that does not end is killed."""
        with self._turn:
            self._process = None
            assert process.stdin is not None
            with contextlib.suppress(OSError):
                process.stdin.close()
        try:
            process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _result(self, last: dict[str, Any], code: int, errors: IO[bytes]) -> dict[str, Any]:
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
        raise died(self._request.operation, self._file, code, _tail(errors))


def _write(process: subprocess.Popen[bytes], line: bytes) -> None:
    """Write to the child; one that is gone is noticed where its answer is missing."""
    assert process.stdin is not None
    with contextlib.suppress(OSError, ValueError):
        process.stdin.write(line)
        process.stdin.flush()


def _tail(errors: IO[bytes]) -> str:
    size = errors.seek(0, 2)
    errors.seek(max(size - _TAIL_BYTES, 0))
    return errors.read().decode("utf-8", "replace").strip()
