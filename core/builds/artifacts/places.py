"""Folders that are held open while they are walked, so that no link can lead elsewhere.

Everything is reached from the descriptor of the folder above, never by a path: whoever swaps
a folder for a link meanwhile is met with a refusal. Where the system has no such calls
(Windows), what was opened is asked for its true path instead.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from core.paths import real

HAS_DESCRIPTORS: Final = (
    os.open in os.supports_dir_fd and os.stat in os.supports_dir_fd
    and os.scandir in os.supports_fd
)  # fmt: skip
_FILE: int = os.O_RDONLY
for _name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"):
    _FILE |= getattr(os, _name, 0)
_FOLDER: Final = _FILE | getattr(os, "O_DIRECTORY", 0)
_REPARSE_POINT: Final = 0x400


class Place(Protocol):
    """A folder that is held open."""

    def names(self) -> Iterator[str]:
        """Give the names of what is in it, in no order.

        Raises:
            OSError: It cannot be read.
        """

    def look(self, name: str) -> os.stat_result:
        """Return what stands under a name, itself where it is a link.

        Raises:
            OSError: It is gone.
        """

    def enter(self, name: str) -> "Place":
        """Open a folder in it.

        Raises:
            OSError: It is a link, no folder, or may not be read.
        """

    def open(self, name: str) -> int:
        """Open a file in it for reading, without ever waiting; return the descriptor.

        Raises:
            OSError: It is a link, or may not be read.
        """

    def close(self) -> None:
        """Let go of it."""


class DescriptorPlace:
    """A folder behind a descriptor, which it owns."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def of(cls, folder: Path) -> "DescriptorPlace":
        """Open the folder to begin with; a person named it, so links on the way are fine.

        Raises:
            OSError: There is none, or it may not be read.
        """
        return cls(os.open(real(folder), _FOLDER))

    def names(self) -> Iterator[str]:
        """Give the names of what is in it."""
        with os.scandir(self._descriptor) as entries:
            for entry in entries:
                yield entry.name

    def look(self, name: str) -> os.stat_result:
        """Return what stands under a name."""
        return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)

    def enter(self, name: str) -> "DescriptorPlace":
        """Open a folder in it."""
        return DescriptorPlace(os.open(name, _FOLDER, dir_fd=self._descriptor))

    def open(self, name: str) -> int:
        """Open a file in it."""
        return os.open(name, _FILE, dir_fd=self._descriptor)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)


class PathPlace:
    """A folder known by its path alone, where descriptors of folders do not exist."""

    def __init__(self, path: Path, root: Path) -> None:
        self._path, self._root = path, root

    @classmethod
    def of(cls, folder: Path) -> "PathPlace":
        """Begin with a folder.

        Raises:
            OSError: There is none.
        """
        root = real(folder, strict=True)
        return cls(root, root)

    def names(self) -> Iterator[str]:
        """Give the names of what is in it."""
        with os.scandir(self._path) as entries:
            for entry in entries:
                yield entry.name

    def look(self, name: str) -> os.stat_result:
        """Return what stands under a name."""
        return (self._path / name).lstat()

    def enter(self, name: str) -> "PathPlace":
        """Open a folder in it."""
        self._refuse(name)
        return PathPlace(self._path / name, self._root)

    def open(self, name: str) -> int:
        """Open a file in it."""
        self._refuse(name)
        descriptor = os.open(self._path / name, _FILE)
        try:
            # While it is open, nobody can rename the folders above it.
            self._refuse(name)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def close(self) -> None:
        """Let go of it."""

    def _refuse(self, name: str) -> None:
        path = self._path / name
        if is_link(path.lstat()) or real(path) != path:
            raise OSError(f"{path} leads elsewhere")


def open_place(folder: Path) -> Place:
    """Open the folder that is to be walked.

    Raises:
        OSError: There is none, or it may not be read.
    """
    return DescriptorPlace.of(folder) if HAS_DESCRIPTORS else PathPlace.of(folder)


@contextmanager
def entered(place: Place, name: str) -> Iterator[Place]:
    """Hold a folder open for as long as it is looked into.

    Raises:
        OSError: It is a link, no folder, or may not be read.
    """
    inner = place.enter(name)
    try:
        yield inner
    finally:
        inner.close()


def is_link(info: os.stat_result) -> bool:
    """Tell whether this is a link, or what Windows has instead."""
    attributes = getattr(info, "st_file_attributes", 0)
    return stat.S_ISLNK(info.st_mode) or bool(attributes & _REPARSE_POINT)
