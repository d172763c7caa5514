"""Looks at a file before it is opened, and refuses in words what cannot be opened.

Nothing is written, and the file is read through SQLite alone: a plain open and close of a
database that this process has open would drop its locks.
"""

import errno
import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.database.engine import connect_bare, file_uri, mode_without_trace
from core.database.failures import (
    BUSY,
    CANNOT_OPEN,
    CORRUPT,
    LOCKED,
    NOT_A_DATABASE,
    READ_ONLY,
    primary_code,
)
from core.database.library import APPLICATION_ID
from core.database.lock_holders import processes_locking
from core.errors import DatabaseDamagedError, DatabaseOpenError, why_refused
from core.migrations.service import known_revisions
from core.paths import is_text, is_there, real, shown
from core.translation import _
from core.workspaces.identity import Identity
from core.workspaces.schemas import WorkspaceKind

_TRIES = 8
# https://sqlite.org/src/file/src/os_unix.c: MAX_PATHNAME
_LONGEST_PATH = 512
_NETWORK = {
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre",
    "ncpfs", "fuse.sshfs", "fuse.glusterfs", "fuse.davfs", "davfs", "vboxsf", "prl_fs",
    "fuse.vmhgfs-fuse",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a file is, and how it may be opened.

    ``read_only`` says why nothing may be written, empty where it may; ``unwritable`` why not
    even when a person asks for it, which for a database that is not ours is less often.
    ``immutable`` says that SQLite must not look for a WAL, because it could make none, or
    could not remove it.
    ``revision`` is that of the schema, empty where it is not ours.
    """

    path: Path
    kind: WorkspaceKind
    uid: str
    read_only: str
    immutable: bool
    identity: Identity
    revision: str = ""
    unwritable: str = ""


def inspect(path: Path) -> Inspection:
    """Look at a file; blocks for at most about a second.

    Raises:
        DatabaseOpenError: It cannot be opened; the message says why and what to do.
    """
    resolved = _resolve(path)
    writable = os.access(resolved, os.W_OK) and os.access(resolved.parent, os.W_OK)
    unwritable = _why_read_only(resolved, writable=writable)
    immutable = _must_be_immutable(resolved)
    application_id, tables, revision, uid = _probe(resolved, immutable=immutable)
    identity = _identity(resolved, application_id, uid, tables)
    if application_id != APPLICATION_ID:
        text = _("It is not a Buildbench workspace, so it is opened for reading only.")
        kind, why = WorkspaceKind.PLAIN, unwritable or text
        return Inspection(resolved, kind, "", why, immutable, identity, unwritable=unwritable)
    _check_revision(resolved, tables, revision)
    kind = WorkspaceKind.MANAGED
    return Inspection(
        resolved, kind, uid, unwritable, immutable, identity, revision, unwritable
    )


def _resolve(path: Path) -> Path:
    try:
        resolved = real(path.expanduser(), strict=True)
        status = resolved.stat()
    except FileNotFoundError as error:
        raise _damaged(
            path,
            _("The file does not exist."),
            _("Choose another file, or make a new workspace."),
        ) from error
    except (OSError, RuntimeError) as error:
        raise _unreached(path, error) from error
    if not is_text(resolved):
        raise _refused(
            path,
            _("Its name, or that of a folder above, is no UTF-8 text: {path}").format(
                path=shown(resolved)
            ),
            _("Rename it, and open it again. It was not changed."),
        )
    if stat.S_ISDIR(status.st_mode):
        raise _refused(path, _("This is a folder."), _("Choose the database file inside it."))
    if not stat.S_ISREG(status.st_mode):
        raise _refused(path, _("This is not a regular file."), _("Choose a database file."))
    if status.st_size == 0:
        raise _damaged(
            path, _("The file is empty."), _("Make a new workspace, or restore a backup.")
        )
    if not os.access(resolved, os.R_OK):
        raise _refused(
            path, _("You may not read this file."), _("Ask its owner for permission.")
        )
    return resolved


def _identity(path: Path, application_id: int, uid: str, tables: set[str]) -> Identity:
    try:
        return Identity.of(path, application_id=application_id, uid=uid, tables=tables)
    except OSError as error:
        raise _unreached(path, error) from error


def _must_be_immutable(path: Path) -> bool:
    if not _has_room_for_journal(path):
        return True
    if not os.access(path.parent, os.W_OK):
        return _cannot_be_shared(path)
    # A log made by somebody who may not write the file would lock its owner out.
    beside = (path.with_name(path.name + suffix) for suffix in ("-wal", "-journal"))
    return not os.access(path, os.W_OK) and not any(map(is_there, beside))


def _cannot_be_shared(path: Path) -> bool:
    """Tell whether SQLite would have to make a log, even to read, where it can make none.

    Only then are locks and a log done without: somebody else may be writing all the time.
    """
    try:
        with closing(connect_bare(path, "ro")) as connection:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        # A write that was broken off cannot be taken back, either: that is told as such.
        journal = path.with_name(path.name + "-journal")
        return primary_code(error) in (CANNOT_OPEN, READ_ONLY) and not is_there(journal)
    return False


def _why_read_only(path: Path, *, writable: bool) -> str:
    if not writable:
        return _(
            "You may not write this file or its folder. Ask its owner for that, or open a copy"
            " in a folder of yours."
        )
    if not _has_room_for_journal(path):
        return _(
            "The name of the file is so long that SQLite has no room for “-journal” after it."
            " Give it a shorter one, and open it again."
        )
    if path.stat().st_nlink > 1:
        return _(
            "The file has more than one name (hard links), so writing is not safe. Remove the"
            " other names, or open a copy."
        )
    kind = _file_system(path)
    if kind in _NETWORK:
        return _(
            "The file lies on a network file system ({kind}), where locks are not reliable."
            " Open a copy on a disk of this computer."
        ).format(kind=kind)
    return ""


def _has_room_for_journal(path: Path) -> bool:
    try:
        path.with_name(path.name + "-journal").lstat()
    except OSError as error:
        return error.errno != errno.ENAMETOOLONG
    return True


def _file_system(path: Path) -> str:
    """Return the type of the file system that holds a path, by the longest mount point."""
    best, kind = -1, ""
    for partition in psutil.disk_partitions(all=True):
        mount = Path(partition.mountpoint)
        if path.is_relative_to(mount) and len(mount.parts) > best:
            best, kind = len(mount.parts), partition.fstype
    return kind


def _probe(path: Path, *, immutable: bool) -> tuple[int, set[str], str, str]:
    """Return application id, table names, revision and uid of a database."""
    for attempt in range(_TRIES):
        try:
            with closing(_connect(path, immutable=immutable)) as connection:
                return _read_header(connection)
        except sqlite3.Error as error:
            code = primary_code(error)
            if code in (BUSY, LOCKED) and attempt + 1 < _TRIES:
                continue
            raise _unreadable(path, code, error) from error
        except UnicodeDecodeError as error:  # the driver's message would hold a damaged name
            raise _unreadable(path, CORRUPT, error) from error
    raise AssertionError


def _connect(path: Path, *, immutable: bool) -> sqlite3.Connection:
    if not immutable:
        return connect_bare(path, mode_without_trace(path))
    return sqlite3.connect(file_uri(path, "ro") + "&immutable=1", uri=True)


def _read_header(connection: sqlite3.Connection) -> tuple[int, set[str], str, str]:
    # A name may be damaged as anything else.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA query_only=ON")
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    tables = {name for (name,) in rows}
    revision = uid = ""
    if application_id == APPLICATION_ID and "alembic_version" in tables:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        revision = str(found[0]) if found else ""
        if "workspace_settings" in tables:
            query = "SELECT value FROM workspace_settings WHERE name = 'uid'"
            found = connection.execute(query).fetchone()
            uid = str(found[0]) if found else ""
    return application_id, tables, revision, uid


def _check_revision(path: Path, tables: set[str], revision: str) -> None:
    known = known_revisions()
    if not revision:
        raise _damaged(
            path,
            _("It is marked as a Buildbench workspace but its schema is not complete."),
            _("Restore a backup, or make a new workspace."),
        )
    if revision not in known:
        raise _refused(
            path,
            _(
                "It was written by a newer version of Buildbench (schema {revision}; this one"
                " knows {newest})."
            ).format(revision=revision, newest=known[-1]),
            _("Install the newer version. The file was not changed."),
        )
    if "builds" not in tables:
        raise _damaged(path, _("Tables of its schema are missing."), _("Restore a backup."))


def _unreadable(path: Path, code: int, error: Exception) -> DatabaseOpenError:
    if code in (BUSY, LOCKED):
        names = ", ".join(processes_locking(path))
        text = _("{programs} has locked it.").format(programs=names) if names else ""
        return _refused(
            path,
            text or _("Another program has locked it."),
            _("Wait until the other program is done, or close it, and try again."),
        )
    if code == NOT_A_DATABASE:
        return _damaged(
            path,
            _("It is not a SQLite database, or it is encrypted."),
            _("Choose another file, or restore a backup. This one was not changed."),
        )
    if code == CORRUPT:
        return _damaged(
            path,
            _("The database is damaged: {error}").format(error=error),
            _("Restore a backup. The file was not changed."),
        )
    if code == READ_ONLY:
        # A journal that was left behind is rolled back by who may write, and that is not us.
        return _refused(
            path,
            _("The last write to it was broken off, and its journal lies beside it."),
            _(
                "Open it once with the program that it belongs to, which takes that write back."
                " The file was not changed."
            ),
        )
    if code == CANNOT_OPEN and len(os.fsencode(path)) > _LONGEST_PATH - len("-journal"):
        return _refused(
            path,
            _("Its path is longer than SQLite takes, which is {count} bytes.").format(
                count=_LONGEST_PATH
            ),
            _("Move it to a folder that is not as deep, and open it there."),
        )
    if code == CANNOT_OPEN:
        return _refused(
            path,
            _("SQLite cannot open it: {error}").format(error=error),
            _("Check the permissions of the file and its folder."),
        )
    return _refused(
        path,
        _("It cannot be read: {error}").format(error=error),
        _("Check that the disk works. The file was not changed."),
    )


def _unreached(path: Path, error: Exception) -> DatabaseOpenError:
    if isinstance(error, OSError):
        why = why_refused(error, shown(path))
    else:
        why = _("The file cannot be reached: {error}").format(error=error)
    return _refused(path, why, _("Check the path and your permissions."))


def _damaged(path: Path, detail: str, hint: str) -> DatabaseDamagedError:
    """Return the refusal of what a backup can take the place of."""
    details = {"path": shown(path)}
    return DatabaseDamagedError(_title(path), detail=detail, hint=hint, details=details)


def _refused(path: Path, detail: str, hint: str) -> DatabaseOpenError:
    details = {"path": shown(path)}
    return DatabaseOpenError(_title(path), detail=detail, hint=hint, details=details)


def _title(path: Path) -> str:
    return _("“{name}” cannot be opened.").format(name=shown(path.name))
