"""Notices when nobody uses the window any more."""

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QWindow

_CHECK_S = 5.0
_TELL_S = 30.0
_INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.InputMethod,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TabletPress,
        QEvent.Type.TabletMove,
        QEvent.Type.DragEnter,
        QEvent.Type.Drop,
    }
)


def seconds_awake_or_not() -> float:
    """Return seconds that also pass while the computer sleeps, where the system has them."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class IdleWatch(QObject):
    """Tells when no input came for a while; what builds print is no input.

    Input is seen where the system hands it to a window, so each event is met once, and
    nothing else is slowed down. What comes too late, as after the computer slept, is not
    let through.

    Args:
        now: Returns seconds.

    Signals:
        idle: The limit has passed; once, until it is started again.
        used: Somebody is there; at most once in half a minute.
    """

    idle = Signal()
    used = Signal()

    def __init__(
        self, now: Callable[[], float] = seconds_awake_or_not, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._now = now
        self._limit: float | None = None
        self._last = self._told = 0.0
        self._windows: list[QWindow] = []
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.check)
        QGuiApplication.instance().focusWindowChanged.connect(self._watch)  # type: ignore[union-attr]

    @property
    def running(self) -> bool:
        """Whether input is awaited."""
        return self._limit is not None

    def start(self, limit_s: float, window: QWindow | None) -> None:
        """Begin, or begin anew.

        Args:
            limit_s: After how many seconds without input; 0 for never.
            window: The main window as the system knows it; others are found by themselves.
        """
        self.stop()
        self._limit = limit_s if limit_s > 0 else math.inf
        self._last = self._told = self._now()
        for one in (window, QGuiApplication.focusWindow()):
            self._watch(one)
        self._timer.start(self._wait_ms())

    def stop(self) -> None:
        """Watch no more."""
        self._limit = None
        self._timer.stop()
        for window in self._windows:
            window.removeEventFilter(self)
            window.destroyed.disconnect(self._gone)
        self._windows.clear()

    def check(self) -> None:
        """Tell if the limit has passed; else look again later."""
        if self._limit is None:
            return
        if self._now() - self._last >= self._limit:
            self.stop()
            self.idle.emit()
        else:
            self._timer.start(self._wait_ms())

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Note input; swallow what comes after the limit has passed."""
        if self._limit is None or event.type() not in _INPUT:
            return False
        now = self._now()
        if now - self._last >= self._limit:
            self.check()
            return True
        self._last = now
        if now - self._told >= _TELL_S:
            self._told = now
            self.used.emit()
        return False

    def _watch(self, window: QWindow | None) -> None:
        if self.running and window is not None and window not in self._windows:
            window.installEventFilter(self)
            window.destroyed.connect(self._gone)
            self._windows.append(window)

    def _gone(self, window: QObject) -> None:
        self._windows = [one for one in self._windows if one is not window]

    def _wait_ms(self) -> int:
        left = (self._limit or 0) - (self._now() - self._last)
        return max(int(min(left, _CHECK_S) * 1000), 1)
