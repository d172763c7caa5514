"""Collects what a build made: finds files by its patterns and copies them while hashing.

Everything here blocks and runs in a worker thread. What was copied belongs to nobody until
its rows are committed; who comes to fail before that calls ``Collection.discard``.
"""

import errno
import logging
import os
import shutil
import stat
import uuid
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from core.builds.artifacts.copying import (
    ChangedError,
    Copied,
    StoppedError,
    TooLargeError,
    copy_open_file,
    sync,
)
from core.builds.artifacts.limits import USUAL, Limits
from core.builds.artifacts.own_files import Identity, identity, open_here
from core.builds.artifacts.patterns import Patterns, States
from core.builds.artifacts.places import Place, entered, is_link, open_place
from core.database.fields.file_paths import stored_path
from core.errors import AppError
from core.files import sync_folder
from core.paths import WorkspaceFolders

_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)
_HIDDEN: Final = ".git"
_LATEST_S: Final = 253_402_300_799  # the end of the year 9999
_TRIES: Final = 2
_MAY_BE_RUN: Final = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH

_log = logging.getLogger(__name__)


class Skip(StrEnum):
    """Why a file that matches is not kept."""

    LINK = "link"
    SPECIAL = "special"
    OWN = "own"
    TOO_LARGE = "too_large"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    LONG_PATH = "long_path"
    DEEP = "deep"


class Halt(StrEnum):
    """Why collecting ended before everything was looked at."""

    FILES = "files"
    BYTES = "bytes"
    LOOKED_AT = "looked_at"
    STOPPED = "stopped"
    NO_ROOM = "no_room"
    NO_FOLDER = "no_folder"
    FAILED = "failed"


