"""Copies an open file while it is hashed; shared blocks where the file system has them."""

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.builds.artifacts.limits import BLOCK_BYTES

_CLONE: Final = 0x40049409  # FICLONE of linux/fs.h
_NEW: Final = (
    os.O_RDWR
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class TooLargeError(Exception):
    """The file has more bytes than may be kept of it."""


class ChangedError(Exception):
    """Somebody wrote the file while it was read: the copy would be of no moment at all."""


class StoppedError(Exception):
    """Whoever waits does not want to wait any more."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied: how many bytes, and their SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


def copy_open_file(
    source: int, target: Path, *, most_bytes: int, stopped: Callable[[], bool]
) -> Copied:
    """Copy into a new file that its owner alone can read; it is whole or not there.

    Args:
        source: The descriptor of a regular file, read from its beginning.
        most_bytes: How large it may be.
        stopped: Asked between blocks whether to give up.

    Raises:
        TooLargeError, ChangedError, StoppedError: It was not copied.
        OSError: It could not be read or written, as where the disk is full.
    """
    descriptor = os.open(target, _NEW, 0o600)
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            return _copy_unchanged(source, file.fileno(), most_bytes, stopped)
    except BaseException:
        with contextlib.suppress(OSError):
            target.unlink()
        raise


def sync(path: Path) -> None:
    """Make a file outlast a power cut; blocks.

    Raises:
        OSError: The disk did not take it.
    """
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy_unchanged(
    source: int, target: int, most_bytes: int, stopped: Callable[[], bool]
) -> Copied:
    before = os.fstat(source)
    if before.st_size > most_bytes:
        raise TooLargeError
    copied = _copy(source, target, most_bytes, stopped)
    after = os.fstat(source)
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    if copied.size != before.st_size or not same:
        raise ChangedError
    return copied


def _copy(source: int, target: int, most_bytes: int, stopped: Callable[[], bool]) -> Copied:
    if _clone(source, target):
        # What nobody else can write is hashed, not what somebody may be writing.
        return _read_all(target, None, most_bytes, stopped)
    return _read_all(source, target, most_bytes, stopped)


def _read_all(
    source: int, target: int | None, most_bytes: int, stopped: Callable[[], bool]
) -> Copied:
    os.lseek(source, 0, os.SEEK_SET)
    digest, size = hashlib.sha256(), 0
    while block := os.read(source, BLOCK_BYTES):
        if stopped():
            raise StoppedError
        size += len(block)
        if size > most_bytes:
            raise TooLargeError
        digest.update(block)
        if target is not None:
            _write_all(target, block)
    return Copied(size, digest.hexdigest())


def _write_all(target: int, block: bytes) -> None:
    left = memoryview(block)
    while left:
        left = left[os.write(target, left) :]


def _clone(source: int, target: int) -> bool:
    """Share the blocks of the source, where the file system can (Btrfs, XFS)."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.ioctl(target, _CLONE, source)
    except OSError:
        return False
    return True
