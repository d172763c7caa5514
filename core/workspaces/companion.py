"""Where it is kept what Buildbench learns of a database that it must not write to.

A companion is a workspace without people and projects in the person's data folder, one for
each file, made when there is the first thing to keep.
"""

import asyncio
import logging
import sqlite3
import uuid
from pathlib import Path

from core.completion import to_the_end
from core.database.database import Database
from core.database.engine import writer_engine
from core.errors import DatabaseOpenError, FileGoneError, why_refused
from core.events import EventBus
from core.files import name_beside, name_for_good
from core.migrations import service as migrations
from core.paths import WorkspaceFolders
from core.settings import Durability
from core.translation import _
from core.workspaces.companions import write_identity
from core.workspaces.identity import Identity
from core.workspaces.inspection import inspect
from core.workspaces.making import make_database, remove_database

_log = logging.getLogger(__name__)


class Companion:
    """The companion of one file.

    Args:
        path: Where it lies, or will.
        subject: The file that it is about.
    """

    def __init__(
        self, path: Path, subject: Identity, durability: Durability, bus: EventBus
    ) -> None:
        self.path = path
        self.folders = WorkspaceFolders(path)
        self._subject = subject
        self._durability = durability
        self._bus = bus
        self._database: Database | None = None
        self._turn = asyncio.Lock()

    async def database(self) -> Database:
        """Return the companion, made or upgraded where that is needed.

        Raises:
            AppError: It cannot be made or opened.
        """
        async with self._turn:
            await self._let_go_of_what_is_gone()
            if self._database is None:
                await to_the_end(self._prepare())
                self._database = Database.managed(self.path, self._durability, self._bus)
            return self._database

    async def exists(self) -> bool:
        """Tell whether it was made already."""
        return self._database is not None or await asyncio.to_thread(self.path.exists)

    async def close(self) -> None:
        """Close its connections."""
        async with self._turn:
            if self._database is not None:
                await self._database.close()
                self._database = None

    async def _let_go_of_what_is_gone(self) -> None:
        """Begin anew where somebody cleared the folder: that is no fault of the subject."""
        if self._database is None:
            return
        try:
            self._database.presence.check()
        except FileGoneError as error:
            _log.warning("%s What is learnt is kept in a new one.", error)
            database, self._database = self._database, None
            await to_the_end(database.close())

    async def _prepare(self) -> None:
        try:
            if not await asyncio.to_thread(self.path.exists):
                await self._make()
            await self._upgrade()
        except (OSError, sqlite3.Error) as error:
            raise DatabaseOpenError(
                _("There is no place to keep what is learnt of this database."),
                detail=why_refused(error, self.path.parent),
                hint=_(
                    "Check that {folder} can be written, and that the disk has room."
                ).format(folder=self.path.parent),
            ) from error

    async def _make(self) -> None:
        partial = name_beside(self.path)
        try:
            await make_database(partial, self._durability, str(uuid.uuid4()))
            await asyncio.to_thread(name_for_good, partial, self.path)
            await asyncio.to_thread(write_identity, self.path, self._subject)
        except FileExistsError:
            return  # another window was quicker
        finally:
            await asyncio.to_thread(remove_database, partial)

    async def _upgrade(self) -> None:
        found = await asyncio.to_thread(inspect, self.path)
        if found.revision == migrations.known_revisions()[-1]:
            return
        engine = writer_engine(self.path, self._durability)
        try:
            await migrations.upgrade(engine)
        finally:
            await engine.dispose()
