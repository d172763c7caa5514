"""Many rows in several short transactions, so that others can write in between."""

from collections.abc import Awaitable, Callable

from core.completion import to_the_end
from core.database.database import Database
from core.database.leases import Fence
from core.database.unit_of_work import UnitOfWork

Batch = Callable[[UnitOfWork], Awaitable[int]]


async def in_batches(
    database: Database,
    batch: Batch,
    *,
    fence: Fence | None = None,
    patient: bool = False,
    tell: Callable[[int], None] | None = None,
) -> int:
    """Do a batch in a transaction of its own, again and again until it finds nothing to do.

    What was committed stays, whatever comes later. A cancellation waits for the end of the
    batch that runs, and for no lock.

    Args:
        batch: Does some of the work and returns how much; 0 where nothing is left. It does
            not commit.
        fence: A lease that must still be held.
        patient: Wait without limit for the write lock of other processes.
        tell: Told after each batch how much is done so far, also by one that was cancelled.

    Returns:
        How much was done in all.

    Raises:
        AppError: A batch failed; those before stay done.
    """
    done = 0

    async def some(unit: UnitOfWork) -> bool:
        nonlocal done
        count = await batch(unit)
        if count:
            await unit.commit()
            done += count
            if tell is not None:
                tell(done)
        return count > 0

    more = True
    while more:
        async with database.unit_of_work(fence=fence, patient=patient) as unit:
            more = await to_the_end(some(unit))
    return done
