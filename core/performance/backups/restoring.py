"""Restores an open database: verified first, what is there kept, then replaced at once."""

import asyncio
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from sqlalchemy import text

from core.database.engine import writer_engine
from core.database.failures import told_in_words
from core.database.library import APPLICATION_ID
from core.errors import ConflictError
from core.migrations import service as migrations
from core.performance.backups.folder import free_name, sweep, working_in
from core.performance.backups.making import checked_answer, copy_arguments, told_of_room
from core.performance.backups.manifests import Manifest, look, problem_words
from core.performance.backups.schemas import Backup, BackupOrigin
from core.performance.backups.stages import Part, stage
from core.performance.backups.verifying import Unpacked, unpacked, unusable
from core.performance.child.client import run_child
from core.performance.maintenance.records import Run
from core.performance.target import Target
from core.progress import Progress
from core.settings import Durability
from core.translation import _

_UNPACKED, _UPGRADED = 0.35, 0.45
_UID = text("SELECT value FROM workspace_settings WHERE name = 'uid'")
_ACTIVE = text("SELECT count(*) FROM builds WHERE state IN ('running', 'cancelling')")


class _Restored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    refused: str = ""
    paused: bool = False


def job_words(path: Path) -> str:
    """Return what others are told that wait for a restore."""
    return _("Restoring “{name}”").format(name=path.name)


async def checked(target: Target, path: Path) -> tuple[Backup, Manifest]:
    """Return a backup of this database that nothing is known against.

    Raises:
        ConflictError: It is none, or builds run; the words say so.
    """
    backup, manifest = await asyncio.to_thread(look, path)
    if manifest is None or backup.problem:
        raise unusable(backup)
    if target.managed:
        await _check_idle(target)
        if manifest.workspace:  # earlier versions did not write it; the content tells later
            await _check_workspace(target, manifest.workspace, manifest.revision, backup)
    elif manifest.database != target.name and path.parent != target.folders.backups:
        raise ConflictError(
            _("“{name}” is a backup of another database.").format(name=backup.name),
            detail=_("It was made of “{database}”.").format(database=backup.database),
            hint=_("Nothing was changed. Open that database, or choose another backup."),
        )
    return backup, manifest


async def restore(
    target: Target, backup: Backup, manifest: Manifest, run: Run, progress: Progress
) -> None:
    """Replace the content; whoever has the database open sees the new one from then on.

    Raises:
        AppError: It could not be done; the content is as it was.
    """
    folders = target.folders
    async with working_in(folders, job_words(backup.path)):
        await asyncio.to_thread(sweep, folders.backups)
        part = Part(progress, 0.0, _UNPACKED)
        async with unpacked(backup.path, manifest, folders.backups, part) as (found, copy):
            if found.problem:
                raise ConflictError(
                    _("The backup “{name}” cannot be used.").format(name=backup.name),
                    detail=problem_words(found.problem),
                    hint=_("Nothing was changed. Choose another backup."),
                )
            upgraded = target.managed and await _fitted(target, backup, found, copy, progress)
            kept = await asyncio.to_thread(
                free_name, folders.backups, target.path.name, found.revision
            )
            part = Part(progress, _UPGRADED, 1.0)
            restored = await _replace(target, copy, kept, manifest.run, run.uid, part)
    run.message = outcome_words(
        backup, kept, paused=restored.paused, managed=target.managed, upgraded=upgraded
    )


async def _replace(
    target: Target, copy: Path, kept: Path, made_by: str, run: str, progress: Progress
) -> _Restored:
    with target.database.jobs.running(job_words(target.path)), told_of_room(kept.parent):
        answer = await run_child(
            "restore",
            path=target.path,
            progress=progress,
            source=str(copy),
            workspace=target.managed,
            run=made_by,
            present={
                **copy_arguments(target.path, kept, BackupOrigin.RESTORE, run, "ro"),
                "even_damaged": True,
            },
        )
    restored = checked_answer(_Restored, answer)
    if restored.refused == "building":
        raise _building()
    if restored.refused:
        raise ConflictError(
            _("There is a file “{name}” already.").format(name=kept.name),
            hint=_("Nothing was changed. Try again."),
        )
    return restored


async def _fitted(
    target: Target, backup: Backup, found: Unpacked, copy: Path, progress: Progress
) -> bool:
    """Make sure that a copy is of this workspace and of its schema; tell if it was upgraded."""
    uid = found.workspace if found.application_id == APPLICATION_ID else ""
    await _check_workspace(target, uid, found.revision, backup)
    if found.revision == migrations.known_revisions()[-1]:
        return False
    progress.report(_UNPACKED, _("Upgrading the schema"))
    await stage(_upgrade(copy))
    return True


async def _upgrade(copy: Path) -> None:
    engine = writer_engine(copy, Durability.FULL)
    try:
        with told_in_words(copy):
            await migrations.upgrade(engine)
    finally:
        await engine.dispose()


async def _check_workspace(target: Target, uid: str, revision: str, backup: Backup) -> None:
    async with target.database.read() as session:
        own = await session.scalar(_UID)
    if not uid or uid != str(own):
        raise ConflictError(
            _("“{name}” is not a backup of this workspace.").format(name=backup.name),
            detail=_("Its content belongs to another one, which is kept apart from this."),
            hint=_("Nothing was changed. Open that workspace, or choose another backup."),
        )
    known = migrations.known_revisions()
    if revision not in known:
        raise ConflictError(
            _("“{name}” was made by a newer version of Buildbench.").format(name=backup.name),
            detail=_("Its schema is {revision}; this version knows {newest}.").format(
                revision=revision[:100], newest=known[-1]
            ),
            hint=_("Nothing was changed. Install the newer version, and restore with that."),
        )


async def _check_idle(target: Target) -> None:
    async with target.database.read() as session:
        if await session.scalar(_ACTIVE):
            raise _building()


def _building() -> ConflictError:
    return ConflictError(
        _("Builds are running."),
        detail=_("What they print and find would go into a database that does not know them."),
        hint=_("Nothing was changed. Wait for their ends or cancel them, and restore then."),
    )


def outcome_words(
    backup: Backup, kept: Path | None, *, paused: bool, managed: bool, upgraded: bool = False
) -> str:
    """Return what a restore did.

    Args:
        kept: What was there before; None where nothing was.
    """
    words = [_("Restored from “{name}”.").format(name=backup.name)]
    if kept is not None:
        words.append(_("What was there before is kept as “{name}”.").format(name=kept.name))
    if upgraded:
        words.append(_("Its schema was of an earlier version and was upgraded."))
    if paused:
        words.append(_("Builds wait in its queue, which is paused until you let them begin."))
    if managed:
        words.append(_("Everybody who was signed in must sign in again."))
    return " ".join(words)
