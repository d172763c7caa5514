"""The facts that help when something goes wrong: versions, paths, and the program's log."""

import asyncio
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from core.paths import UserFolders
from core.translation import _
from core.version import VERSION
from core.workspaces.schemas import WorkspaceInfo
from desktop.core_thread import CoreClient

if TYPE_CHECKING:
    from core.app import Core

LIBRARIES = (
    "PySide6-Essentials",
    "qasync",
    "SQLAlchemy",
    "sqlmodel",
    "aiosqlite",
    "pysqlite3",
    "apsw",
    "alembic",
    "pydantic",
    "cryptography",
    "zstandard",
    "psutil",
    "qtawesome",
)
_TAIL_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page shows: name and value of each fact, and the end of the log."""

    versions: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, str], ...]
    log: str
    log_folder: Path

    def as_text(self) -> str:
        """Return everything as text, for copying into a report."""
        lines = [f"{name}: {value}" for name, value in (*self.versions, *self.places)]
        return "\n".join((*lines, "", self.log))


async def gather(client: CoreClient, folders: UserFolders, info: WorkspaceInfo | None) -> Facts:
    """Collect the facts; what touches the disk is read off both loops."""
    screens = _screens()

    async def read(_core: "Core") -> Facts:
        return await asyncio.to_thread(_read, folders, info, screens)

    return await client.run(read)


def _read(folders: UserFolders, info: WorkspaceInfo | None, screens: str) -> Facts:
    return Facts(
        versions=(
            ("Buildbench", VERSION),
            ("Python", f"{platform.python_version()} ({sys.executable})"),
            (_("System"), platform.platform()),
            ("Qt", f"{qVersion()} ({screens})"),
            ("SQLite", _sqlite(info)),
            *((name, version_of(name)) for name in LIBRARIES),
        ),
        places=(
            (_("Settings"), str(folders.settings_file)),
            (_("Data"), str(folders.data)),
            (_("Log"), str(folders.log_file)),
            *(((_("Workspace"), str(info.path)),) if info else ()),
        ),
        log=_tail(folders.log_file),
        log_folder=folders.logs,
    )


def _sqlite(info: WorkspaceInfo | None) -> str:
    from pysqlite3 import dbapi2

    ours = f"{dbapi2.sqlite_version} (pysqlite3)"
    if info is None:
        return ours
    return _("{library}; the open database uses {used}").format(
        library=ours, used=info.sqlite_version
    )


def _screens() -> str:
    platform_name = QGuiApplication.platformName()
    ratios = {f"{screen.devicePixelRatio():g}×" for screen in QApplication.screens()}
    return f"{platform_name}, {', '.join(sorted(ratios))}"


def version_of(library: str) -> str:
    """Return the version of an installed library, or a dash."""
    try:
        return version(library)
    except PackageNotFoundError:
        return "–"


def licence_of(library: str) -> str:
    """Return the short name of a library's licence, or a dash."""
    try:
        facts = distribution(library).metadata
    except PackageNotFoundError:
        return "–"
    named = next((facts[key] for key in _LICENCE_KEYS if key in facts), "")
    first = named.strip().splitlines()[0] if named.strip() else ""
    if first and len(first) <= _LONGEST_LICENCE:
        return first
    classes = [c for c in facts.get_all("Classifier") or () if c.startswith("License ::")]
    return classes[-1].rsplit(" :: ", 1)[-1] if classes else first[:_LONGEST_LICENCE] or "–"


_LONGEST_LICENCE = 60
_LICENCE_KEYS = ("License-Expression", "License")


def _tail(file: Path) -> str:
    try:
        with file.open("rb") as log:
            log.seek(0, 2)
            start = max(0, log.tell() - _TAIL_BYTES)
            log.seek(start)
            text = log.read().decode("utf-8", "replace")
    except OSError as error:
        return _("The log cannot be read: {reason}").format(reason=error)
    return text.split("\n", 1)[-1] if start else text
