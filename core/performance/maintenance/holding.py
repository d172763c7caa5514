"""Works alone on the file of a target: no other process maintains or upgrades it then."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from core.database.alone import LOCK, alone
from core.errors import DatabaseError, why_refused
from core.paths import shown
from core.performance.maintenance.liveness import alive
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
    async with _begun(target, lambda: alone(target.folders.locks / LOCK, job)):
        yield


@asynccontextmanager
async def at_work(target: Target, uid: str, *folders: Path) -> AsyncIterator[None]:
    """Be seen as at work by ``is_alive``.

    Args:
        folders: Those of the target that are made where they are missing.

    Raises:
        DatabaseError: The lock or a folder cannot be made.
    """
    async with _begun(target, lambda: alive(target.folders.locks, uid), *folders):
        yield


@asynccontextmanager
async def _begun(
    target: Target,
    hold: Callable[[], AbstractAsyncContextManager[None]],
    *folders: Path,
) -> AsyncIterator[None]:
    locks = target.folders.locks
    try:
        await asyncio.to_thread(target.folders.create, locks, *folders)
        holding = hold()
        await holding.__aenter__()
    except OSError as error:
        raise DatabaseError(
            _("“{name}” was left alone: its lock cannot be made.").format(name=target.name),
            detail=why_refused(error),
            hint=_("Make room on the disk, or check the permissions of {folder}.").format(
                folder=shown(target.folders.root)
            ),
        ) from error
    try:
        yield
    finally:
        await holding.__aexit__(None, None, None)
