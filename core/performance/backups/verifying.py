"""Tells whether a backup is good: by its hash, and by restoring it into a temporary file."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from core.completion import although_cancelled
from core.database.fields.times import utc_now
from core.errors import ConflictError, ExternalError, why_refused
from core.files import name_beside
from core.paths import WorkspaceFolders
from core.performance.backups.making import checked_answer, told_of_room
from core.performance.backups.manifests import (
    Manifest,
    file_problem,
    look,
    problem_words,
    read_manifest,
    write_manifest,
)
from core.performance.backups.schemas import Backup
from core.performance.backups.stages import stage
from core.performance.child.client import run_child
from core.progress import Progress
from core.scratch import ScratchFolder, sweep
from core.translation import _

_TRIAL = ".check-"


class Unpacked(BaseModel):
    """What the child found in a backup; ``problem`` is a reason of ``problem_words``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    problem: str
    detail: str = ""
    application_id: int = 0
    page_size: int = 0
    revision: str = ""
    workspace: str = ""
    rows: Mapping[str, int] = {}


@asynccontextmanager
async def unpacked(
    file: Path, manifest: Manifest, folder: Path, progress: Progress
) -> AsyncIterator[tuple[Unpacked, Path]]:
    """Give what is in a backup, and a private copy of it that is gone afterwards.

    There is a copy only where no problem was found.

    Raises:
        AppError: It could not be read, or there is no room for the copy in the folder.
    """
    into = name_beside(folder / file.name)
    try:
        with told_of_room(folder):
            answer = await stage(
                run_child(
                    "unpack",
                    path=file,
                    progress=progress,
                    into=str(into),
                    sha256=manifest.sha256,
                    bytes=manifest.bytes,
                )
            )
        yield checked_answer(Unpacked, answer), into
    finally:
        await although_cancelled(asyncio.to_thread(_remove, into))


async def verify(backup: Backup, room: Path, progress: Progress, *, note: bool = True) -> str:
    """Try a backup, note what came out in its manifest, and return it in words.

    Args:
        room: The folder for the copy.
        note: Whether it is noted.

    Returns:
        What is wrong with it; empty where it is good.

    Raises:
        AppError: It could not be tried.
    """
    manifest = await _manifest(backup)
    async with unpacked(backup.path, manifest, room, progress) as (found, _copy):
        problem = found.problem
    if not problem and manifest.rows and dict(found.rows) != manifest.rows:
        problem = "rows"
    if note:
        await although_cancelled(asyncio.to_thread(_note, backup.path, manifest, problem))
    return " ".join(filter(None, (problem_words(problem), found.detail))) if problem else ""


async def verify_file(file: Path, progress: Progress) -> Backup | None:
    """Try a backup wherever it lies, and return it with its problem; None if it is none.

    Neither it nor the database that it is of is opened. What came out is noted beside it where
    its folder can be written; the copy is made in that folder, too, else among the temporary
    files. A file without a manifest that makes sense is none, but in a folder of backups.

    Raises:
        ConflictError: It lies among backups without such a manifest, or the file is missing.
        AppError: It could not be tried.
    """
    backup, manifest = await asyncio.to_thread(look, file)
    if manifest is None and file.parent.name != WorkspaceFolders(file).backups.name:
        return None
    note = os.access(file.parent, os.W_OK | os.X_OK)
    # In a folder of its own: whoever sweeps among backups must not take it for a remainder.
    place = file.parent if note else None
    await asyncio.to_thread(sweep, _TRIAL, place)
    with ScratchFolder(_TRIAL, place) as room:
        problem = await verify(backup, room.path, progress, note=note)
    backup, _manifest = await asyncio.to_thread(look, file)
    return replace(backup, problem=problem)


async def _manifest(backup: Backup) -> Manifest:
    """Return the manifest of a backup that can be tried, whatever is known against it.

    Raises:
        ConflictError: It has none, or there is no such file.
    """
    _again, manifest = await asyncio.to_thread(look, backup.path)
    problem = await asyncio.to_thread(file_problem, backup.path)
    if manifest is None or problem:
        raise unusable(backup)
    return manifest


def unusable(backup: Backup) -> ConflictError:
    """Return the refusal of a backup that has a problem."""
    return ConflictError(
        _("The backup “{name}” cannot be used.").format(name=backup.name),
        detail=backup.problem,
        hint=_("Nothing was changed. Choose another backup."),
    )


def _note(file: Path, manifest: Manifest, problem: str) -> None:
    try:
        # Only what was tried: another verification may have written meanwhile.
        now = read_manifest(file)
        if now is None or now.sha256 != manifest.sha256:
            return
        tried: dict[str, object] = {"refuted": problem}
        if not problem:
            tried["verified_at"] = utc_now()
        write_manifest(file, now.model_copy(update=tried))
    except (OSError, ValueError) as error:
        words = why_refused(error) if isinstance(error, OSError) else str(error)
        raise ExternalError(
            _("What came out could not be noted beside the backup."),
            detail=words,
            hint=_("The backup is as it was. Check the permissions of its folder."),
        ) from error


def _remove(copy: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        copy.with_name(copy.name + suffix).unlink(missing_ok=True)
