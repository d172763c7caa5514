"""Whether a file that is open still has its name: SQLite itself goes on with one that is gone.

What is written to a file without a name is lost once it is closed, and of two files in the
same place each connection would have one or the other.
"""

import ctypes
import os
import sys
from pathlib import Path

from core.errors import FileGoneError
from core.translation import _

# Of statx(2), which Python has no call for: linux/stat.h.
_HERE, _BORN, _BORN_AT, _STATX_BYTES = -100, 0x800, 80, 256
_NS = 1_000_000_000


class Presence:
    """Knows a file by its number on the disk, from when this was made on.

    Where there is none by then, as on a disk without numbers, it counts as there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number = self._born = 0
        try:
            self._number, self._born = path.stat().st_ino, born_ns(path)
        except OSError:
            return  # whoever opens it is told

    def check(self) -> None:
        """Let pass while the file is there; takes some microseconds.

        Raises:
            FileGoneError: It is not, or another one is in its place.
        """
        try:
            number = self._path.stat().st_ino
        except (FileNotFoundError, NotADirectoryError):
            if self._number:
                raise gone(self._path) from None
            return
        except OSError:
            return  # what cannot be asked is told by SQLite
        if number != self._number and self._number and not self._is_same():
            raise _replaced(self._path)

    def _is_same(self) -> bool:
        """Tell whether the disk only numbered it anew, as those with FAT do."""
        try:
            return bool(self._born) and born_ns(self._path) == self._born
        except OSError:
            return False


def gone(path: Path) -> FileGoneError:
    """Return the error of a file that is not there any more."""
    return FileGoneError(
        _("The file “{name}” is gone.").format(name=path.name),
        detail=_(
            "It was moved, renamed or deleted, or its disk was removed. It was {path}."
        ).format(path=path),
        hint=_(
            "Nothing is saved until it is back in its place: put it back, or connect its disk."
            " Or close it here, and open it where it is now."
        ),
        details={"path": str(path)},
    )


def _replaced(path: Path) -> FileGoneError:
    return FileGoneError(
        _("The file “{name}” was replaced by another one.").format(name=path.name),
        detail=_("What was open here is not in {path} any more.").format(path=path),
        hint=_("Nothing is saved into the other one. Close it here, and open it again."),
        details={"path": str(path)},
    )


def born_ns(path: Path) -> int:
    """Return when a file was made, in nanoseconds since 1970; 0 where nobody knows. Blocks.

    Raises:
        OSError: It is not there.
    """
    status = path.stat()
    if sys.platform == "win32" and sys.version_info < (3, 12):
        return status.st_ctime_ns
    born = getattr(status, "st_birthtime_ns", 0) or getattr(status, "st_birthtime", 0) * _NS
    return int(born) or _told_by_statx(path)


def _told_by_statx(path: Path) -> int:
    try:
        statx = ctypes.CDLL(None).statx
    except (OSError, AttributeError, TypeError):
        return 0  # no Linux, or one without this call
    found = ctypes.create_string_buffer(_STATX_BYTES)
    if statx(_HERE, os.fsencode(path), 0, _BORN, found) != 0:
        return 0

    def number(first: int, size: int) -> int:
        return int.from_bytes(found.raw[first : first + size], sys.byteorder)

    if not number(0, 4) & _BORN:
        return 0
    return number(_BORN_AT, 8) * _NS + number(_BORN_AT + 8, 4)
