"""What can go wrong and is told to the person: one hierarchy.

An ``AppError`` is a fault of the surroundings or of the input. It is shown in words, in
place, with a next step. Any other exception is a fault of ours: it is logged with its
traceback and shown as one dialog.
"""

import errno
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from pathlib import Path

from core.translation import _


class Category(StrEnum):
    """Which part of the world an error comes from."""

    VALIDATION = "validation"
    DATABASE = "database"
    AUTHENTICATION = "authentication"
    AUTHORIZATION = "authorization"
    BUSINESS_LOGIC = "business_logic"
    EXTERNAL_SERVICE = "external_service"
    SYSTEM = "system"


class Severity(IntEnum):
    """How bad it is; the value is the level of its log line."""

    LOW = logging.INFO
    MEDIUM = logging.WARNING
    HIGH = logging.ERROR
    CRITICAL = logging.CRITICAL


class AppError(Exception):
    """An error that a person is told about.

    Args:
        title: What happened, one sentence.
        detail: Why, in words; may be empty.
        hint: What to do next; may be empty.
        details: Values for the log, never secrets.
    """

    code = "error"
    category = Category.SYSTEM
    severity = Severity.MEDIUM

    def __init__(
        self,
        title: str,
        *,
        detail: str = "",
        hint: str = "",
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.hint = hint
        self.details = dict(details or {})
        self.time = datetime.now(UTC)

    def as_text(self) -> str:
        """Return title, detail and hint as a paragraph each, for copying."""
        return "\n\n".join(part for part in (self.title, self.detail, self.hint) if part)


class ValidationError(AppError):
    """Input that cannot be taken, with a message for each field.

    Args:
        fields: Field name to message; an empty name stands for the whole input.
    """

    code = "invalid"
    category = Category.VALIDATION
    severity = Severity.LOW

    def __init__(self, title: str, *, fields: Mapping[str, str], hint: str = "") -> None:
        super().__init__(title, detail="\n".join(fields.values()), hint=hint)
        self.fields = dict(fields)


class NotFoundError(AppError):
    """Something that was there is gone, or never was."""

    code = "not_found"
    category = Category.BUSINESS_LOGIC
    severity = Severity.LOW


class ConflictError(AppError):
    """Somebody else changed the same thing, or the state does not allow the action."""

    code = "conflict"
    category = Category.BUSINESS_LOGIC
    severity = Severity.LOW


class PermissionDeniedError(AppError):
    """The actor may not do this."""

    code = "not_allowed"
    category = Category.AUTHORIZATION


class DatabaseError(AppError):
    """The database did not do what was asked."""

    code = "database"
    category = Category.DATABASE
    severity = Severity.HIGH


class DatabaseBusyError(DatabaseError):
    """Another process holds the lock and the wait was given up."""

    code = "database_busy"
    severity = Severity.MEDIUM


class DatabaseOpenError(DatabaseError):
    """A file that cannot be opened as a database; the file was not changed."""

    code = "cannot_open"
    severity = Severity.LOW


class DatabaseDamagedError(DatabaseOpenError):
    """A file that holds no whole database, or is gone; a backup can take its place."""

    code = "damaged"


class UpgradeNeededError(DatabaseOpenError):
    """The schema of a workspace is older than the program; it can be upgraded."""

    code = "upgrade_needed"


class ReadOnlyError(DatabaseError):
    """A change was asked of a database that is open for reading."""

    code = "read_only"
    severity = Severity.LOW


class FileGoneError(DatabaseError):
    """The file of a database that is open is not in its place any more."""

    code = "file_gone"
    severity = Severity.MEDIUM


class DiskFullError(DatabaseError):
    """There is no room to write."""

    code = "disk_full"
    severity = Severity.HIGH


class ExternalError(AppError):
    """A program or service outside did not do its part."""

    code = "external"
    category = Category.EXTERNAL_SERVICE


class CancelledByUserError(AppError):
    """The person cancelled the work; nothing is wrong."""

    code = "cancelled"
    category = Category.BUSINESS_LOGIC
    severity = Severity.LOW


class KeyConsentNeededError(AppError):
    """Something is to be sealed, there is no keyring, and nobody agreed to a key file yet.

    Nothing was changed: what raised it can be done again once the person has chosen.

    Args:
        file: Where the key file would lie.
        why: Why the system's keyring cannot be used.
    """

    code = "key_consent"
    category = Category.SYSTEM
    severity = Severity.LOW

    def __init__(self, file: Path, *, why: str) -> None:
        super().__init__(
            _("Secrets need a key, and there is no place for it yet."),
            detail=_(
                "The system's keyring cannot be used. Instead the key can lie in a file,"
                " readable by your account on this computer alone: {file}. Whoever can read"
                " that file and a workspace can read the secrets in it."
            ).format(file=file),
            hint=_(
                "To agree, choose a key file in the settings (Keys); in scripts set the"
                " variable BUILDBENCH_KEY_STORAGE to “file”."
            ),
            details={"file": str(file)},
        )
        self.file = file
        self.why = why


def why_refused(error: Exception, path: Path | str = "") -> str:
    """Return the reason of a refusal as a sentence, with the file that it is about.

    Args:
        error: What the system raised; what another one says is given back as it is.
        path: The file, where the error names none or another one.
    """
    if not isinstance(error, OSError):
        return str(error)
    place = str(path or error.filename or "")
    told = _sentences().get(error.errno or 0)
    if told is None:
        words = error.strerror or str(error)
        return f"{place}: {words}" if place else words
    return told.format(path=place) if place else told.format(path=_("what was asked for"))


def _sentences() -> dict[int, str]:
    missing = _("There is no {path} (any more).")
    refused = _("You may not read or write {path}: its permissions do not allow it.")
    return {
        errno.ENOENT: missing,
        errno.EACCES: refused,
        errno.EPERM: refused,
        errno.ENOTDIR: _("A part of {path} is a file where a folder is needed."),
        errno.EISDIR: _("{path} is a folder, not a file."),
        errno.EROFS: _("{path} is on a disk that can only be read."),
        errno.ENOSPC: _("The disk is full: {path} has no room there."),
        errno.ENAMETOOLONG: _("The name is too long for this disk."),
        errno.ELOOP: _("{path} is a link that leads back to itself."),
    }
