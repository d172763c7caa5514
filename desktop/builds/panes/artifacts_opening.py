"""Handing files of builds to other programs: copies that can be read only, never the kept file.

What a build made is outside data: anybody may have written what went into it. A copy is what
is opened, so that nothing changes what is kept; and what may run as a program is asked about.
"""

import sys
from pathlib import Path
from typing import Final

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from core.builds.schemas import ArtifactRow
from core.database.fields.file_paths import file_name
from core.scratch import PREFIX, ScratchFolder

# What viewers show and do not run; everything else is asked about.
_SHOWN: Final = frozenset(
    (
        "7z", "aab", "avi", "bmp", "bz2", "cfg", "conf", "csv", "diff", "flac", "gif", "gz",
        "ini", "jpeg", "jpg", "json", "log", "md", "mp3", "mp4", "ogg", "patch", "pdf", "png",
        "rst", "tar", "tgz", "tif", "tiff", "toml", "tsv", "txt", "wav", "webm", "webp", "whl",
        "xml", "xz", "yaml", "yml", "zip", "zst",
    )
)  # fmt: skip
_PROGRAMS: Final = (
    b"\x7fELF", b"MZ", b"#!", b"\xfe\xed\xfa", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe", b"[Desktop Entry]",
)  # fmt: skip


class OpenedCopies:
    """A folder of this run alone, in which copies lie while other programs show them."""

    def __init__(self) -> None:
        self._scratch: ScratchFolder | None = None

    def place(self, row: ArtifactRow) -> Path:
        """Return where a copy of an artifact goes, under the name that it had; blocks."""
        if self._scratch is None:
            self._scratch = ScratchFolder(f"{PREFIX}artifacts-")
        folder = self._scratch.path / str(row.id)
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / file_name(row.path)


def may_run(copy: Path) -> bool:
    """Tell whether opening a file may run it, by its ending and how it begins; blocks."""
    with copy.open("rb") as file:
        begin = file.read(16)
    return begin.startswith(_PROGRAMS) or copy.suffix[1:].lower() not in _SHOWN


def seal(copy: Path) -> None:
    """Let nobody write or run a copy; blocks."""
    copy.chmod(0o400)


def open_file(path: Path) -> bool:
    """Let the person's program for such files show one; tell whether there is one."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def reveal(path: Path) -> bool:
    """Show a file in its folder; tell whether there is a program that does."""
    if sys.platform == "win32":
        return bool(QProcess.startDetached("explorer", [f"/select,{path}"]))
    if sys.platform == "darwin":
        return bool(QProcess.startDetached("open", ["-R", str(path)]))
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
