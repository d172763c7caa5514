"""Opens a file that a tool complained of in the editor of the person.

What a build prints decides which file that is, so nothing here goes through a shell, a path
is followed to where it really lies, and a file outside of the build's folder is only opened
after asking.
"""

import os
import shutil
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeDatabase, QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from core.errors import AppError, NotFoundError, why_refused
from core.paths import real
from core.translation import _

_KNOWN: Final = (
    "code --goto {file}:{line}:{column}",
    "codium --goto {file}:{line}:{column}",
    "idea --line {line} --column {column} {file}",
    "kate --line {line} --column {column} {file}",
    "gedit {file} +{line}:{column}",
)
_SHELLS_OWN: Final = frozenset('&|<>^%!"')
_RUNNABLE: Final = frozenset(
    {".bat", ".cmd", ".com", ".desktop", ".exe", ".hta", ".js", ".jse", ".lnk", ".msi", ".pif"}
    | {".ps1", ".py", ".pyw", ".reg", ".scr", ".sh", ".url", ".vbe", ".vbs", ".wsf", ".command"}
)


@dataclass(frozen=True, slots=True)
class Place:
    """A file that is there, where it really lies; ``inside`` the folder of the build or not."""

    file: Path
    row: int
    column: int
    inside: bool


def find(directory: str, file: str, row: int | None, column: int | None) -> Place:
    """Return where a problem is; this asks the disk.

    Args:
        directory: The folder of the build, from which relative paths count.
        file: The path as the tool printed it.

    Raises:
        NotFoundError: There is no such file (any more), or it is no regular one.
    """
    try:
        folder = real(Path(directory))
        if not folder.is_dir():
            raise NotFoundError(
                _("The folder of this build is gone."),
                detail=str(folder),
                hint=_("Build the project again, or put the folder back where it was."),
            )
        found = real(folder / file, strict=True)
        regular = stat.S_ISREG(found.stat().st_mode)
    except (OSError, ValueError) as error:
        raise NotFoundError(
            _("{file} was not found.").format(file=file),
            detail=why_refused(error, folder / file) if isinstance(error, OSError) else "",
            hint=_("The build may have worked in another folder, or the file is gone since."),
        ) from error
    if not regular:
        raise NotFoundError(
            _("{file} is no file that can be opened.").format(file=file),
            hint=_("It is a folder or something special."),
        )
    return Place(found, row or 1, column or 1, inside=found.is_relative_to(folder))


def detected() -> str:
    """Return the command of the first known editor that is installed; empty for none."""
    for command in _KNOWN:
        if shutil.which(command.split(" ", 1)[0]):
            return command
    return ""


def arguments(command: str, place: Place) -> list[str]:
    """Return program and arguments: each placeholder is filled in after parting the words.

    A command without ``{file}`` gets the file at its end; an empty one stays empty.
    """
    words = QProcess.splitCommand(command)
    if not words:
        return []
    if not any("{file}" in word for word in words):
        words.append("{file}")
    values = {
        "{file}": str(place.file),
        "{line}": str(place.row),
        "{column}": str(place.column),
    }
    return [words[0], *(_filled(word, values) for word in words[1:])]


def open_place(command: Sequence[str], place: Place) -> None:
    """Open a file at its line; without any editor, as the desktop opens texts.

    Args:
        command: What ``arguments`` returned; empty for no editor.

    Raises:
        AppError: It could not be opened, or could run something.
    """
    if command:
        _start(command)
    else:
        _hand_over(place.file)


def _filled(word: str, values: dict[str, str]) -> str:
    """Fill in placeholders in one pass: a file may have one in its name."""
    parts, rest = [], word
    while rest:
        hits = [(rest.find(name), name) for name in values if name in rest]
        if not hits:
            break
        start, name = min(hits)
        parts += [rest[:start], values[name]]
        rest = rest[start + len(name) :]
    return "".join((*parts, rest))


def _start(command: Sequence[str]) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise AppError(
            _("The editor was not found."),
            detail=command[0],
            hint=_("Correct the command under File → Settings, “Editor for problems”."),
        )
    batch = Path(program).suffix.lower() in (".bat", ".cmd")
    if batch and any(_SHELLS_OWN & set(word) for word in command[1:]):
        raise AppError(
            _("The file was not opened: its name has signs that a batch file would run."),
            hint=_("Open it by hand, or name the editor's program in the settings."),
        )
    started, _process = QProcess.startDetached(program, list(command[1:]))
    if not started:
        raise AppError(
            _("The editor could not be started."),
            detail=program,
            hint=_("Correct the command under File → Settings, “Editor for problems”."),
        )


def _hand_over(file: Path) -> None:
    hint = _("Name your editor under File → Settings, “Editor for problems”.")
    if _could_run(file):
        raise AppError(
            _("{file} was not opened: the system could run it.").format(file=file.name),
            hint=hint,
        )
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(file))):
        raise AppError(
            _("No program was found that opens {file}.").format(file=file.name), hint=hint
        )


def _could_run(file: Path) -> bool:
    """Tell whether opening a file may be more than looking at a text."""
    if file.suffix.lower() in _RUNNABLE:
        return True
    if sys.platform != "win32" and os.access(file, os.X_OK):
        return True
    return not QMimeDatabase().mimeTypeForFile(str(file)).inherits("text/plain")
