"""Tells whether a run is still at work: it holds a lock that dies with its process."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.completion import to_the_end
from core.file_lock import FileLockedError, locked


@asynccontextmanager
async def alive(folder: Path, uid: str) -> AsyncIterator[None]:
    """Be seen as at work by ``is_alive`` of any process.

    Args:
        folder: Holds the locks; made where it is missing.

    Raises:
        OSError: The lock cannot be made.
    """
    lock = _lock(folder, uid)
    holding = locked(lock, wait_s=0)
    await to_the_end(asyncio.to_thread(holding.__enter__))
    try:
        yield
    finally:
        holding.__exit__(None, None, None)
        with contextlib.suppress(OSError):
            lock.unlink()


def is_alive(folder: Path, uid: str) -> bool:
    """Tell whether a run is at work; blocks.

    Args:
        uid: As the database has it, which may be anything.
    """
    try:
        lock = _lock(folder, uid)
        if not lock.exists():
            return False
        with locked(lock, wait_s=0):
            return False
    except FileLockedError:
        return True
    except (OSError, ValueError):
        return False


def _lock(folder: Path, uid: str) -> Path:
    return folder / f"run-{uuid.UUID(uid)}.lock"
