"""Works alone on the file of a target: no other process maintains or upgrades it then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.database.alone import LOCK, alone
from core.errors import DatabaseError
from core.performance.target import Target
from core.translation import _


@asynccontextmanager
async def alone_on(target: Target, job: str) -> AsyncIterator[None]:
    """Keep other windows from maintaining the same file meanwhile.

    Writers are not kept out by this. What keeps them out for long stands in
    ``target.database.jobs.running(job)``, so that those of this process wait for its end.

    Args:
        job: What is done, in words: told to whoever is refused meanwhile.

    Raises:
        ConflictError: Somebody else is at it; the words say who.
        DatabaseError: The lock cannot be made.
    """
    locks = target.folders.locks
    try:
        target.folders.create(locks)
        holding = alone(locks / LOCK, job)
        await holding.__aenter__()
    except OSError as error:
        raise DatabaseError(
            _("“{name}” was left alone: its lock cannot be made.").format(name=target.name),
            detail=str(error),
            hint=_("Make room on the disk, or check the permissions of {folder}.").format(
                folder=locks
            ),
        ) from error
    try:
        yield
    finally:
        await holding.__aexit__(None, None, None)
