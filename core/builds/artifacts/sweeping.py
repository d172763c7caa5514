"""Sweeps files of artifacts that no row speaks of; what rules remove goes by them."""

import asyncio
import logging
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from core.builds.artifacts.repository import ArtifactRepository
from core.completion import to_the_end
from core.paths import UnsafeFolderError, refuse_links
from core.sweeping import Sweep

_AT_ONCE: Final = 200

_log = logging.getLogger(__name__)


class ArtifactSweep(Sweep):
    """Removes files that a crash left, or whose build was deleted."""

    what = "files that no artifact speaks of"
    first_after_s = 10.0

    async def sweep(self) -> int:
        """Remove files that no row speaks of; return how many they were.

        Those of builds that are not at their ends stay: they are being collected.
        """
        listed = await asyncio.to_thread(self._listed)
        alone = await asyncio.to_thread(self.is_alone)
        removed = 0
        names = sorted(listed)
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            # Read after the listing: what is committed meanwhile is then known, not swept.
            async with self._database.read(snapshot=True) as session:
                kept = await ArtifactRepository(session).kept_by(some)
            files = _unknown({name: listed[name] for name in some}, kept, alone)
            for name, uids in files.items():
                folder = self._folders.artifacts_of(name)
                removed += len(await to_the_end(asyncio.to_thread(_remove, folder, uids)))
        return removed

    def _listed(self) -> dict[str, list[str]]:
        """Return by folder of a build what lies in it."""
        root = self._folders.artifacts
        refuse_links(self._folders.root, root)
        found = {}
        with suppress(FileNotFoundError):
            for entry in root.iterdir():
                with suppress(UnsafeFolderError, NotADirectoryError, FileNotFoundError):
                    folder = self._folders.artifacts_of(entry.name)
                    found[entry.name] = [file.name for file in folder.iterdir()]
        return found


def _unknown(
    listed: Mapping[str, list[str]], kept: Mapping[str, set[str] | None], alone: bool
) -> dict[str, list[str]]:
    """Return by build the files to be removed."""
    found = {}
    for name, files in listed.items():
        if name not in kept:
            if alone:
                found[name] = files
            continue
        known = kept[name]
        if known is not None:
            found[name] = [file for file in files if file not in known]
    return found


def _remove(folder: Path, names: Sequence[str]) -> list[str]:
    """Delete files, and their folder once it is empty; return which are gone."""
    gone = []
    for name in names:
        path = folder / name
        try:
            # Only what is itself a file: nothing below a folder that somebody put there.
            if stat.S_ISDIR(path.lstat().st_mode):
                continue
            path.unlink()
        except FileNotFoundError:
            pass
        except OSError as error:
            _log.warning("The file of an artifact stays: %s", error)
            continue
        gone.append(name)
    with suppress(OSError):
        folder.rmdir()
    return gone
