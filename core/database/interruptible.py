"""Statements that may take a while, and end at once when nobody waits for them any more."""

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable, Result
from sqlalchemy.ext.asyncio import AsyncSession

from core.completion import to_the_end

_LOOK_EVERY_S = 0.01


async def interruptible(
    session: AsyncSession, statement: Executable, parameters: Mapping[str, Any] | None = None
) -> Result[*tuple[Any, ...]]:
    """Run a statement that reads; a cancellation interrupts it in the database.

    Without this the thread of the connection would go on to the end of the statement, and
    whoever cancelled would wait for that.
    """
    raw = await (await session.connection()).get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None
    running = asyncio.ensure_future(session.execute(statement, parameters))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await to_the_end(_interrupt(driver, running))
        raise


async def _interrupt(driver: Any, running: asyncio.Future[Any]) -> None:
    # Again and again: an interrupt before the statement has begun does nothing.
    while not running.done():
        await driver.interrupt()
        await asyncio.wait([running], timeout=_LOOK_EVERY_S)
    await asyncio.gather(running, return_exceptions=True)
