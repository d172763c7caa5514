"""The composition root: builds the core and closes it, in this order.

Opened: folders, log, settings, words, events, jobs, keys, workspaces. Closed in reverse:
running jobs, open workspaces (followers, leader, engines), then the log is flushed.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core import log, paths, translation
from core.events import EventBus
from core.progress import JobBoard
from core.security.key_service import KeyService
from core.security.keys import KeyStore
from core.security.permissions import Gate
from core.security.sealing import Sealer
from core.settings import SettingsStore
from core.workspaces.service import WorkspaceService

_log = logging.getLogger(__name__)


class Core:
    """What a window, or a script, works with: settings, events, jobs, keys and workspaces."""

    def __init__(self, settings: SettingsStore) -> None:
        self.settings = settings
        self.events = EventBus()
        self.jobs = JobBoard(self.events)
        self._key_store = KeyStore(
            settings.folders.key_file,
            storage=lambda: settings.current.key_storage,
            keep=lambda storage: settings.change(key_storage=storage),
        )
        sealer = Sealer(self._key_store)
        # The keys belong to who is signed in at the operating system.
        self.keys = KeyService(sealer, Gate(open_here=True))
        self.workspaces = WorkspaceService(settings, self.events, self.jobs, sealer)

    async def close(self) -> None:
        """End the jobs and close the workspaces; what waits for the keyring gives up."""
        self._key_store.close()
        await self.jobs.close()
        await self.workspaces.close_all()


@asynccontextmanager
async def open_core(settings: SettingsStore) -> AsyncIterator[Core]:
    """Open the core and close everything it started at the end.

    >>> async with open_core(load_settings()) as core:          # doctest: +SKIP
    ...     workspace = await core.workspaces.open(Path("nightly.db"))
    ...     page = await workspace.projects.list_all(actor)
    """
    settings.folders.create()
    log.start(settings.folders.log_file, settings.current.log_level)
    translation.install(paths.resource("locale"), settings.current.language)
    core = Core(settings)
    try:
        yield core
    finally:
        try:
            await core.close()
            _log.info("Closed")
        finally:
            log.stop()
