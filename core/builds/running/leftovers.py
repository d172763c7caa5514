"""Folders that builds left behind: a crash came between their end and the deletion."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.running.supervision import ENDED, living_supervisor, remove_folder
from core.builds.schemas import BuildState
from core.builds.tables import Build
from core.database.tables import table_of
from core.paths import UnsafeFolderError, WorkspaceFolders

_BUILD = table_of(Build)
_FINISHED = {state.value for state in BuildState if state.finished}
_AT_ONCE = 500

_log = logging.getLogger(__name__)


def names_left(folders: WorkspaceFolders) -> list[str]:
    """Return the names of all folders that may be those of builds; blocks."""
    return [entry.name for entry in folders.builds.iterdir() if _is_build(folders, entry.name)]


async def states_of(session: AsyncSession, names: Sequence[str]) -> dict[str, bool]:
    """Return of each of these builds that the database knows whether it is at its end."""
    found: dict[str, bool] = {}
    for start in range(0, len(names), _AT_ONCE):
        query = select(_BUILD.c.uid, _BUILD.c.state)
        query = query.where(_BUILD.c.uid.in_(names[start : start + _AT_ONCE]))
        for uid, state in await session.execute(query):
            found[uid] = state in _FINISHED
    return found


def remove(
    folders: WorkspaceFolders, names: Sequence[str], finished: Mapping[str, bool]
) -> None:
    """Delete the folders of builds that are at their ends, or that nobody knows; blocks.

    A build that the database does not know may still be looked after: then its folder stays.

    Args:
        finished: Whether each known build is at its end.
    """
    for name in names:
        folder = folders.builds / name
        try:
            if _is_left(folder, finished.get(name)):
                remove_folder(folder)
        except (OSError, UnsafeFolderError) as error:
            _log.warning("The folder of the ended build %s stays: %s", name, error)


def _is_left(folder: Path, finished: bool | None) -> bool:
    if finished is None and folder.suffix != ENDED:
        return living_supervisor(folder) is None
    return finished is not False


def _is_build(folders: WorkspaceFolders, name: str) -> bool:
    uid = name.partition(".")[0] if name.endswith(ENDED) else name
    try:
        folders.build(uid)
    except UnsafeFolderError:
        return False
    return True
