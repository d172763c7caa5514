"""Folders for temporary files that go with whoever made them, however that ends.

Each holds a lock that dies with its process, so that another process can tell who is dead.
"""

import logging
import os
import shutil
import tempfile
import time
import weakref
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from core.file_lock import FileLockedError, locked

PREFIX: Final = "buildbench-"

_LOCK = "owner.lock"
# Between the making of a lock and the taking of it nobody else may take it.
_LEFT_ALONE_S = 60.0

_log = logging.getLogger(__name__)


class ScratchFolder:
    """A new folder that this person alone can read; it goes with this object.

    Args:
        prefix: What its name begins with.
        parent: Where it is made; among the temporary files of the system unless said.

    Attributes:
        path: The folder; it holds a lock, where its disk has locks.

    Raises:
        OSError: It cannot be made.
    """

    def __init__(self, prefix: str, parent: Path | None = None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        self._remove = weakref.finalize(self, _remove, self.path, _held(self.path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _where: TracebackType | None,
    ) -> None:
        self._remove()


def sweep(prefix: str = PREFIX, parent: Path | None = None) -> int:
    """Remove this person's folders whose processes died; return how many; blocks.

    A folder without a lock may be anybody's, and is left alone.
    """
    parent = parent or Path(tempfile.gettempdir())
    try:
        found = [folder for folder in parent.glob(f"{prefix}*") if _is_left(folder)]
    except OSError as error:
        _log.info("Nothing was swept in %s: %s", parent, error)
        return 0
    return sum(map(_sweep, found))


def _held(folder: Path) -> AbstractContextManager[int | None]:
    """Return the lock of a new folder, taken; without one nobody ever sweeps it."""
    held = locked(folder / _LOCK, wait_s=0)
    try:
        held.__enter__()
    except OSError as error:
        _log.info("%s is not swept, should this process be killed: %s", folder, error)
        (folder / _LOCK).unlink(missing_ok=True)
        return nullcontext()
    return held


def _is_left(folder: Path) -> bool:
    """Tell whether a folder looks like one of this person whose lock was taken long ago."""
    try:
        of = folder.lstat()
        lock = (folder / _LOCK).lstat()
    except OSError:
        return False
    ours = not hasattr(os, "getuid") or of.st_uid == os.getuid()
    return ours and not folder.is_symlink() and time.time() - lock.st_mtime > _LEFT_ALONE_S


def _sweep(folder: Path) -> bool:
    held = locked(folder / _LOCK, wait_s=0)
    try:
        held.__enter__()
    except FileLockedError:
        return False  # its owner is alive
    except OSError as error:
        _log.info("%s was not swept: %s", folder, error)
        return False
    _remove(folder, held)
    return not folder.exists()


def _remove(folder: Path, held: AbstractContextManager[int | None]) -> None:
    # First: where an open file cannot be deleted the folder would stay.
    held.__exit__(None, None, None)
    shutil.rmtree(folder, ignore_errors=True)
