"""SIGINT and SIGTERM end the program in order, although Qt's loop runs no Python."""

import contextlib
import signal
import socket
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QSocketNotifier

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class SignalWatch:
    """Calls a function once when the process is asked to end.

    A second signal does what it does to any program: the way out when closing hangs.
    """

    def __init__(self, on_signal: Callable[[], None]) -> None:
        self._on_signal = on_signal
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._awake)
        self._old_descriptor = signal.set_wakeup_fd(
            self._writer.fileno(), warn_on_full_buffer=False
        )
        self._old = {one: signal.signal(one, self._note) for one in _SIGNALS}

    def close(self) -> None:
        """Put back what was there before."""
        self._restore_handlers()
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._old_descriptor)
        self._reader.close()
        self._writer.close()

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        """Do nothing: the byte on the socket wakes the loop."""

    def _awake(self) -> None:
        # Python runs its handlers here, where Qt calls into it.
        with contextlib.suppress(BlockingIOError):
            self._reader.recv(64)
        self._restore_handlers()
        self._on_signal()

    def _restore_handlers(self) -> None:
        while self._old:
            one, handler = self._old.popitem()
            signal.signal(one, handler)
