"""Collects cyclic garbage on the thread of the window alone.

Python collects on whatever thread happens to allocate. On the thread of the core it would
destroy widgets that lie in a cycle, and Qt crashes when a widget dies on another thread.
"""

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 500


class Collector(QObject):
    """Takes the place of Python's own collection while the application runs."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.collect_due)

    def start(self) -> None:
        """Turn Python's own collection off, and collect from time to time."""
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        """Collect once more, and turn Python's own collection on again."""
        self._timer.stop()
        gc.collect()
        gc.enable()

    def collect_due(self) -> int:
        """Collect the generations that are due by Python's thresholds; return how many went."""
        counts, limits = gc.get_count(), gc.get_threshold()
        if counts[0] <= limits[0]:
            return 0
        if counts[1] <= limits[1]:
            return gc.collect(0)
        return gc.collect(1 if counts[2] <= limits[2] else 2)
