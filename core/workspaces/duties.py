"""What the leader does besides the queue: each duty goes on when another fails."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from core.completion import to_the_end
from core.database.leases import LeaseLostError

BEGIN_ANEW_S = 60.0

_log = logging.getLogger(__name__)

Duty = Callable[[], Awaitable[None]]


async def with_duties(work: Awaitable[None], duties: Sequence[Duty]) -> None:
    """Do the work, and the duties beside it until it ends."""
    others = [asyncio.create_task(_kept_up(duty)) for duty in duties]
    try:
        await work
    finally:
        for duty in others:
            duty.cancel()
        await to_the_end(asyncio.wait(others))


async def _kept_up(duty: Duty) -> None:
    """Begin a duty anew, after a pause, when a fault that nobody foresaw has ended it."""
    while True:
        try:
            await duty()
        except LeaseLostError:
            return
        except Exception:
            _log.exception("A duty of the leader failed and begins anew")
            await asyncio.sleep(BEGIN_ANEW_S)
        else:
            return
