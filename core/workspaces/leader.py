"""Which process leads: the one that runs the queue and takes in logs, one per workspace.

The lease is renewed every two seconds and runs out after six, so that another window takes
over within seconds when this process dies; on the same machine at once.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from core.completion import to_the_end
from core.database import leases
from core.database.database import Database
from core.database.holders import is_dead, own_name
from core.database.leases import Fence, LeaseLostError
from core.database.retrying import Idempotent, repeated
from core.database.unit_of_work import UnitOfWork
from core.errors import AppError
from core.events import EventBus
from core.workspaces.schemas import LeadershipChanged

NAME = "leader"
TTL_MS = 6_000
RENEW_S = 2.0
RETRY_S = 1.0
RELEASE_S = 1.0
FIRST_TRY_S = 0.5

_log = logging.getLogger(__name__)


class Leader:
    """Tries to lead, and works while it does.

    Args:
        work: Runs the duties of the leader under a fence until it is cancelled.
    """

    def __init__(
        self, database: Database, bus: EventBus, work: Callable[[Fence], Awaitable[None]]
    ) -> None:
        self._database = database
        self._bus = bus
        self._work = work
        self._task: asyncio.Task[None] | None = None
        self._fence: Fence | None = None
        self._refused = ""
        self._tried = asyncio.Event()
        self.holder = own_name()

    @property
    def leading(self) -> bool:
        """Whether this process leads."""
        return self._fence is not None

    async def start(self) -> None:
        """Try once now, then go on in the background; also where the database is locked."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FIRST_TRY_S):
                    await self._tried.wait()

    async def stop(self) -> None:
        """Stop the duties and let another process lead at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def current(self) -> str:
        """Return who leads, an empty text when nobody does."""
        async with self._database.read() as session:
            return await leases.holder(session, NAME)

    async def _run(self) -> None:
        while True:
            try:
                fence = await self._acquire()
                self._tried.set()
                if fence is not None:
                    await self._lead(fence)
            except Exception:
                _log.exception("Trying to lead failed")
            await asyncio.sleep(RETRY_S)

    async def _lead(self, fence: Fence) -> None:
        self._set(fence)
        duties = asyncio.ensure_future(self._work(fence))
        renewing = asyncio.ensure_future(self._renew(fence))
        try:
            await asyncio.wait({duties, renewing}, return_when=asyncio.FIRST_COMPLETED)
            for task in (duties, renewing):
                if task.done() and not task.cancelled():
                    self._log_end(task.exception())
        finally:
            for task in (duties, renewing):
                task.cancel()
            # Whoever stops this meanwhile must not cancel them once more: a connection that is
            # being closed would be left.
            await to_the_end(asyncio.gather(duties, renewing, return_exceptions=True))
            await to_the_end(self._release(fence))
            self._set(None)

    async def _renew(self, fence: Fence) -> None:
        async def renew(unit: UnitOfWork) -> None:
            if not await leases.renew(unit.session, fence, ttl_ms=TTL_MS):
                raise LeaseLostError(fence.name)

        while True:
            await asyncio.sleep(RENEW_S)
            await repeated(self._database, Idempotent(renew), patient=True)

    async def _acquire(self) -> Fence | None:
        try:
            holder = await self.current()
            if holder and not is_dead(holder):
                return None
            async with self._database.unit_of_work() as unit:
                fence = await leases.acquire(
                    unit.session, name=NAME, holder=self.holder, ttl_ms=TTL_MS, dead=holder
                )
                await unit.commit()
                self._refused = ""
                return fence
        except AppError as error:
            if error.title != self._refused:  # it is tried each second
                _log.info("Cannot lead now: %s", error.title)
            self._refused = error.title
            return None

    async def _release(self, fence: Fence) -> None:
        # A lock that another program holds must not keep this one from closing: the lease
        # runs out by itself.
        with contextlib.suppress(AppError):
            async with self._database.unit_of_work(wait_s=RELEASE_S) as unit:
                await leases.release(unit.session, fence)
                await unit.commit()

    def _set(self, fence: Fence | None) -> None:
        self._fence = fence
        self._bus.publish(LeadershipChanged(fence is not None))

    def _log_end(self, error: BaseException | None) -> None:
        if isinstance(error, LeaseLostError):
            _log.info("The lease went to another process")
        elif isinstance(error, AppError):
            _log.warning("Leading was interrupted: %s", error.as_text())
        elif error is not None:
            _log.error("Leading failed", exc_info=error)
