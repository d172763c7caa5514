"""The bridge: the core runs on a thread and loop of its own, and is called from here.

A call crosses with ``run_coroutine_threadsafe``, so results, exceptions and cancellation
come back; events cross by a queued signal. Nothing else of the core is touched from the
thread of the window.
"""

import asyncio
import gc
import importlib
import logging
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from core.app import Core
    from core.settings import SettingsStore
    from core.workspaces.schemas import WorkspaceInfo
    from core.workspaces.workspace import Workspace

T = TypeVar("T")

_log = logging.getLogger(__name__)

# Imported one by one with a breath between them, so that the window goes on painting.
_SLICES = (
    "pydantic",
    "pydantic_settings",
    "sqlalchemy",
    "sqlalchemy.orm",
    "sqlalchemy.ext.asyncio",
    "sqlmodel",
    "aiosqlite",
    "cryptography.hazmat.primitives.ciphers.aead",
    "core.app",
)


class CoreClient(QObject):
    """Calls the core from the loop of the window.

    Signals:
        event: Each event of the core, delivered on the thread of the window.
    """

    event = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.SelectorEventLoop()
        self._thread: threading.Thread | None = None
        self._core: Core | None = None
        self._stop: asyncio.Event | None = None

    async def start(self, load_settings: Callable[[], "SettingsStore"]) -> None:
        """Import and open the core on its thread; return when it can be called.

        Raises:
            Exception: Whatever kept the core from opening.
        """
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        window_loop = asyncio.get_running_loop()

        def settle(error: BaseException | None) -> None:
            if ready.done():
                return
            if error is None:
                ready.set_result(None)
            else:
                ready.set_exception(error)

        def tell(error: BaseException | None) -> None:
            window_loop.call_soon_threadsafe(settle, error)

        self._thread = threading.Thread(
            target=self._run_thread, args=(load_settings, tell), name="core", daemon=True
        )
        self._thread.start()
        await ready

    async def run(self, call: Callable[["Core"], Awaitable[T]]) -> T:
        """Await ``call(core)`` on the thread of the core and return its result."""
        if self._core is None:
            raise RuntimeError("The core is not open.")
        return await asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(_invoke(call, self._core), self._loop)
        )

    async def close(self) -> None:
        """Close the core, end its thread, and return when both are gone."""
        thread = self._thread
        if thread is None:
            return
        if self._stop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        await asyncio.get_running_loop().run_in_executor(None, thread.join)
        self._thread = self._core = self._stop = None

    def _run_thread(
        self,
        load_settings: Callable[[], "SettingsStore"],
        tell: Callable[[BaseException | None], None],
    ) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            _import_in_slices()
            self._loop.run_until_complete(self._serve(load_settings(), tell))
        except BaseException as error:
            _log.exception("The core ended")
            tell(error)
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    async def _serve(
        self, settings: "SettingsStore", tell: Callable[[BaseException | None], None]
    ) -> None:
        from core.app import open_core

        self._stop = asyncio.Event()
        async with open_core(settings) as core:
            self._core = core
            core.events.subscribe(self.event.emit)
            tell(None)
            await self._stop.wait()


class WorkspaceClient:
    """Calls one open workspace from the loop of the window."""

    def __init__(self, core: CoreClient, workspace: "Workspace") -> None:
        self.core = core
        self._workspace = workspace
        self.info: WorkspaceInfo = workspace.info

    async def run(self, call: Callable[["Workspace"], Awaitable[T]]) -> T:
        """Await ``call(workspace)`` on the thread of the core and return its result."""
        return await self.core.run(lambda _core: call(self._workspace))


async def _invoke(call: Callable[["Core"], Awaitable[T]], core: "Core") -> T:
    return await call(core)


def _import_in_slices() -> None:
    """Import the core without long pauses of the window: no collection, short turns."""
    gc.disable()
    sys.setswitchinterval(0.0005)
    try:
        for name in _SLICES:
            importlib.import_module(name)
            time.sleep(0.001)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(5000, 20, 100)
        gc.enable()
