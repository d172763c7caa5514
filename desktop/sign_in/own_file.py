"""Files that hold secrets of one person, as recovery codes."""

import asyncio
from pathlib import Path

from PySide6.QtCore import QFileDevice, QIODevice, QSaveFile

from core.errors import AppError
from core.translation import _

_OWNER_ONLY = QFileDevice.Permission.ReadOwner | QFileDevice.Permission.WriteOwner


async def write_for_oneself(path: Path, text: str) -> None:
    """Write a file that nobody else can read, whole or not at all.

    Raises:
        AppError: It cannot be written.
    """
    problem = await asyncio.to_thread(_replace, path, text.encode())
    if problem:
        raise AppError(
            _("The file could not be written."),
            detail=problem,
            hint=_("Choose another folder."),
        )


def _replace(path: Path, content: bytes) -> str:
    """Return why the file was left as it was; empty when it was written."""
    file = QSaveFile(str(path))
    written = (
        file.open(QIODevice.OpenModeFlag.WriteOnly)
        # While it is empty still: it begins with the permissions of the file before it.
        and file.setPermissions(_OWNER_ONLY)
        and file.write(content) == len(content)
        and file.commit()
    )
    return "" if written else file.errorString()
