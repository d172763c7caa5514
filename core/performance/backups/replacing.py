"""Puts a backup in the place of a database that is damaged or gone, when a person says so."""

import asyncio
import time
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from core.database.alone import LOCK, alone
from core.database.fields.times import utc_now
from core.database.library import APPLICATION_ID
from core.errors import ConflictError, ExternalError, why_refused
from core.migrations.service import known_revisions
from core.paths import WorkspaceFolders
from core.performance.backups.folder import sweep, working_in
from core.performance.backups.making import checked_answer, told_of_room
from core.performance.backups.manifests import look, problem_words
from core.performance.backups.restoring import outcome_words
from core.performance.backups.schemas import Backup
from core.performance.backups.stages import Part
from core.performance.backups.verifying import Unpacked, unpacked, unusable
from core.performance.child.client import run_child
from core.performance.maintenance.records import Run, note_done
from core.performance.maintenance.schemas import Task
from core.performance.target import Target
from core.progress import Progress
from core.security.actors import Actor
from core.security.operations import Operation
from core.translation import _

_UNPACKED = 0.9


class _Replaced(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    refused: str = ""
    kept: bool = True
    paused: bool = False


class Replaced(NamedTuple):
    """A file that was replaced: where the damaged one lies now, and what to record of it.

    ``kept`` is None where there was none.
    """

    kept: Path | None
    run: Run


async def replace_damaged(
    path: Path,
    backup: Path,
    *,
    actor: Actor,
    progress: Progress,
    companion: Path | None = None,
) -> Replaced:
    """Replace a file that is damaged or gone by a backup of it, which is verified first.

    The damaged file is kept in the folder of the backups; one of another program beside
    itself, where no folder is made. Only for a file that nobody has open: whoever had would be
    left on the old one.

    Args:
        companion: That of a file of another program.

    Raises:
        ConflictError: Nothing is wrong with the file, so its content is to be restored
            instead; or somebody has it open; or the backup is no good, or not of it.
        AppError: It could not be done; the file is as it was.
    """
    folders = WorkspaceFolders(companion or path)
    room = path.parent if companion else folders.backups
    job = _("Replacing “{name}”").format(name=path.name)
    run = Run(Task.RESTORE, actor, backup.name)
    started = time.monotonic()
    try:
        await asyncio.to_thread(folders.create, folders.backups, folders.locks)
        async with alone(folders.locks / LOCK, job), working_in(folders, job):
            await asyncio.to_thread(sweep, folders.backups)
            kept, run.message = await _replace(path, backup, room, progress)
    except OSError as error:
        raise ExternalError(
            _("“{name}” was not replaced.").format(name=path.name),
            detail=why_refused(error),
            hint=_("Make room on the disk, or check the permissions of {folder}.").format(
                folder=path.parent
            ),
        ) from error
    run.duration_ms = round((time.monotonic() - started) * 1000)
    return Replaced(kept, run)


async def note_replaced(target: Target, replaced: Replaced) -> None:
    """Record in a file that was replaced, once it is open, as a restore is."""
    await note_done(target, replaced.run, Operation.BACKUPS_RESTORE)


async def _replace(
    path: Path, file: Path, room: Path, progress: Progress
) -> tuple[Path | None, str]:
    """Do it with a copy in the folder ``room``, on the disk of the file.

    Return where the damaged file lies now, and what to tell.
    """
    backup, manifest = await asyncio.to_thread(look, file)
    if manifest is None or backup.problem:
        raise unusable(backup)
    part = Part(progress, 0.0, _UNPACKED)
    async with unpacked(file, manifest, room, part) as (found, copy):
        _check(path, backup, found)
        stamp = utc_now().strftime("%Y%m%d-%H%M%S-%f")
        aside = room / f"{path.stem}-{stamp}.damaged"
        with told_of_room(room):
            answer = await run_child(
                "replace",
                path=path,
                progress=Part(progress, _UNPACKED, 1.0),
                source=str(copy),
                aside=str(aside),
                workspace=found.application_id == APPLICATION_ID,
                run=manifest.run,
            )
    replaced = checked_answer(_Replaced, answer)
    if replaced.refused:
        raise _refused(path, replaced.refused)
    kept = aside if replaced.kept else None
    managed = found.application_id == APPLICATION_ID
    return kept, outcome_words(backup, kept, paused=replaced.paused, managed=managed)


def _refused(path: Path, why: str) -> ConflictError:
    left = _("Others that have it open would be left on a file that is gone.")
    if why == "open":
        return ConflictError(
            _("“{name}” is open elsewhere.").format(name=path.name),
            detail=left,
            hint=_(
                "Nothing was changed. Close it in all windows and programs; then try again."
            ),
        )
    return ConflictError(
        _("“{name}” can be opened.").format(name=path.name),
        detail=left,
        hint=_("Nothing was changed. Open it, and restore the backup there."),
    )


def _check(path: Path, backup: Backup, found: Unpacked) -> None:
    problem = problem_words(found.problem) if found.problem else ""
    if not problem and backup.database != path.name:
        problem = _("It was made of “{database}”.").format(database=backup.database)
    if not problem and found.application_id == APPLICATION_ID:
        known = known_revisions()
        if found.revision not in known:
            problem = _("Its schema is {revision}; this version knows {newest}.").format(
                revision=found.revision[:100], newest=known[-1]
            )
    if problem:
        raise ConflictError(
            _("The backup “{name}” cannot be used.").format(name=backup.name),
            detail=problem,
            hint=_("Nothing was changed. Choose another backup."),
        )