_WORTHLESS: Final = (Halt.NO_ROOM, Halt.FAILED)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that was copied, under its generated name ``uid``."""

    uid: str
    path: str
    size: int
    sha256: str
    modified_at: datetime
    executable: bool


@dataclass(slots=True)
class Collection:
    """What was collected, and what was not.

    ``folder`` is where the copies lie; ``detail`` says more about why it halted.
    """

    folder: Path
    limits: Limits = USUAL
    kept: list[KeptFile] = field(default_factory=list)
    skipped: Counter[Skip] = field(default_factory=Counter)
    halt: Halt | None = None
    detail: str = ""

    @property
    def bytes(self) -> int:
        """How large all files are together."""
        return sum(kept.size for kept in self.kept)

    def discard(self) -> None:
        """Delete the copies; blocks. A failure is logged: a sweep comes later."""
        for kept in self.kept:
            try:
                (self.folder / kept.uid).unlink(missing_ok=True)
            except OSError as error:
                _log.warning("The copy of an artifact stays: %s", error)
        self.kept.clear()
        with suppress(OSError):
            self.folder.rmdir()


class _HaltedError(Exception):
    """Nothing more is looked at."""

    def __init__(self, halt: Halt, detail: str = "") -> None:
        super().__init__(halt)
        self.halt, self.detail = halt, detail


@dataclass(frozen=True, slots=True)
class _Match:
    """A path that matches: the folder it lies in, held open, and what stands there."""

    place: Place
    name: str
    path: str
    info: os.stat_result


def collect(
    folders: WorkspaceFolders,
    *,
    build_uid: str,
    directory: Path,
    patterns: Sequence[str],
    stopped: Callable[[], bool],
    limits: Limits = USUAL,
) -> Collection:
    """Copy what matches the patterns within a directory; it never fails, but tells.

    Args:
        build_uid: The build that made it.
        stopped: Asked often whether to give up; what was copied by then is kept.
    """
    found = Collection(folders.artifacts / build_uid, limits)
    collector = _Collector(folders, found, Patterns(patterns), stopped)
    try:
        # Refused where the name in the database is none, or leads elsewhere.
        folders.artifacts_of(build_uid)
        try:
            collector.collect(directory)
        except _HaltedError as halted:
            found.halt, found.detail = halted.halt, halted.detail
        if found.halt not in _WORTHLESS:
            collector.sync()
    except AppError as error:
        found.halt, found.detail = Halt.FAILED, error.title
    except OSError as error:
        found.halt, found.detail = _halt_of(error), error.strerror or str(error)
    if found.halt in _WORTHLESS:
        # All or nothing: the room is needed for the end of the build itself.
        found.discard()
    return found


class _Collector:
    """The collecting of one build."""

    def __init__(
        self,
        folders: WorkspaceFolders,
        found: Collection,
        patterns: Patterns,
        stopped: Callable[[], bool],
    ) -> None:
        self._folders, self._found, self._patterns = folders, found, patterns
        self._stopped, self._limits = stopped, found.limits
        self._bytes = 0
        self._looked_at = 0
        self._own: frozenset[Identity] = frozenset()
        self._closed: frozenset[Identity] = frozenset()

    def collect(self, directory: Path) -> None:
        folders = self._folders
        folders.create(folders.artifacts)
        self._own = open_here(folders.database)
        own = (folders.root, folders.artifacts, folders.builds)
        self._closed = frozenset(identity(folder.stat()) for folder in own)
        try:
            place = open_place(directory)
        except OSError as error:
            raise _HaltedError(Halt.NO_FOLDER, error.strerror or str(error)) from error
        try:
            with closing(self._walk(place, self._patterns.start, "", 0)) as matches:
                for match in matches:
                    self._take(match)
        finally:
            place.close()

    def sync(self) -> None:
        """Make all copies outlast a power cut, together: one by one it takes longer."""
        for kept in self._found.kept:
            sync(self._found.folder / kept.uid)
        if self._found.kept:
            sync_folder(self._found.folder)
            sync_folder(self._found.folder.parent)

    def _walk(
        self, place: Place, states: States, above: str, depth: int
    ) -> Generator[_Match, None, None]:
        for name in self._names(place):
            below = self._patterns.below(states, name)
            if not below or name.casefold() == _HIDDEN:
                continue
            try:
                info = place.look(name)
            except OSError:
                continue  # gone by now
            path = f"{above}{name}"
            if stat.S_ISDIR(info.st_mode) and not is_link(info):
                yield from self._walk_into(_Match(place, name, path, info), below, depth + 1)
            elif self._patterns.matches(below):
                yield _Match(place, name, path, info)

    def _walk_into(
        self, folder: _Match, states: States, depth: int
    ) -> Generator[_Match, None, None]:
        if identity(folder.info) in self._closed:
            return
        if depth > self._limits.depth:
            self._found.skipped[Skip.DEEP] += 1
            return
        try:
            with entered(folder.place, folder.name) as place:
                yield from self._walk(place, states, f"{folder.path}/", depth)
        except OSError as error:
            _log.info("A folder was not looked into: %s", error.strerror)
            self._found.skipped[Skip.UNREADABLE] += 1

    def _names(self, place: Place) -> list[str]:
        names = []
        for name in place.names():
            self._looked_at += 1
            if self._looked_at > self._limits.looked_at:
                raise _HaltedError(Halt.LOOKED_AT)
            if self._stopped():
                raise _HaltedError(Halt.STOPPED)
            names.append(name)
        return sorted(names)

    def _take(self, match: _Match) -> None:
        """Copy what matches, or count why not."""
        if skip := self._refusal(match):
            self._found.skipped[skip] += 1
            return
        if len(self._found.kept) >= self._limits.files:
            raise _HaltedError(Halt.FILES)
        try:
            self._keep(match)
        except TooLargeError:
            self._found.skipped[Skip.TOO_LARGE] += 1
        except ChangedError:
            self._found.skipped[Skip.CHANGED] += 1
        except StoppedError as error:
            raise _HaltedError(Halt.STOPPED) from error

    def _refusal(self, match: _Match) -> Skip | None:
        if is_link(match.info):
            return Skip.LINK
        if not stat.S_ISREG(match.info.st_mode):
            return Skip.SPECIAL
        if identity(match.info) in self._own:
            return Skip.OWN
        if match.info.st_size > self._limits.file_bytes:
            return Skip.TOO_LARGE
        return Skip.LONG_PATH if len(stored_path(match.path)) > self._limits.path else None

    def _keep(self, match: _Match) -> None:
        for left in reversed(range(_TRIES)):
            try:
                descriptor = match.place.open(match.name)
            except OSError:
                self._found.skipped[Skip.UNREADABLE] += 1
                return
            info = os.fstat(descriptor)
            if identity(info) in self._own:
                # Left open on purpose: closing it would drop the locks of the database.
                _log.warning("A file of this process was put in the place of an artifact")
                self._found.skipped[Skip.OWN] += 1
                return
            try:
                self._keep_open(descriptor, info, match.path)
                return
            except ChangedError:
                if not left:
                    raise
            finally:
                os.close(descriptor)

    def _keep_open(self, descriptor: int, info: os.stat_result, path: str) -> None:
        if not stat.S_ISREG(info.st_mode):
            self._found.skipped[Skip.SPECIAL] += 1
            return
        if info.st_size > self._limits.bytes - self._bytes:
            raise _HaltedError(Halt.BYTES)
        uid = str(uuid.uuid4())
        copied = self._copied(descriptor, info.st_size, uid)
        self._bytes += copied.size
        self._found.kept.append(
            KeptFile(
                uid=uid,
                path=stored_path(path),
                size=copied.size,
                sha256=copied.sha256,
                modified_at=_modified(info),
                executable=bool(info.st_mode & _MAY_BE_RUN),
            )
        )

    def _copied(self, descriptor: int, size: int, uid: str) -> Copied:
        folder = self._found.folder
        try:
            if not self._found.kept:
                self._folders.create(self._folders.artifacts, folder)
            if shutil.disk_usage(folder).free - size < self._limits.reserve_bytes:
                raise _HaltedError(Halt.NO_ROOM)
            return copy_open_file(
                descriptor,
                folder / uid,
                most_bytes=min(self._limits.file_bytes, self._limits.bytes - self._bytes),
                stopped=self._stopped,
            )
        except OSError as error:
            raise _HaltedError(_halt_of(error), error.strerror or str(error)) from error


def _halt_of(error: OSError) -> Halt:
    return Halt.NO_ROOM if error.errno in _NO_ROOM else Halt.FAILED


def _modified(info: os.stat_result) -> datetime:
    """Return when a file was changed; anybody can give it any time at all."""
    return datetime.fromtimestamp(min(max(info.st_mtime, 0.0), _LATEST_S), UTC)
