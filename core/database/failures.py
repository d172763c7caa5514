"""What SQLite reports, in the words and classes of ``core.errors``."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from core.database.alone import others_that_hold
from core.database.fields.storing import DamagedValueError
from core.database.presence import gone
from core.errors import DatabaseBusyError, DatabaseError, DiskFullError, ReadOnlyError
from core.translation import _

BUSY, LOCKED, READ_ONLY, IO_ERROR, CORRUPT, FULL, CANNOT_OPEN, NOT_A_DATABASE = (
    5, 6, 8, 10, 11, 13, 14, 26,
)  # fmt: skip

# What the driver says, without a code, of bytes that are no UTF-8.
_NO_TEXT = "Could not decode to UTF-8"

# The index of the write-ahead log grows in steps of 32 KiB, the log itself in pages.
LEAST_ROOM_BYTES = 64 * 1024


def primary_code(error: BaseException) -> int:
    """Return SQLite's primary result code of an error, 0 where it has none."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", 0)
    return int(code) & 0xFF if code else 0


def is_busy(error: BaseException) -> bool:
    """Tell whether another connection holds the lock, so that trying again may help."""
    return primary_code(error) in (BUSY, LOCKED)


def as_app_error(error: BaseException, file: Path) -> DatabaseError | None:
    """Return the error to tell a person, or None where it is a fault of ours.

    Args:
        file: The database: SQLite calls a full disk an input or output error here and there.
    """
    code = primary_code(error)
    if code in (IO_ERROR, CANNOT_OPEN) and _is_full(file):
        code = FULL
    if code in (IO_ERROR, CANNOT_OPEN, READ_ONLY) and _is_gone(file):
        return gone(file)
    detail = str(getattr(error, "orig", error))
    if code in (BUSY, LOCKED):
        return DatabaseBusyError(
            others_that_hold(file),
            detail=_("“{name}” could not be read or written meanwhile.").format(name=file.name),
            hint=_("Wait until it is done, or close it, and try again."),
            details={"sqlite": detail},
        )
    if code == FULL:
        return DiskFullError(
            _("The disk is full, so nothing was saved."),
            detail=detail,
            hint=_("Make room on the disk that holds the workspace and try again."),
        )
    if code == READ_ONLY:
        return ReadOnlyError(
            _("The database cannot be written."),
            detail=detail,
            hint=_("Check the permissions of the file and its folder."),
        )
    if not code and _NO_TEXT in detail:
        return _damaged_value(detail)
    if code in (CORRUPT, NOT_A_DATABASE):
        return DatabaseError(
            _("The database file is damaged."),
            detail=detail,
            hint=_("Do not go on writing to it; restore a backup."),
        )
    if code in (IO_ERROR, CANNOT_OPEN):
        return DatabaseError(
            _("The database file could not be read or written."),
            detail=detail,
            hint=_("Check that the disk is connected and works."),
        )
    return None


def _damaged_value(detail: str) -> DatabaseError:
    return DatabaseError(
        _("The database holds something that Buildbench did not write."),
        detail=detail,
        hint=_("Another program may have changed it; restore a backup from before."),
    )


def _is_full(file: Path) -> bool:
    try:
        return shutil.disk_usage(file.parent).free < LEAST_ROOM_BYTES
    except OSError:
        return False


def _is_gone(file: Path) -> bool:
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


@contextmanager
def told_in_words(file: Path) -> Iterator[None]:
    """Turn what the driver raises inside into an ``AppError``, where it is one."""
    try:
        yield
    except DamagedValueError as error:
        raise _damaged_value(str(error)) from error
    except DBAPIError as error:
        told = as_app_error(error, file)
        if told is None:
            raise
        raise told from error
