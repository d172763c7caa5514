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


async def opened_last(core: "Core") -> Path:
    """Return the workspace that was opened last, the usual one where none ever was.

    Where its file is gone, no other one is taken in its place: nobody asked for that.
    """
    recent = await core.workspaces.recent()
    own = (one.path for one in recent if one.kind is WorkspaceKind.MANAGED)
    return next(own, core.workspaces.default_path())


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
            _("There is no workspace {path}.").format(path=path),
            hint=await _known(core, path, option),
        )
    return await core.workspaces.open(path, duties=duties)


async def _known(core: "Core", path: Path, option: str) -> str:
    """Return which workspaces were opened before, as a hint."""
    recent = [str(one.path) for one in await core.workspaces.recent() if one.path != path]
    if not recent:
        return _("Name its file: {option}").format(option=option)
    return _("Name its file: {option}. Opened before: {files}").format(
        option=option, files=", ".join(recent[:_NEAR])
    )
