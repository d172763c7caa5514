"""Who must be alone on a database file: the lock of the operating system, with a name in it.

Others are kept out whether they are in this process or another; the lock dies with its
process. The file says who holds it, for whoever is refused.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from core.completion import to_the_end
from core.database.lock_holders import described, is_child_of, pids_locking
from core.errors import ConflictError
from core.file_lock import FileLockedError, locked
from core.paths import WorkspaceFolders
from core.translation import _

LOCK = "alone.lock"

_MOST_BYTES = 1_000


@asynccontextmanager
async def alone(lock: Path, job: str) -> AsyncIterator[None]:
    """Hold the lock while working alone on a file.

    Args:
        lock: Its file, ``LOCK`` in the folder for locks.
        job: What is done, in words: told to whoever is refused meanwhile.

    Raises:
        ConflictError: Somebody holds it; the words say who, and what for.
        OSError: The lock cannot be made.
    """
    holding = locked(lock, wait_s=0)
    taking = asyncio.ensure_future(asyncio.to_thread(holding.__enter__))
    try:
        descriptor = await to_the_end(taking)
    except asyncio.CancelledError:
        if not taking.cancelled() and taking.exception() is None:
            holding.__exit__(None, None, None)
        raise
    except FileLockedError as error:
        raise ConflictError(
            _("Another window is working on this database."),
            detail=await asyncio.to_thread(_who_holds, lock),
            hint=_("Wait until it is done, and try again."),
        ) from error
    try:
        _sign(descriptor, job)
        yield
    finally:
        holding.__exit__(None, None, None)


def _sign(descriptor: int, job: str) -> None:
    """Write who holds the lock, and what for, into its file."""
    os.ftruncate(descriptor, 0)
    text = f"{os.getpid()}\n{job}".encode("utf-8", "replace")
    os.write(descriptor, text[:_MOST_BYTES])


def job_of(lock: Path, pids: Collection[int]) -> str:
    """Return who else is alone on a file, and what for, if that is why these lock it.

    Args:
        pids: Processes that lock the database: the job's own process, or its child.
    """
    pid, job = _signature(lock)
    if pid in (0, os.getpid()) or not any(one == pid or is_child_of(one, pid) for one in pids):
        return ""
    return _told(pid, job)


def others_that_hold(path: Path) -> str:
    """Return which other processes have locked a database, and what for; blocks."""
    pids = pids_locking(path)
    if not pids:
        return _("Another program has locked the database.")
    job = job_of(WorkspaceFolders(path).locks / LOCK, pids)
    if job:
        return _("Another window is working on this database. {job}").format(job=job)
    names = ", ".join(sorted(map(described, pids)))
    return _("{programs} has locked the database.").format(programs=names)


def _who_holds(lock: Path) -> str:
    """Return what the file of the lock says; empty where it says nothing that makes sense."""
    pid, job = _signature(lock)
    return _told(pid, job) if pid else ""


def _told(pid: int, job: str) -> str:
    return _("{process}: {job}").format(process=described(pid), job=job)


def _signature(lock: Path) -> tuple[int, str]:
    try:
        with lock.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return 0, ""
    pid, _newline, job = text.partition("\n")
    if not (pid.isdecimal() and pid.isascii() and len(pid) < len("4294967296")):
        return 0, ""
    return int(pid), "".join(letter for letter in job if letter.isprintable())
