"""What the window measures of itself, and reports about every second."""

import math

from core.performance.metrics.schemas import Metric

OLD_AFTER_S = 3.0


class WindowReports:
    """Keeps the worst report of each second; what comes no more is not known any more."""

    def __init__(self) -> None:
        self._worst: dict[Metric, float] = {}
        self._last: dict[Metric, float] = {}
        self._at = -math.inf

    def note(self, *, lag_ms: float, gap_ms: float, now: float) -> None:
        """Take note of a report; ``now`` is in seconds that only grow."""
        for metric, value in ((Metric.WINDOW_LAG, lag_ms), (Metric.WINDOW_GAP, gap_ms)):
            self._worst[metric] = max(self._worst.get(metric, 0.0), value)
        self._at = now

    def take(self, now: float) -> dict[Metric, float]:
        """Return the worst since the last call, or what was said a moment ago."""
        if now - self._at > OLD_AFTER_S:
            return {}
        if self._worst:
            self._last, self._worst = self._worst, {}
        return dict(self._last)
