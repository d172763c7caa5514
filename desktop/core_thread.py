"""The bridge: the core runs on a thread and loop of its own, and is called from here.

A call crosses with ``run_coroutine_threadsafe``, so results, exceptions and cancellation
come back; events cross by a queued signal. Nothing else of the core is touched from the
thread of the window.
"""

import asyncio
import contextlib
import gc
import importlib
import logging
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from core.errors import AppError, KeyConsentNeededError

if TYPE_CHECKING:
    from core.app import Core
    from core.settings import SettingsStore
    from core.workspaces.schemas import WorkspaceInfo
    from core.workspaces.workspace import Workspace

T = TypeVar("T")

# The codes of the errors that say that the actor is let through no more.
SESSION_ENDED = frozenset({"session_ended", "sign_in_needed"})

_NICE = 10  # what `nice` itself takes
_SWITCH_S = 0.0001

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
        happened: Each event of the core, delivered on the thread of the window.

    Attributes:
        ask_for_consent: Asks the person where keys may lie, when a call cannot go on without,
            and returns whether it is to be made again; set once there is somebody to ask.
    """

    happened = Signal(object)
    _crossing = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.SelectorEventLoop()
        self._thread: threading.Thread | None = None
        self._ended: asyncio.Future[None] | None = None
        self._core: Core | None = None
        self._stop: asyncio.Event | None = None
        self._closing = threading.Event()
        self.ask_for_consent: Callable[[KeyConsentNeededError], Awaitable[bool]] | None = None
        # Queued whoever listens: what is connected to ``happened`` runs on the window's thread.
        self._crossing.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    async def start(self, load_settings: Callable[[], "SettingsStore"]) -> None:
        """Import and open the core on its thread; return when it can be called.

        Raises:
            Exception: Whatever kept the core from opening.
        """
        window_loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = window_loop.create_future()
        ended = self._ended = window_loop.create_future()

        def tell(future: asyncio.Future[None], error: BaseException | None) -> None:
            window_loop.call_soon_threadsafe(_settle, future, error)

        self._thread = threading.Thread(
            target=self._run_thread,
            args=(load_settings, lambda e: tell(ready, e), lambda: tell(ended, None)),
            name="core",
            daemon=True,
        )
        self._thread.start()
        await ready

    async def run(self, call: Callable[["Core"], Awaitable[T]]) -> T:
        """Await ``call(core)`` on the thread of the core and return its result.

        A call that needs the consent to a key file, and so changed nothing, is made again
        once the person has agreed.
        """
        while True:
            try:
                return await self._run(call)
            except KeyConsentNeededError as error:
                if self.ask_for_consent is None or not await self.ask_for_consent(error):
                    raise

    async def _run(self, call: Callable[["Core"], Awaitable[T]]) -> T:
        if self._core is None:
            raise RuntimeError("The core is not open.")
        return await asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(_invoke(call, self._core), self._loop)
        )

    async def close(self) -> None:
        """Close the core, end its thread, and return when both are gone.

        May be called at any time, also while the core is being opened or after it failed.
        """
        self._closing.set()
        thread, ended = self._thread, self._ended
        if thread is None or ended is None:
            self._loop.close()
            return
        stop = self._stop
        if stop is not None:
            # The loop is closed already where the core failed.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(stop.set)
        await asyncio.shield(ended)
        thread.join()
        self._thread = self._core = self._stop = None

    def _run_thread(
        self,
        load_settings: Callable[[], "SettingsStore"],
        tell: Callable[[BaseException | None], None],
        tell_end: Callable[[], None],
    ) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            from core.priority import usual_priority_kept

            with usual_priority_kept():
                _let_the_window_go_first()
                _pass_the_lock_quickly()
                _import_in_slices()
                self._loop.run_until_complete(self._serve(load_settings(), tell))
        except BaseException as error:
            _log.exception("The core ended")
            tell(error)
        finally:
            self._core = None
            self._loop.run_until_complete(_end_all_tasks())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()
            tell_end()

    async def _serve(
        self, settings: "SettingsStore", tell: Callable[[BaseException | None], None]
    ) -> None:
        from core.app import open_core

        self._stop = stop = asyncio.Event()
        if self._closing.is_set():
            stop.set()
        async with open_core(settings) as core:
            core.events.subscribe(self._crossing.emit)
            self._core = core
            tell(None)
            await stop.wait()

    def _deliver(self, event: object) -> None:
        self.happened.emit(event)


class WorkspaceClient:
    """Calls one open workspace from the loop of the window."""

    def __init__(self, core: CoreClient, workspace: "Workspace") -> None:
        self.core = core
        self._workspace = workspace
        self.info: WorkspaceInfo = workspace.info
        self.on_session_ended: Callable[[AppError], None] | None = None

    async def run(self, call: Callable[["Workspace"], Awaitable[T]]) -> T:
        """Await ``call(workspace)`` on the thread of the core and return its result.

        ``on_session_ended`` is told, too, when the call is refused because the session of
        the actor is over, or the workspace is not open on this computer any more.
        """
        try:
            return await self.core.run(lambda _core: call(self._workspace))
        except AppError as error:
            if error.code in SESSION_ENDED and self.on_session_ended is not None:
                self.on_session_ended(error)
            raise

    async def refresh(self) -> None:
        """Take ``info`` anew, after something such as trust changed."""
        self.info = await self.run(_info_of)

    @property
    def workspace(self) -> "Workspace":
        """The workspace itself; to be handed back to the core, never called from here."""
        return self._workspace


def _settle(future: asyncio.Future[None], error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)


async def _end_all_tasks() -> None:
    """Cancel the calls whose callers are gone, so that none is destroyed half-way.

    What a call lets run to its end, such as a commit, ends with it and is not cancelled; nor
    is a call twice: the second would tear apart what it does about the first.
    """
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    calls = {task for task in tasks if _is_call(task)}
    for some in (calls, tasks - calls):
        for task in some:
            if not task.cancelling():
                task.cancel()
        await asyncio.gather(*some, return_exceptions=True)


def _is_call(task: asyncio.Task[Any]) -> bool:
    return getattr(task.get_coro(), "cr_code", None) is _invoke.__code__


async def _info_of(workspace: "Workspace") -> "WorkspaceInfo":
    return workspace.info


async def _invoke(call: Callable[["Core"], Awaitable[T]], core: "Core") -> T:
    return await call(core)


def _let_the_window_go_first() -> None:
    """Lower the priority of this thread, and of every thread that it starts; not of builds.

    With two cores and a build that prints a million lines the 99th percentile of the
    window's pauses fell from 22 to 18 ms (at 5 it is 21). Only Linux gives priorities to
    threads.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


def _pass_the_lock_quickly() -> None:
    """Let a thread that computes give up the interpreter's lock after 0.1 ms, not 5 ms.

    For as long as the program runs, as the window waits for that lock whenever the core
    computes: while a log of a million lines is followed, the 99th percentile of the window's
    pauses is 27.5 ms at 0.1 ms, 34.7 ms at 0.5 ms.
    """
    sys.setswitchinterval(_SWITCH_S)


def _import_in_slices() -> None:
    """Import the core without long pauses of the window: no collection, a few at a time.

    Once in a process: what is frozen is never collected, and later there is garbage in it.
    """
    if all(name in sys.modules for name in _SLICES):
        return
    collecting = gc.isenabled()
    gc.disable()
    try:
        for name in _SLICES:
            importlib.import_module(name)
            time.sleep(0.001)
    finally:
        # Not collected here: garbage of the window must not die on this thread.
        gc.freeze()
        gc.set_threshold(5000, 20, 100)
        if collecting:
            gc.enable()
