"""The process of one maintenance child, from its start to its end; it blocks, in a thread."""

import contextlib
import tempfile
import threading

from core.performance.child.protocol import LONGEST_LINE_BYTES
from core.performance.child.words import not_started
from core.priority import at_usual_priority
from core.processes import role_command
from core.starting import start_talking

_ENDS_WITHIN_S = 5.0
_TAIL_BYTES = 8 * 1024


class Child:
    """A process that waits for its request; it has opened nothing before it has one.

    Args:
        role: That of the child, see ``core.processes``.
        operation: What it will be asked for, so that it can load that meanwhile.

    Raises:
        AppError: It could not be started.
    """

    def __init__(self, role: str, operation: str) -> None:
        command = [*role_command(role), operation]
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
        try:
            self._process = at_usual_priority(
                lambda: start_talking(command, errors=self._errors)
            )
        except OSError as error:
            self._errors.close()
            raise not_started(error) from error

    def write(self, line: bytes) -> None:
        """Write to it; one that is gone is noticed where its answer is missing."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def readline(self) -> bytes:
        """Return the next line that it writes, or a part of one that is too long."""
        assert self._process.stdout is not None
        return self._process.stdout.readline(LONGEST_LINE_BYTES)

    def kill(self) -> None:
        """End it at once, if it has not ended; from any thread."""
        self._process.kill()

    def end(self) -> int:
        """Wait for the end of one that has answered, and return its exit code.

        One that does not end is killed.
        """
        self._hang_up()
        # A wait with a limit of its own would look for the end now and then only.
        overdue = threading.Timer(_ENDS_WITHIN_S, self.kill)
        overdue.start()
        try:
            return self._process.wait()
        finally:
            overdue.cancel()

    def errors(self) -> str:
        """Return the last of what it wrote about its own faults."""
        size = self._errors.seek(0, 2)
        self._errors.seek(max(size - _TAIL_BYTES, 0))
        return self._errors.read().decode("utf-8", "replace").strip()

    def close(self) -> None:
        """Leave nothing of it: one that still runs is killed. Again, it does nothing."""
        with self._process:
            self.kill()
            self._hang_up()
        self._errors.close()

    def _hang_up(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
