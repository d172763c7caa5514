"""The folder of the backups: what lies in it, names for new ones, and what was left over."""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from core.database.alone import alone
from core.database.fields.times import utc_now
from core.errors import NotFoundError
from core.paths import WorkspaceFolders, refuse_links
from core.performance.backups.manifests import SUFFIX, look, manifest_of
from core.performance.backups.schemas import Backup
from core.translation import _

LOCK = "backups.lock"
_ENDING = ".db"
_ENDINGS = (_ENDING, ".db3", ".sqlite", ".sqlite3")
_MOST = 2_000
_LONGEST_STEM = 100
_MOST_BYTES = 150  # a stamp, and the name while it is written, fit beside into 255

# As ``files.name_beside`` gives them, with what SQLite puts beside.
_PARTIAL = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{8}\.partial(-journal|-wal|-shm)?", re.DOTALL)

_log = logging.getLogger(__name__)


def backups_in(folders: WorkspaceFolders) -> tuple[Backup, ...]:
    """Return the backups of a database, the newest first; blocks.

    Raises:
        UnsafeFolderError: The folder is a link to somewhere else.
        OSError: It cannot be read.
    """
    refuse_links(folders.root, folders.backups)
    if not folders.backups.exists():
        return ()
    there = {one.name for one in folders.backups.iterdir() if not one.name.startswith(".")}
    names = {
        name for name in there if name.lower().endswith(_ENDINGS) or name + SUFFIX in there
    }
    found = [_seen(folders.backups / name) for name in sorted(names)]
    # A manifest whose file is gone; other files of that ending are no concern of ours.
    orphans = {one.removesuffix(SUFFIX) for one in there if one.endswith(SUFFIX)} - there
    for name in sorted(orphans):
        backup, manifest = look(folders.backups / name)
        if manifest is not None:
            found.append(backup)
    found.sort(key=lambda one: (one.made_at, one.name), reverse=True)
    return tuple(found[:_MOST])


def backups_of(database: Path) -> tuple[Backup, ...]:
    """Return the backups that lie in the folders of a database; blocks.

    Raises:
        UnsafeFolderError: The folder is a link to somewhere else.
    """
    try:
        return backups_in(WorkspaceFolders(database))
    except OSError as error:
        _log.info("The backups of %s cannot be looked at: %s", database, error)
        return ()


def _seen(file: Path) -> Backup:
    backup, _manifest = look(file)
    if file.name.isprintable():
        return backup
    # Nobody could tell what it is called, nor ask for it.
    shown = file.name.encode("unicode_escape").decode("ascii")
    return replace(
        backup, name=shown, problem=_("Its name holds characters that cannot be shown.")
    )


def backup_named(folders: WorkspaceFolders, name: str) -> Backup:
    """Return one of the backups in the folder; blocks.

    Raises:
        NotFoundError: There is none of that name.
        AppError: As ``backups_in``.
    """
    for backup in backups_in(folders):
        if backup.name == name and backup.path.name == name:
            return backup
    raise NotFoundError(
        _("There is no backup “{name}” (any more).").format(name=name[:200]),
        hint=_("It may have been removed meanwhile; look at the list again."),
    )


def remove(backup: Backup) -> None:
    """Remove a backup and its manifest; blocks.

    Raises:
        OSError: One of them could not be removed.
    """
    backup.path.unlink(missing_ok=True)
    manifest_of(backup.path).unlink(missing_ok=True)


def free_name(folder: Path, database: str, revision: str, at: datetime | None = None) -> Path:
    """Return a file that is no backup yet; two may begin in one second. Blocks.

    Args:
        database: The name of the file that is copied; one of the usual endings is kept.
        revision: That of its schema; empty where it has none.
    """
    stamp = (at or utc_now()).strftime("%Y%m%d-%H%M%S")
    stem, ending = Path(database).stem, Path(database).suffix
    if ending.lower() not in _ENDINGS:
        stem, ending = database, _ENDING
    name = "-".join(filter(None, (_listable(stem), revision, stamp)))
    ways = ("", *(f"-{number}" for number in range(2, 1_000)))
    files = (folder / f"{name}{way}{ending}" for way in ways)
    return next(file for file in files if not file.exists() and not manifest_of(file).exists())


def _listable(stem: str) -> str:
    """Return a stem with which a file is listed as a backup, and which is not too long."""
    shown = "".join(one if one.isprintable() else "_" for one in stem[:_LONGEST_STEM])
    shown = f"_{shown[1:]}" if shown.startswith(".") else shown
    return shown.encode()[:_MOST_BYTES].decode(errors="ignore")


@asynccontextmanager
async def working_in(folders: WorkspaceFolders, job: str) -> AsyncIterator[None]:
    """Keep others from making, trying or sweeping backups meanwhile.

    Raises:
        ConflictError: Somebody else is at it; the words say who.
        OSError: The lock cannot be made.
    """
    async with alone(folders.locks / LOCK, job):
        yield


def sweep(folder: Path, name: str = "") -> None:
    """Remove what processes left that were killed; nobody may be at work here. Blocks.

    Args:
        name: That of the one backup whose remains are meant; empty for all in the folder.
    """
    for partial in folder.iterdir():
        found = _PARTIAL.fullmatch(partial.name)
        if found is None or (name and found["name"].removesuffix(SUFFIX) != name):
            continue
        try:
            partial.unlink()
        except OSError as error:
            _log.warning("%s is left over: %s", partial, error)
