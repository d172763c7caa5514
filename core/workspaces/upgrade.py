"""Brings the schema of an older workspace to this version: after a backup, all or nothing."""

import asyncio
from pathlib import Path

from core.completion import to_the_end
from core.database.alone import LOCK, alone
from core.database.engine import writer_engine
from core.database.failures import told_in_words
from core.errors import DatabaseOpenError, UpgradeNeededError, why_refused
from core.migrations import service as migrations
from core.paths import WorkspaceFolders
from core.performance.service import back_up_before_upgrade
from core.progress import Progress
from core.settings import Durability
from core.translation import _
from core.workspaces.inspection import Inspection, inspect

_COPIED = 0.8


def check_revision(found: Inspection) -> None:
    """Let a workspace pass whose schema is that of this version.

    Raises:
        UpgradeNeededError: It is older, and can be upgraded.
        DatabaseOpenError: It is older, and cannot be written.
    """
    if not _is_older(found):
        return
    detail = _detail(found)
    _check_writable(found, detail)
    raise UpgradeNeededError(
        _("“{name}” is of an earlier version of Buildbench.").format(name=found.path.name),
        detail=detail,
        hint=_("Upgrade it; a backup is made first, in {folder}.").format(
            folder=WorkspaceFolders(found.path).backups
        ),
        details={"path": str(found.path)},
    )


def _is_older(found: Inspection) -> bool:
    return bool(found.revision) and found.revision != migrations.known_revisions()[-1]


def _detail(found: Inspection) -> str:
    return _("Its schema is {revision}; this version of Buildbench needs {newest}.").format(
        revision=found.revision, newest=migrations.known_revisions()[-1]
    )


def _check_writable(found: Inspection, detail: str) -> None:
    if found.read_only:
        raise DatabaseOpenError(
            _("“{name}” is of an earlier version and cannot be upgraded.").format(
                name=found.path.name
            ),
            detail=f"{detail}\n{found.read_only}",
            hint=_("Copy it to a folder of yours and open the copy."),
        )


async def upgrade(found: Inspection, durability: Durability, progress: Progress) -> None:
    """Back a workspace up and bring its schema to the newest revision.

    What is no workspace, or has that revision by now, is left alone.

    Raises:
        AppError: It could not be done; the workspace is as it was.
    """
    if not _is_older(found):
        return
    _check_writable(found, _detail(found))
    folders = WorkspaceFolders(found.path)
    try:
        await asyncio.to_thread(folders.create, folders.backups, folders.locks)
        async with alone(folders.locks / LOCK, _("Upgrading the schema")):
            # Another window may have been quicker.
            found = await asyncio.to_thread(inspect, found.path)
            if not _is_older(found):
                return
            progress.report(0.0, _("Making a backup"))
            await back_up_before_upgrade(
                found.path, found.revision, progress=progress, share=_COPIED
            )
            progress.no_return(_("Upgrading the schema"))
            await to_the_end(_migrate(found.path, durability))
    except OSError as error:
        raise DatabaseOpenError(
            _("“{name}” was not upgraded.").format(name=found.path.name),
            detail=why_refused(error),
            hint=_("Make room on the disk, or check the permissions of {folder}.").format(
                folder=folders.root
            ),
        ) from error


async def _migrate(path: Path, durability: Durability) -> None:
    engine = writer_engine(path, durability)
    try:
        with told_in_words(path):
            await migrations.upgrade(engine)
    finally:
        await engine.dispose()
