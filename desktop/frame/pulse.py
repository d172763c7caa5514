"""How late the loop of the window is, and the longest time in which it took no event.

Both are read from one quick timer. What Qt tells of its loop is no measure of this: with GLib,
as on most Linux desktops, the events of a round are taken between "about to wait" and "awake".
"""

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal

EVERY_MS: Final = 20
"""Between two ticks; a pause is told up to this much too short."""
_REPORT_S: Final = 1.0


class Pulse(QObject):
    """Measures the thread of the window while it runs.

    Signals:
        measured: About every second, in milliseconds: how late its loop was on average (lag),
            and the longest time in which it took no event (gap).
    """

    measured = Signal(float, float)

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._last = self._reported = 0.0
        self._late_s = self._gap_s = 0.0
        self._ticks = 0

    @property
    def running(self) -> bool:
        """Whether it measures."""
        return self._timer.isActive()

    def start(self) -> None:
        """Measure from now on."""
        if not self.running:
            self._last = self._clock()
            self._begin(self._last)
            self._timer.start()

    def stop(self) -> None:
        """Measure no more."""
        self._timer.stop()

    def _begin(self, now: float) -> None:
        self._reported = now
        self._late_s = self._gap_s = 0.0
        self._ticks = 0

    def _tick(self) -> None:
        now = self._clock()
        late = max(now - self._last - EVERY_MS / 1000, 0.0)
        self._last = now
        self._ticks += 1
        self._late_s += late
        self._gap_s = max(self._gap_s, late)
        if now - self._reported >= _REPORT_S:
            self.measured.emit(self._late_s / self._ticks * 1000, self._gap_s * 1000)
            self._begin(now)
