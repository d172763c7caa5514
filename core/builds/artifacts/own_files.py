"""Files that must not even be opened: those that this process has open.

Closing any descriptor of a file drops the locks that the process has on it (POSIX): reading a
live database like any other file would leave it without its locks.
"""

import contextlib
import os
from pathlib import Path
from typing import Final

import psutil

_DESCRIPTORS: Final = Path("/proc/self/fd")
_COMPANIONS: Final = ("", "-wal", "-shm", "-journal")

Identity = tuple[int, int]
"""What tells files apart, whatever they are called: device and number on it."""


def identity(info: os.stat_result) -> Identity:
    """Return what tells this file apart."""
    return info.st_dev, info.st_ino


def open_here(database: Path) -> frozenset[Identity]:
    """Return the files that this process has open by now, and those of a database; blocks."""
    paths = [database.with_name(database.name + ending) for ending in _COMPANIONS]
    if _DESCRIPTORS.is_dir():
        paths += list(_DESCRIPTORS.iterdir())
    else:
        with contextlib.suppress(psutil.Error):
            paths += [Path(opened.path) for opened in psutil.Process().open_files()]
    found = set()
    for path in paths:
        with contextlib.suppress(OSError):
            found.add(identity(path.stat()))
    return frozenset(found)
