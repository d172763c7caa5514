"""Makes backups: in the maintenance child, of any file, whether it is open or not."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from core.completion import although_cancelled
from core.database.engine import mode_without_trace
from core.errors import ConflictError, DiskFullError, ExternalError, ReadOnlyError, why_refused
from core.files import name_beside
from core.paths import WorkspaceFolders
from core.performance.backups.folder import free_name, sweep, working_in
from core.performance.backups.manifests import look
from core.performance.backups.schemas import Backup, BackupOrigin
from core.performance.backups.stages import Part, stage
from core.performance.child.client import run_child
from core.progress import Progress
from core.translation import _

M = TypeVar("M", bound=BaseModel)

_BESIDE = ("-wal", "-shm", "-journal")


class Made(BaseModel):
    """What the child answers."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    refused: str = ""
    findings: tuple[str, ...] = ()


async def back_up(
    database: Path,
    folders: WorkspaceFolders,
    *,
    origin: BackupOrigin,
    revision: str = "",
    target: Path | None = None,
    mode: str | None = None,
    run: str = "",
    progress: Progress,
) -> tuple[Backup, tuple[str, ...]]:
    """Copy a database into a new file beside a manifest with its hash, or leave nothing.

    Other processes go on reading and writing meanwhile; the copy is one state.

    Args:
        database: The file to copy; it may be open.
        folders: Those of what keeps its backups, locks among them.
        revision: That of its schema, for the name.
        target: The file to make; else one in the folder of the backups.
        mode: That in which it is read; else one that leaves nothing beside it.
        run: The ``uid`` of the run that makes it.
        progress: Told how far it is; a cancellation stops it at once.

    Returns:
        The backup, and what rows have against the rules of their own tables.

    Raises:
        AppError: It could not be made, or another process makes one; nothing is left.
        OSError: A folder cannot be made or looked at.
    """
    await asyncio.to_thread(folders.create, folders.backups, folders.locks)
    async with working_in(folders, _("Making a backup")):
        file = await asyncio.to_thread(_place, database, folders, revision, target)
        arguments = copy_arguments(database, file, origin, run, mode)
        with told_of_room(file.parent):
            answer = await run_child("backup", path=database, progress=progress, **arguments)
    made = checked_answer(Made, answer)
    if made.refused:
        raise _exists(file)
    backup, _manifest = await although_cancelled(asyncio.to_thread(look, file))
    return backup, made.findings


async def back_up_before_upgrade(
    database: Path, revision: str, *, progress: Progress, share: float
) -> None:
    """Make a backup of a workspace that is not open yet, as ``back_up`` does.

    Args:
        revision: That of its schema.
        share: Which part of all the work this is, from its beginning.
    """
    await stage(
        back_up(
            database,
            WorkspaceFolders(database),
            origin=BackupOrigin.UPGRADE,
            revision=revision,
            progress=Part(progress, 0.0, share),
        )
    )


def copy_arguments(
    database: Path, file: Path, origin: BackupOrigin, run: str, mode: str | None = None
) -> dict[str, Any]:
    """Return what the child has to know to make this file."""
    return {
        "mode": mode or mode_without_trace(database),
        "target": str(file),
        "partial": str(name_beside(file)),
        "manifest": {"database": database.name, "origin": origin.value, "run": run},
    }


def checked_answer(model: type[M], answer: dict[str, Any]) -> M:
    """Return an answer of the child; a damaged file must not harm who asks."""
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        raise ExternalError(
            _("The maintenance process gave an answer that makes no sense."),
            detail=str(error),
            hint=_("The file may be damaged in an unusual way; check it, or restore a backup."),
        ) from error


@contextmanager
def told_of_room(folder: Path) -> Iterator[None]:
    """Say of which disk it is that a copy finds no room."""
    try:
        yield
    except DiskFullError as error:
        raise DiskFullError(
            _("There is not enough room for the copy."),
            detail=error.detail,
            hint=_(
                "The database is as it was, and nothing of the copy is left. Make room on the"
                " disk of {folder}, and try again."
            ).format(folder=folder),
        ) from error


def _place(
    database: Path, folders: WorkspaceFolders, revision: str, target: Path | None
) -> Path:
    """Return the file to make, in a folder that has no remains of it."""
    if target is None:
        sweep(folders.backups)
        return free_name(folders.backups, database.name, revision)
    target = target.expanduser().absolute()
    if target.name.endswith(_BESIDE):
        raise ConflictError(
            _("A backup cannot be called “{name}”.").format(name=target.name),
            detail=_(
                "SQLite takes it for a part of the database beside it, and may remove it."
            ),
            hint=_("Choose another name."),
        )
    if target.exists() or target.is_symlink():
        raise _exists(target)
    if not target.parent.is_dir():
        raise ConflictError(
            _("The folder “{folder}” does not exist.").format(folder=target.parent),
            hint=_("Choose another folder, or make this one first."),
        )
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise ReadOnlyError(
            _("“{name}” cannot be written.").format(name=target.name),
            detail=why_refused(PermissionError(13, ""), target.parent),
            hint=_("Choose another folder."),
        )
    sweep(target.parent, target.name)
    return target


def _exists(target: Path) -> ConflictError:
    return ConflictError(
        _("There is a file “{name}” already.").format(name=target.name),
        hint=_("It was left alone. Choose another name, or move that file away first."),
    )
