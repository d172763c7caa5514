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
from core.database.database import Database
from core.database.leases import Fence, LeaseLostError
from core.errors import AppError
from core.events import Changed, Event, EventBus
from core.paths import UnsafeFolderError, WorkspaceFolders, refuse_links

FIRST_AFTER_S: Final = 10.0
EVERY_S: Final = 3600.0
# After a project was deleted: several may go one after another.
SOON_S: Final = 5.0
_AT_ONCE: Final = 200
_DATABASES: Final = (".db", ".sqlite", ".sqlite3", ".db3", ".buildbench")
_DELETING: Final = "projects"

_log = logging.getLogger(__name__)


class ArtifactSweep:
    """Removes files that a crash left, or whose build was deleted."""

    def __init__(self, database: Database, folders: WorkspaceFolders) -> None:
        self._database, self._folders = database, folders

    async def sweep(self) -> int:
        """Remove files that no row speaks of; return how many they were.

        Those of builds that are not at their ends stay: they are being collected.
        """
        listed = await asyncio.to_thread(self._listed)
        alone = await asyncio.to_thread(self._is_alone)
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

    async def keep_swept(self, fence: Fence, bus: EventBus) -> None:
        """Sweep soon, every hour and after deletions, until cancelled; a leader's duty."""
        deleted = asyncio.Event()

        def note(event: Event) -> None:
            if isinstance(event, Changed) and _DELETING in event.topics:
                deleted.set()

        unsubscribe = bus.subscribe(note)
        try:
            await asyncio.sleep(FIRST_AFTER_S)
            while True:
                deleted.clear()
                if not await self._swept(fence):
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(EVERY_S):
                        await deleted.wait()
                        await asyncio.sleep(SOON_S)
        finally:
            unsubscribe()

    async def _swept(self, fence: Fence) -> bool:
        """Sweep, unless another process leads now: then the answer is no."""
        try:
            async with self._database.unit_of_work(fence=fence, patient=True):
                pass
            if removed := await self.sweep():
                _log.info("Removed %d files that no artifact speaks of", removed)
        except LeaseLostError:
            return False
        except (AppError, OSError) as error:
            _log.warning("Files of artifacts were not swept: %s", error)
        return True

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

    def _is_alone(self) -> bool:
        """Tell whether no other database shares this folder: ``a.db`` and ``a.sqlite`` do."""
        own = self._folders.database
        others = (own.with_suffix(ending) for ending in _DATABASES)
        return not any(other.is_file() for other in others if other != own)


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
