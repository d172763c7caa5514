"""What other processes wrote: noticed within a quarter of a second, told as ``Changed``."""

import asyncio
import logging

from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from core.database.database import Database
from core.database.engine import BEGIN_OPTION
from core.database.tables import Change
from core.errors import DatabaseError
from core.events import Changed, EventBus

POLL_S = 0.25
RETRY_S = 2.0

_log = logging.getLogger(__name__)


class ChangeWatch:
    """Watches ``PRAGMA data_version``, then the versions of the topics."""

    def __init__(self, database: Database, bus: EventBus) -> None:
        self._database = database
        self._bus = bus
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take the present versions as known and watch from here on."""
        await self._new_topics()
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Stop watching and give the connection back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        failed = False
        while True:
            # Versions can be compared on one connection only.
            known: int | None = None
            try:
                async with self._database.reader.connect() as plain:
                    connection = await plain.execution_options(**{BEGIN_OPTION: None})
                    while True:
                        result = await connection.exec_driver_sql("PRAGMA data_version")
                        current = result.scalar_one()
                        if current != known:
                            await self._tell()
                            known = current
                        failed = False
                        await asyncio.sleep(POLL_S)
            except (DBAPIError, DatabaseError) as error:
                if not failed:
                    _log.warning("Cannot watch for changes of other processes: %s", error)
                failed = True
                await asyncio.sleep(RETRY_S)

    async def _tell(self) -> None:
        topics = await self._new_topics()
        if topics:
            self._bus.publish(Changed(topics))

    async def _new_topics(self) -> frozenset[str]:
        async with self._database.read() as session:
            rows = await session.execute(select(Change.topic, Change.version))
            return self._database.seen.note((topic, version) for topic, version in rows)
