"""Takes the figures of an open database every second and stores them each minute."""

import asyncio
import logging
from collections.abc import Callable

from core.completion import end_logged
from core.database.leases import Fence
from core.performance.metrics.recorder import Recorder
from core.performance.metrics.ring import Ring, Sample
from core.performance.metrics.sampler import Clocks, Sampler
from core.performance.target import Target

_log = logging.getLogger(__name__)


class Measuring:
    """What goes on beside the services, from when a database is opened until it is closed.

    Args:
        on_sample: Called with each sample, and with how often the database did not answer
            within the last minute.
    """

    def __init__(
        self,
        target: Target,
        on_sample: Callable[[Sample, int], None] = lambda _sample, _failures: None,
        clocks: Clocks | None = None,
    ) -> None:
        self.sampler = Sampler(target, self._sampled, clocks)
        self.recorder = Recorder(target, self.sampler.clocks)
        self._target = target
        self._on_sample = on_sample
        self._storing: asyncio.Task[None] | None = None

    @property
    def ring(self) -> Ring:
        """The last ten minutes."""
        return self.sampler.ring

    @property
    def clocks(self) -> Clocks:
        """The clocks by which it is measured."""
        return self.sampler.clocks

    def start(self) -> None:
        """Take samples from now on; of a file that is not ours, store them, too."""
        self.sampler.start()
        if self._target.keeper is not None:
            self._storing = asyncio.create_task(self.recorder.keep_stored())
            ended = end_logged(_log, "The figures are not stored any more")
            self._storing.add_done_callback(ended)

    async def stop(self) -> None:
        """Stop all of it."""
        await self.sampler.stop()
        if self._storing is not None:
            self._storing.cancel()
            await asyncio.gather(self._storing, return_exceptions=True)
            self._storing = None

    async def keep_stored(self, fence: Fence) -> None:
        """Store the figures as the leader of a workspace, until cancelled."""
        await self.recorder.keep_stored(fence)

    def look(self) -> None:
        """Take note that somebody looks at the figures: from now on they are worth keeping."""
        self.sampler.looked_at = self.recorder.wanted = True

    def note_window(self, *, lag_ms: float, gap_ms: float) -> None:
        """Take note of what the window measured of itself."""
        self.sampler.note_window(lag_ms=lag_ms, gap_ms=gap_ms)

    def _sampled(self, sample: Sample) -> None:
        self.recorder.add(sample)
        self._on_sample(sample, self.sampler.failures)
