"""Stores the figures each minute: one process does, for all windows of a database."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.completion import to_the_end
from core.database import leases
from core.database.holders import is_dead, own_name
from core.database.leases import Fence, LeaseLostError
from core.errors import AppError
from core.performance.metrics.repository import MetricsRepository
from core.performance.metrics.ring import Sample
from core.performance.metrics.rolling import Place, Tallies, Tally
from core.performance.metrics.sampler import Clocks
from core.performance.target import Target

EVERY_S = 60.0
REMOVE_EVERY_S = 3_600.0
# Nothing is removed before the clock has gone steadily for so long.
STEADY_FOR_S = 600.0
_JUMP_S = 60.0
_LEASE = "figures"
_LEASE_MS = 150_000
_CLOSING_WAIT_S = 1.0

_log = logging.getLogger(__name__)


class Recorder:
    """Adds up samples while this process is the one that stores, and stores them.

    The leader of a workspace stores its figures. Those of a file that is not ours are stored
    by whichever window holds a lease in its companion; and only if there is a companion
    already, or somebody looked at the figures: opening a file alone leaves nothing behind.
    """

    def __init__(self, target: Target, clocks: Clocks) -> None:
        self.wanted = target.keeper is None
        self._target = target
        self._clocks = clocks
        self._tallies = Tallies()
        self._recording = False
        self._failed = False
        self._holder = own_name()
        self._lease: Fence | None = None
        self._led: Fence | None = None
        self._ahead = clocks.wall() - clocks.monotonic()
        self._remove_at = clocks.monotonic() + STEADY_FOR_S

    def begin(self, fence: Fence | None = None) -> None:
        """Count from now on: what came before is for whoever stored then.

        Unless that was this process: the lease runs out while VACUUM keeps all from writing.
        """
        before, self._led = self._led, fence
        if fence is None or before is None or fence.token != before.token + 1:
            self._tallies.take()
        self._recording = True

    def add(self, sample: Sample) -> None:
        """Count a sample, if this process stores."""
        self._watch_clock()
        if self._recording:
            self._tallies.add(sample.at, sample.values)

    async def keep_stored(self, fence: Fence | None = None) -> None:
        """Store each minute until cancelled, and then once more what came since.

        Who stops within the first minute stores nothing.

        Args:
            fence: The lease of the leader; None for a file that has none.

        Raises:
            LeaseLostError: Another process leads now.
        """
        self.begin(fence)
        try:
            await asyncio.sleep(EVERY_S)
            await self._store_each_minute(fence)
        finally:
            self._recording = False

    async def _store_each_minute(self, fence: Fence | None) -> None:
        try:
            while True:
                await self.store(fence)
                await asyncio.sleep(EVERY_S)
        except asyncio.CancelledError:
            with contextlib.suppress(LeaseLostError):
                await to_the_end(self.store(fence, wait_s=_CLOSING_WAIT_S))
            await to_the_end(self._release())
            raise

    async def store(self, fence: Fence | None = None, *, wait_s: float | None = None) -> None:
        """Store what was counted; what cannot be is kept for the next time.

        Raises:
            LeaseLostError: Another process leads now.
        """
        if self.wanted or await self._target.has_records():
            # Committed and forgotten, or neither: else it would be added twice.
            await to_the_end(self._store(fence, wait_s))
        else:
            self._tallies.take()

    async def _store(self, fence: Fence | None, wait_s: float | None) -> None:
        taken = self._tallies.take()
        if not taken:
            return
        try:
            await self._write(taken, fence, wait_s)
            taken, self._failed = {}, False
        except AppError as error:
            if not self._failed:
                _log.warning("Figures cannot be stored for now: %s", error.as_text())
            self._failed = True
        finally:
            self._tallies.put_back(taken.items())

    async def _write(
        self, taken: Mapping[Place, Tally], fence: Fence | None, wait_s: float | None
    ) -> None:
        records = await self._target.records()
        async with records.unit_of_work(fence=fence, wait_s=wait_s) as unit:
            if fence is None and not await self._is_mine(unit.session):
                return  # another window stores them
            repository = MetricsRepository(unit.session)
            await repository.add(taken.items())
            if remove := self._clocks.monotonic() >= self._remove_at:
                await repository.remove_old(datetime.fromtimestamp(self._clocks.wall(), UTC))
            await unit.commit()
        if remove:
            self._remove_at = self._clocks.monotonic() + REMOVE_EVERY_S

    async def _is_mine(self, session: AsyncSession) -> bool:
        """Tell whether no other window stores the figures of this file, now and for a while."""
        own = self._lease
        if own is None or not await leases.renew(session, own, ttl_ms=_LEASE_MS):
            holder = await leases.holder(session, _LEASE)
            self._lease = await leases.acquire(
                session,
                name=_LEASE,
                holder=self._holder,
                ttl_ms=_LEASE_MS,
                dead=holder if is_dead(holder) else "",
            )
        return self._lease is not None

    async def _release(self) -> None:
        """Let another window store at once, or this file when it is opened again."""
        own, self._lease = self._lease, None
        if own is None:
            return
        with contextlib.suppress(AppError):  # it runs out by itself
            records = await self._target.records()
            async with records.unit_of_work(wait_s=_CLOSING_WAIT_S) as unit:
                await leases.release(unit.session, own)
                await unit.commit()

    def _watch_clock(self) -> None:
        """Remove nothing by a clock that was just set: it may be wrong by years."""
        ahead = self._clocks.wall() - self._clocks.monotonic()
        if abs(ahead - self._ahead) > _JUMP_S:
            self._ahead = ahead
            self._remove_at = self._clocks.monotonic() + STEADY_FOR_S
