"""Which file is meant on a terminal, where none is named, and opening it."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DatabaseOpenError
from core.paths import is_there
from core.translation import _
from core.workspaces.schemas import WorkspaceKind

if TYPE_CHECKING:
    from core.app import Core
    from core.workspaces.workspace import Workspace

_NEAR = 3


async def opened_last(core: "Core", option: str) -> Path:
    """Return the workspace that was opened last, the usual one where none ever was.

    Where its file is gone, no other one is taken in its place: nobody asked for that.

    Args:
        option: As ``opened`` has it.

    Raises:
        DatabaseOpenError: None was opened yet, and the usual one is not there.
    """
    recent = await core.workspaces.recent()
    own = [one.path for one in recent if one.kind is WorkspaceKind.MANAGED]
    usual = core.workspaces.default_path()
    if not own and not await asyncio.to_thread(is_there, usual):
        raise DatabaseOpenError(
            _("No workspace was opened yet that could be meant."), hint=_named(option)
        )
    return own[0] if own else usual


async def opened(core: "Core", path: Path, option: str, *, duties: bool = True) -> "Workspace":
    """Open a file.

    Args:
        option: How the file is named on the command line, for the hint.
        duties: As ``WorkspaceService.open`` has it.

    Raises:
        AppError: It is not there, or cannot be opened.
    """
    if not await asyncio.to_thread(is_there, path):
        raise DatabaseOpenError(
            _("There is no file {path}.").format(path=path),
            hint=await _known(core, path, option),
        )
    return await core.workspaces.open(path, duties=duties)


async def _known(core: "Core", path: Path, option: str) -> str:
    """Return which workspaces were opened before, as a hint."""
    recent = [str(one.path) for one in await core.workspaces.recent() if one.path != path]
    if not recent:
        return _named(option)
    return _("Name a file that is there: {option}. Opened before: {files}").format(
        option=option, files=", ".join(recent[:_NEAR])
    )


def _named(option: str) -> str:
    return _("Name a file that is there: {option}").format(option=option)
