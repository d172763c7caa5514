"""Sweeps of files that no row speaks of any more: a duty of the leader."""

import asyncio
import logging
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import ClassVar, Final

from core.database.database import Database
from core.database.leases import Fence, LeaseLostError
from core.errors import AppError
from core.events import Changed, Event, EventBus
from core.paths import WorkspaceFolders

EVERY_S: Final = 3600.0
# After a project was deleted: several may go one after another.
SOON_S: Final = 5.0
_DATABASES: Final = (".db", ".sqlite", ".sqlite3", ".db3", ".buildbench")
_DELETING: Final = "projects"

_log = logging.getLogger(__name__)


class Sweep(ABC):
    """Removes what a crash left in the folder of a workspace, or a deletion.

    ``what`` names in the log what is swept; ``first_after_s`` is how long a new leader waits.
    """

    what: ClassVar[str]
    first_after_s: ClassVar[float]

    def __init__(self, database: Database, folders: WorkspaceFolders) -> None:
        self._database, self._folders = database, folders

    @abstractmethod
    async def sweep(self) -> int:
        """Remove what no row speaks of; return how much that was."""

    async def keep_swept(self, fence: Fence, bus: EventBus) -> None:
        """Sweep soon, every hour and after deletions, until cancelled or until others lead."""
        deleted = asyncio.Event()

        def note(event: Event) -> None:
            if isinstance(event, Changed) and _DELETING in event.topics:
                deleted.set()

        unsubscribe = bus.subscribe(note)
        try:
            await asyncio.sleep(self.first_after_s)
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

    def is_alone(self) -> bool:
        """Tell whether no other database shares the folder: ``a.db`` and ``a.sqlite`` do.

        What is unknown here may belong to the other one. Blocks.
        """
        own = self._folders.database
        others = (own.with_suffix(ending) for ending in _DATABASES)
        return not any(other.is_file() for other in others if other != own)

    async def _swept(self, fence: Fence) -> bool:
        """Sweep, unless another process leads now: then the answer is no."""
        try:
            async with self._database.unit_of_work(fence=fence, patient=True):
                pass
            if removed := await self.sweep():
                _log.info("Removed %d %s", removed, self.what)
        except LeaseLostError:
            return False
        except (AppError, OSError) as error:
            _log.warning("The sweep of %s failed: %s", self.what, error)
        return True
