"""The work trees that Buildbench keeps of projects: their size, and those left behind."""

import asyncio
import logging
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

from core.completion import to_the_end
from core.paths import UnsafeFolderError, WorkspaceFolders, refuse_links
from core.projects.repository import ProjectRepository
from core.sweeping import Sweep

MOST_COUNTED: Final = 200_000
"""Files of trees that are counted for their size."""

_log = logging.getLogger(__name__)


def size_of_trees(folders: WorkspaceFolders, uid: str) -> tuple[int, int]:
    """Return how many work trees there are of a project, and their bytes; blocks.

    The bytes are those of the first ``MOST_COUNTED`` files. Links are not followed.
    """
    try:
        own = folders.tree(uid, 0).parent
        trees = [entry for entry in own.iterdir() if not entry.is_symlink() and entry.is_dir()]
    except (OSError, UnsafeFolderError):
        return 0, 0
    files = (size for tree in trees for size in _sizes(tree))
    return len(trees), sum(islice(files, MOST_COUNTED))


class TreeSweep(Sweep):
    """Removes the work trees of projects that were deleted."""

    what = "projects' work trees that were left behind"
    first_after_s = 15.0

    async def sweep(self) -> int:
        """Remove the trees of projects that are not there; return of how many."""
        listed = await asyncio.to_thread(self._listed)
        if not listed or not await asyncio.to_thread(self.is_alone):
            return 0
        # Read after the listing: a project that is made meanwhile is then known.
        async with self._database.read() as session:
            known = await ProjectRepository(session).uids()
        removed = 0
        for uid in sorted(set(listed) - known):
            removed += await to_the_end(asyncio.to_thread(self._remove, uid))
        return removed

    def _listed(self) -> list[str]:
        """Return the names of folders that are those of projects."""
        found = []
        refuse_links(self._folders.root, self._folders.trees)
        with suppress(FileNotFoundError):
            for entry in self._folders.trees.iterdir():
                with suppress(UnsafeFolderError):
                    self._folders.tree(entry.name, 0)
                    found.append(entry.name)
        return found

    def _remove(self, uid: str) -> bool:
        """Delete the trees of a project; what cannot go now goes later."""
        try:
            own = self._folders.tree(uid, 0).parent
            _open_up(own)
            shutil.rmtree(own)
        except (OSError, UnsafeFolderError) as error:
            _log.warning("The work trees of project %r stay: %s", uid, error)
            return False
        return True


def _open_up(folder: Path) -> None:
    """Take back the right to delete: builds write folders that nothing can be removed from."""
    if hasattr(os, "fwalk"):
        folder.chmod(stat.S_IRWXU)
        for _root, folders, _files, descriptor in os.fwalk(folder, onerror=_left):
            # Before they are looked into, which some allow nobody.
            for name in folders:
                info = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                if stat.S_ISDIR(info.st_mode):
                    os.chmod(name, stat.S_IRWXU, dir_fd=descriptor)


def _left(error: OSError) -> None:
    _log.info("A folder of a work tree cannot be looked into: %s", error)


def _sizes(folder: Path) -> Iterator[int]:
    """Give the sizes of files; folders that cannot be read have none."""
    for root, _folders, files in os.walk(folder, onerror=_left):
        for name in files:
            with suppress(OSError):
                yield Path(root, name).lstat().st_size
