"""How late the loop of the window is, and the longest time in which it took no event.

The first is read from a timer; the second from the loop itself, which tells when it begins to
work and when it waits again. Both cost next to nothing: four ticks and one report a second.
"""

import time
from typing import Final

from PySide6.QtCore import QAbstractEventDispatcher, QObject, Qt, QTimer, Signal

EVERY_MS: Final = 250
_TICKS: Final = 4


class Pulse(QObject):
    """Measures the thread of the window while it runs.

    Signals:
        measured: The most of both in the last second, in milliseconds: lag and gap.
    """

    measured = Signal(float, float)

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._dispatcher: QAbstractEventDispatcher | None = None
        self._expected = self._began = 0.0
        self._lag_s = self._gap_s = 0.0
        self._ticks, self._working = 0, False

    @property
    def running(self) -> bool:
        """Whether it measures."""
        return self._timer.isActive()

    def start(self) -> None:
        """Measure from now on."""
        if self.running:
            return
        self._dispatcher = QAbstractEventDispatcher.instance()
        if self._dispatcher is not None:
            self._dispatcher.awake.connect(self._begin)
            self._dispatcher.aboutToBlock.connect(self._end)
        self._began, self._working = time.monotonic(), True
        self._expected = self._began + EVERY_MS / 1000
        self._lag_s = self._gap_s = 0.0
        self._ticks = 0
        self._timer.start()

    def stop(self) -> None:
        """Measure no more."""
        self._timer.stop()
        if self._dispatcher is not None:
            self._dispatcher.awake.disconnect(self._begin)
            self._dispatcher.aboutToBlock.disconnect(self._end)
            self._dispatcher = None

    def _begin(self) -> None:
        # It does not wait between two rounds while there is more to do.
        self._note(time.monotonic())
        self._working = True

    def _end(self) -> None:
        self._note(time.monotonic())
        self._working = False

    def _note(self, now: float) -> None:
        """Take note of the round that ends now, where one was under way."""
        if self._working and now - self._began > self._gap_s:
            self._gap_s = now - self._began
        self._began = now

    def _tick(self) -> None:
        now = time.monotonic()
        self._lag_s = max(self._lag_s, now - self._expected)
        self._expected = now + EVERY_MS / 1000
        self._ticks += 1
        if self._ticks == _TICKS:
            # What runs at this moment has not ended, but lasts so long already. A wait for the
            # interpreter's lock comes before any of this is called: only the timer tells of it.
            lag = max(self._lag_s, 0.0)
            gap = max(self._gap_s, now - self._began, lag)
            self.measured.emit(lag * 1000, gap * 1000)
            self._lag_s = self._gap_s = 0.0
            self._ticks = 0
