"""Takes the figures of an open database every second."""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from core.performance.metrics.engine import EngineWatch
from core.performance.metrics.lag import LoopLag
from core.performance.metrics.looking import Looks
from core.performance.metrics.ring import Ring, Sample
from core.performance.metrics.schemas import Metric, MetricsSampled
from core.performance.metrics.system import SystemWatch
from core.performance.metrics.window import WindowReports
from core.performance.target import Target

FAILURES_WITHIN_S = 60.0
_NEXT_AT_LEAST_S = 0.05

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The time of day in seconds since 1970, which may be set, and seconds that only grow."""

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic


class Sampler:
    """Keeps ten minutes of figures in memory, and tells each as ``MetricsSampled``.

    Args:
        on_sample: Called with each sample.
    """

    def __init__(
        self,
        target: Target,
        on_sample: Callable[[Sample], None] = lambda _sample: None,
        clocks: Clocks | None = None,
    ) -> None:
        self.ring = Ring()
        self.clocks = clocks or Clocks()
        # A file that is not ours is asked for nothing until somebody looks at its figures.
        self.looked_at = target.keeper is None
        self._target = target
        self._on_sample = on_sample
        self._system = SystemWatch(target.path)
        self._engine = EngineWatch(target)
        self._window = WindowReports()
        self._lag = LoopLag()
        self._looks = Looks(target, wanted=lambda: self.looked_at, failed=self._note_failure)
        self._failures: deque[float] = deque(maxlen=1_000)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def failures(self) -> int:
        """How often the database did not answer in the last minute."""
        since = self.clocks.monotonic() - FAILURES_WITHIN_S
        return sum(at >= since for at in self._failures)

    def start(self) -> None:
        """Take samples until stopped."""
        self._lag.start()
        self._tasks = [
            asyncio.create_task(self._run()),
            asyncio.create_task(self._looks.keep_looking()),
        ]

    async def stop(self) -> None:
        """Take no more."""
        self._lag.stop()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def note_window(self, *, lag_ms: float, gap_ms: float) -> None:
        """Take note of what the window measured of itself."""
        self._window.note(lag_ms=lag_ms, gap_ms=gap_ms, now=self.clocks.monotonic())

    async def sample(self) -> Sample:
        """Take the figures of now."""
        measured = await self._system.measure()
        if not measured.there:
            self._note_failure()
        values = {
            **measured.values,
            **self._engine.figures(self.clocks.monotonic()),
            **self._looks.found,
            **self._window.take(self.clocks.monotonic()),
            Metric.CORE_LAG: self._lag.take_ms(),
        }
        sample = Sample(
            self.clocks.wall(), values, measured.disk_total, self._engine.slowest_ms
        )
        self.ring.add(sample)
        self._on_sample(sample)
        self._target.bus.publish(MetricsSampled(self._target.path, sample.at, values))
        return sample

    async def _run(self) -> None:
        failed = False
        while True:
            await asyncio.sleep(self._until_next())
            try:
                await self.sample()
                failed = False
            except Exception:  # one bad second must not end all that come
                if not failed:
                    _log.exception("The figures of a second could not be taken")
                failed = True

    def _until_next(self) -> float:
        """Return how long it is to the middle of the next second.

        There a delay or a small correction of the clock neither skips a second nor takes one
        twice.
        """
        now = self.clocks.wall()
        return max(math.floor(now) + 1.5 - now, _NEXT_AT_LEAST_S)

    def _note_failure(self) -> None:
        self._failures.append(self.clocks.monotonic())
