"""Puts a backup in the place of a database that cannot be opened, and records it there."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from core.errors import AppError
from core.paths import real
from core.performance.service import Replaced, note_replaced, replace_damaged
from core.progress import Progress
from core.security.actors import Actor, Origin
from core.workspaces.companions import of_others, write_identity
from core.workspaces.inspection import inspect
from core.workspaces.workspace import Workspace

Opened = Callable[[Path], AbstractAsyncContextManager[Workspace]]

_log = logging.getLogger(__name__)


async def replace(
    path: Path, backup: Path, companions: Path, progress: Progress, opened: Opened
) -> Path | None:
    """Replace a file, see ``WorkspaceService.replace_damaged``.

    Args:
        companions: The folder of what is kept of files of other programs.
        opened: Opens a file to do one thing.
    """
    path = await asyncio.to_thread(real, path)
    companion = await asyncio.to_thread(of_others, companions, path)
    # Nobody can sign in to a database that does not open: whoever can write the file may.
    actor = Actor.of_this_computer(Origin.DESKTOP)
    replaced = await replace_damaged(
        path, backup, actor=actor, progress=progress, companion=companion
    )
    if companion is not None:
        found = await asyncio.to_thread(inspect, path)
        await asyncio.to_thread(write_identity, companion, found.identity)
    await _note(path, replaced, opened)
    return replaced.kept


async def _note(path: Path, replaced: Replaced, opened: Opened) -> None:
    try:
        async with opened(path) as workspace:
            await note_replaced(workspace.performance.target, replaced)
    except AppError as error:
        # A workspace of an earlier version is upgraded only once that is asked for.
        _log.info("The restore of %s was not recorded: %s", path.name, error.as_text())
