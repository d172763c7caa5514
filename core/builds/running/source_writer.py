"""Stores which commit a build is made of, as soon as the step that checks it out says so."""

import asyncio
import logging
import os
from pathlib import Path

from core.builds.repository import BuildRepository
from core.builds.running import sources
from core.builds.running.border import DamagedBorderError
from core.builds.schemas import BuildState
from core.builds.tables import Build
from core.database.database import Database
from core.database.leases import Fence
from core.repositories import RepositoryError, in_words

TOPIC = "builds"
_ACTIVE = tuple(state for state in BuildState if state.active)

_log = logging.getLogger(__name__)


class SourceWriter:
    """Looks for the commit of one build, and stores it once.

    Args:
        build: As it is stored; one that has a commit already is left alone.
        folder: Its border.

    Attributes:
        refusal: Why the commit cannot be had, in words; for a step that failed.
    """

    def __init__(self, database: Database, fence: Fence, build: Build, folder: Path) -> None:
        self._database = database
        self._fence = fence
        self._build = build
        self._folder = folder
        self._done = bool(build.commit_hash)
        self.refusal = sources.not_checked_out()

    async def take_in(self) -> None:
        """Store the commit if it is told by now; a look at one name where it is not.

        Raises:
            LeaseLostError: Another process follows this build.
        """
        if self._done or not self._told():
            return
        source = None
        try:
            source = await asyncio.to_thread(sources.read, self._folder)
        except RepositoryError as error:
            self.refusal = in_words(error)
        except DamagedBorderError as error:
            _log.warning("The commit of build %s is not known: %s", self._build.uid, error)
        if source is not None:
            await self._store(source)
        self._done = True

    def _told(self) -> bool:
        return os.path.lexists(self._folder / sources.SOURCE)

    async def _store(self, source: sources.Source) -> None:
        assert self._build.id is not None
        async with self._database.unit_of_work(fence=self._fence, patient=True) as unit:
            await BuildRepository(unit.session).move(
                self._build.id, from_states=_ACTIVE, **source.columns(self._build)
            )
            unit.changed(TOPIC)
            await unit.commit()
