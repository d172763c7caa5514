"""What went wrong in the maintenance child, in words and with a next step."""

import logging
import shutil
import tempfile
from pathlib import Path

from core.database.failures import LEAST_ROOM_BYTES
from core.database.lock_holders import processes_locking
from core.errors import (
    AppError,
    DatabaseBusyError,
    DatabaseError,
    DiskFullError,
    ExternalError,
    ReadOnlyError,
)
from core.performance.child.protocol import Code
from core.translation import _

_ROLLBACK = 776  # SQLITE_READONLY_ROLLBACK
_BROKEN_OFF = "broken_off"

_log = logging.getLogger(__name__)


def failure_of(code: str, message: str, extended: int, file: Path) -> AppError:
    """Return the error to tell a person, of what the child answered."""
    if code in (Code.IO, Code.CANNOT_OPEN) and _is_full(file.parent):
        code = Code.FULL
    if code == Code.FULL:
        return _full(file, message)
    if code == Code.BUSY:
        return still_busy(file)
    if code == Code.READ_ONLY and extended == _ROLLBACK:
        code = _BROKEN_OFF
    made, title, hint = _of_file(code)
    return made(title.format(name=file.name), detail=message, hint=hint)


def not_started(error: OSError) -> AppError:
    """Return the error of a child that could not be started at all."""
    return ExternalError(
        _("The maintenance process could not be started."),
        detail=str(error),
        hint=_("The database was not touched. Close other programs, and try again."),
    )


def died(operation: str, file: Path, code: int, errors: str) -> AppError:
    """Return the error of a child that ended without an answer, or answered nonsense."""
    _log.error("The maintenance child (%s) ended with %d: %s", operation, code, errors)
    if code < 0:
        detail = _("It was ended by signal {number}.").format(number=-code)
    else:
        detail = _("Its exit code was {code}.").format(code=code)
    return ExternalError(
        _("The maintenance process ended before it was done."),
        detail=detail,
        hint=_(
            "“{name}” is whole: SQLite takes back what is not complete. Look whether it was"
            " completed all the same, and try again if not; if it ends again, look into the"
            " log, and whether the machine is short of memory."
        ).format(name=file.name),
        details={"path": str(file), "operation": operation},
    )


def _full(file: Path, message: str) -> AppError:
    return DiskFullError(
        _("There is not enough room on the disk."),
        detail=message,
        hint=_(
            "“{name}” is as it was. Make room on the disks of {folder} and {temporary}, and try"
            " again."
        ).format(name=file.name, folder=file.parent, temporary=tempfile.gettempdir()),
    )


def still_busy(file: Path) -> DatabaseBusyError:
    """Return the error of a file that others keep locked for too long; blocks."""
    programs = ", ".join(processes_locking(file))
    return DatabaseBusyError(
        _("{programs} has locked the database.").format(programs=programs)
        if programs
        else _("Another program has locked the database."),
        detail=_("It was still at work on “{name}” when the time for waiting was over.").format(
            name=file.name
        ),
        hint=_("Wait until it is done, or close it, and try again."),
    )


def _of_file(code: str) -> tuple[type[AppError], str, str]:
    """Return the class, the title, in which ``{name}`` is that of the file, and the hint."""
    words: dict[str, tuple[type[AppError], str, str]] = {
        Code.READ_ONLY: (
            ReadOnlyError,
            _("The database cannot be written."),
            _("Check the permissions of the file and its folder."),
        ),
        _BROKEN_OFF: (
            DatabaseError,
            _("The last write to “{name}” was broken off."),
            _("Open it once with the program that it belongs to, which takes it back."),
        ),
        Code.CORRUPT: (
            DatabaseError,
            _("“{name}” is damaged."),
            _("Do not go on writing to it; restore a backup."),
        ),
        Code.NOT_A_DATABASE: (
            DatabaseError,
            _("“{name}” is not a SQLite database, or it is encrypted."),
            _("Choose another file. This one was not changed."),
        ),
        Code.CANNOT_OPEN: (
            DatabaseError,
            _("“{name}” cannot be opened."),
            _("Check that it is a file that is still there, and its permissions."),
        ),
        Code.IO: (
            DatabaseError,
            _("“{name}” could not be read or written."),
            _("Check that the disk is connected and works."),
        ),
    }
    other = (
        DatabaseError,
        _("SQLite cannot do this with “{name}”."),
        _("It may need an extension that Buildbench does not have. It is as it was."),
    )
    return words.get(code, other)


def _is_full(folder: Path) -> bool:
    """Tell whether a folder's disk is full: SQLite calls that an error of the disk at times."""
    try:
        return shutil.disk_usage(folder).free < LEAST_ROOM_BYTES
    except OSError:
        return False
