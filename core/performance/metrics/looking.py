"""What a query must tell: asked every ten seconds, beside the samples."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from core.errors import AppError
from core.performance.metrics.repository import BusinessRepository, freelist_bytes
from core.performance.metrics.schemas import Metric
from core.performance.target import Target

FIRST_AFTER_S = 2.0
EVERY_S = 10.0
LONGEST_S = 5.0
"""A figure must not keep a connection from those who wait for rows."""
_PEOPLE_EVERY = 6

_log = logging.getLogger(__name__)


class Looks:
    """Asks the database for figures, as long as it is open.

    Args:
        wanted: Whether to ask at all; a file that nobody looks at is left alone.
        failed: Called when the database did not answer.
    """

    def __init__(
        self, target: Target, *, wanted: Callable[[], bool], failed: Callable[[], None]
    ) -> None:
        self._target = target
        self._wanted = wanted
        self._failed = failed
        self._people = 0.0
        self._rounds = 0
        self._told = ""
        self.found: Mapping[Metric, float] = {}

    async def keep_looking(self) -> None:
        """Look until cancelled."""
        await asyncio.sleep(FIRST_AFTER_S)
        while True:
            if self._wanted():
                await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Look once; what could not be seen is not there any more."""
        try:
            self.found = await self._look()
            self._told = ""
        except AppError as error:
            self.found = {}
            self._failed()
            if error.title != self._told:
                _log.info("Figures of %s cannot be read: %s", self._target.path, error)
            self._told = error.title
        except Exception as error:  # one bad look must not end all that come
            self.found = {}
            if repr(error) != self._told:
                _log.exception("Figures of %s cannot be read", self._target.path)
            self._told = repr(error)

    async def _look(self) -> Mapping[Metric, float]:
        async with self._target.database.read(limit_s=LONGEST_S) as session:
            found = {Metric.FREELIST_BYTES: float(await freelist_bytes(session))}
            if self._target.managed:
                business = BusinessRepository(session)
                if self._rounds % _PEOPLE_EVERY == 0:
                    self._people = await business.users()
                self._rounds += 1
                found |= await business.figures(datetime.now(UTC))
                found[Metric.USERS] = self._people
        return found
