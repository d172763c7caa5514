"""A lock between processes that dies with its holder: the operating system's, on a file."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_EVERY_S = 0.01
_WHERE_THERE_ARE = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


class FileLockedError(OSError):
    """Somebody else held the lock for longer than one may wait."""


@contextmanager
def locked(path: Path, *, wait_s: float) -> Iterator[int]:
    """Hold the lock on a file, which is made where it is missing and stays; blocks.

    It keeps out other processes and other threads alike, the own thread included. A link in
    the place of the file is not followed: the folder may have come from elsewhere.

    Args:
        wait_s: How long to wait for it.

    Yields:
        The descriptor of the file, open for writing at its end.

    Raises:
        FileLockedError: Somebody else kept it.
        OSError: The file cannot be made.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | _WHERE_THERE_ARE
    descriptor = os.open(path, flags, 0o600)
    try:
        _wait(descriptor, path, time.monotonic() + wait_s)
        yield descriptor
    finally:
        os.close(descriptor)  # lets go of the lock


def _wait(descriptor: int, path: Path, until: float) -> None:
    while not _taken(descriptor):
        if time.monotonic() >= until:
            raise FileLockedError(f"{path} is locked")
        time.sleep(_EVERY_S)


if sys.platform == "win32":
    import msvcrt

    # Beyond the end of the file, where nobody reads or writes.
    _PLACE = 2**30

    def _taken(descriptor: int) -> bool:
        os.lseek(descriptor, _PLACE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _taken(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
