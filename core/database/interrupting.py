"""Connections whose running statement stops when whoever awaits it is cancelled.

Without it a cancelled read goes on to its end in its thread, and whoever cancelled it waits:
the connection is closed behind the statement.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from typing import Any

from core.completion import to_the_end
from core.database.driver import WholeConnection

_AGAIN_S = 0.02


class InterruptibleConnection(WholeConnection):
    """A driver connection that may stop what is cancelled.

    Attributes:
        interrupts: Whether it does now; else a cancelled statement goes on to its end.
    """

    def __init__(self, database: str, options: dict[str, Any], *, interrupts: bool) -> None:
        super().__init__(database, options)
        self.interrupts = interrupts

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return await super()._execute(fn, *args, **kwargs)
        except asyncio.CancelledError:
            if self.interrupts:
                await to_the_end(self._until_idle())
            raise

    async def _until_idle(self) -> None:
        """Interrupt until the thread is at what is queued behind the statement.

        More than once: an interrupt before the statement has begun does nothing.
        """
        if self._connection is None:
            return
        idle = asyncio.ensure_future(super()._execute(_nothing))
        while not idle.done():
            with contextlib.suppress(sqlite3.ProgrammingError):  # it is closed meanwhile
                self._connection.interrupt()
            await asyncio.wait({idle}, timeout=_AGAIN_S)


def connect(database: str, **options: Any) -> InterruptibleConnection:
    """Return a connection that is opened when it is awaited; for an engine that reads."""
    return InterruptibleConnection(database, options, interrupts=True)


def connect_to_write(database: str, **options: Any) -> InterruptibleConnection:
    """Return one that stops its statements only when it is told to, as by a time limit."""
    return InterruptibleConnection(database, options, interrupts=False)


def _nothing() -> None:
    """Be at the end of the queue."""
