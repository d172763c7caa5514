"""Work that is done again where the database was busy, and only where that does no harm.

A transaction that holds the write lock may still be refused at its commit, while another
program reads or recovers the file. Nothing was written then, so it can be done again. Other
errors would come again as well, and are told at once.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.database.database import Database
from core.database.failures import BUSY, primary_code
from core.database.leases import Fence
from core.database.unit_of_work import UnitOfWork
from core.errors import DatabaseBusyError

TIMES = 5
FIRST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 0.5

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Idempotent(Generic[T]):
    """Marks work that leaves the same behind, done once or several times.

    It writes with the unit of work that it is given, and nothing else: no files, no counters
    in memory. It does not commit.
    """

    work: Callable[[UnitOfWork], Awaitable[T]]


async def repeated(
    database: Database,
    idempotent: Idempotent[T],
    *,
    fence: Fence | None = None,
    patient: bool = False,
) -> T:
    """Do work in a unit of work and commit it; up to five times while the database is busy.

    Args:
        fence: A lease that must still be held.
        patient: Wait without limit for the write lock of other processes.

    Raises:
        DatabaseBusyError: It was busy each time, or the lock could not be had.
    """
    for pause_s in _pauses():
        try:
            return await _once(database, idempotent, fence, patient)
        except DatabaseBusyError as error:
            # Without that code others kept the lock, which was waited for long enough.
            if primary_code(error.__cause__ or error) != BUSY:
                raise
        database.transactions.retried += 1
        await asyncio.sleep(pause_s)
    return await _once(database, idempotent, fence, patient)


async def _once(
    database: Database, idempotent: Idempotent[T], fence: Fence | None, patient: bool
) -> T:
    async with database.unit_of_work(fence=fence, patient=patient) as unit:
        result = await idempotent.work(unit)
        await unit.commit()
        return result


def _pauses() -> list[float]:
    """Return how long to wait before each further time: at random, so that none keep step."""
    longest = (min(FIRST_PAUSE_S * 2**turn, LONGEST_PAUSE_S) for turn in range(1, TIMES))
    return [random.uniform(0, most) for most in longest]  # noqa: S311
