"""The application: what it is made of, how it starts, and how it ends.

Start: the window is painted before anything slow is imported; then the core is imported and
opened on its own thread; then the workspace that was asked for, the last one, or the welcome
page. End, whoever asks for it: the stop event, then what the frame has under way, tabs,
workspace and core, in that order, so that nothing is left pending.
"""

import asyncio
import errno
import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import qasync
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from core import paths, translation
from core.errors import AppError, Category
from core.paths import UserFolders
from core.scratch import sweep
from core.translation import _
from core.workspaces.schemas import WorkspaceKind
from desktop.activity.model import Activity
from desktop.arguments import Arguments
from desktop.collector import Collector
from desktop.core_thread import CoreClient
from desktop.failures import Failures, Hooks
from desktop.frame.services import Services
from desktop.frame.signals import SignalWatch
from desktop.main_window import MainWindow
from desktop.notifications import Notifications
from desktop.tabs import Tab, TabContext, TabEntry
from desktop.tasks import TaskRunner
from desktop.theme import STYLE, Theme

if TYPE_CHECKING:
    from core.app import Core
    from core.settings import SettingsStore
    from desktop.frame.conduct import Conduct

_log = logging.getLogger(__name__)


def _users_tab(context: TabContext) -> Tab:
    from desktop.users import UsersTab

    return UsersTab(context)


def _builds_tab(context: TabContext) -> Tab:
    from desktop.builds import BuildsTab

    return BuildsTab(context)


def _performance_tab(context: TabContext) -> Tab:
    from desktop.performance import PerformanceTab

    return PerformanceTab(context)


TABS = (
    TabEntry("users", frozenset({WorkspaceKind.MANAGED}), _users_tab),
    TabEntry("builds", frozenset({WorkspaceKind.MANAGED}), _builds_tab),
    TabEntry("performance", frozenset(WorkspaceKind), _performance_tab),
)


_FULL_OR_SEALED = frozenset({errno.ENOSPC, errno.EROFS})


class FoldersError(AppError):
    """The folders of this person cannot be used."""

    code = "folders"
    category = Category.SYSTEM


class Application:
    """One run of the program.

    Args:
        qt: The application object of Qt.
        arguments: What the command line asked for.
        folders: Where this person's settings lie.
        tabs: The table of tabs.
        unattended: Nobody is there to be asked, as in the tour: builds finish alone.

    Attributes:
        window: The window, from the start.
        ready: Set when the first page can be used.
        stop: Set to end the program.
    """

    def __init__(
        self,
        qt: QApplication,
        arguments: Arguments,
        folders: UserFolders,
        tabs: tuple[TabEntry, ...] = TABS,
        *,
        unattended: bool = False,
    ) -> None:
        self._arguments = arguments
        self._unattended = unattended
        notifications = Notifications()
        failures = Failures(notifications)
        core = CoreClient()
        tasks = TaskRunner(failures.handle)
        activity = Activity(lambda job_id: tasks.run(_cancel_job(core, job_id)))
        self.services = Services(
            core=core,
            tasks=tasks,
            theme=Theme(qt, _early_setting(folders, "appearance") or "system"),
            notifications=notifications,
            failures=failures,
            activity=activity,
            folders=folders,
            tabs=tabs,
        )
        self.window = MainWindow(
            self.services.theme,
            notifications,
            failures,
            activity,
            self.services.window_settings(),
        )
        self.ready = asyncio.Event()
        self.stop = asyncio.Event()
        self.conduct: Conduct | None = None

    async def run(self) -> int:
        """Start, wait for the end, close everything, and return the exit code."""
        hooks = Hooks(self.services.failures)
        hooks.install(asyncio.get_running_loop())
        collector = Collector()
        collector.start()
        signals = SignalWatch(self.stop.set)
        self.window.close_wanted.connect(self._close_wanted)
        try:
            await self._show_window()
            self.services.tasks.run(self._start())
            await self.stop.wait()
            await self._shut_down()
        finally:
            signals.close()
            collector.stop()
            hooks.remove()
        return 0

    async def _show_window(self) -> None:
        painted = asyncio.Event()
        self.window.painted.connect(painted.set)
        self.window.show()
        waits = [asyncio.ensure_future(event.wait()) for event in (painted, self.stop)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        self._painted_at = time.monotonic()

    async def _start(self) -> None:
        try:
            await self._begin()
        except Exception as error:  # whatever it is, the page must not wait for ever
            self.window.starting.say(_("Buildbench could not start."))
            self.services.failures.handle(error, "starting")

    async def _begin(self) -> None:
        problem = await self._start_core()
        from desktop.frame.conduct import Conduct

        self.conduct = Conduct(
            self.window, self.services, self.stop, unattended=self._unattended
        )
        self.services.core.happened.connect(self.conduct.on_event)
        if problem is not None:
            self.services.failures.handle(problem, "reading the settings")
        await self.conduct.begin(self._arguments)
        self.ready.set()
        _log_milestones(self._painted_at, time.monotonic())
        self.services.tasks.run(_sweep())

    async def _start_core(self) -> AppError | None:
        problems: list[AppError] = []

        def load() -> "SettingsStore":
            from core.settings import SettingsError, SettingsStore

            store = SettingsStore(self.services.folders)
            try:
                store.load()
            except SettingsError as error:
                problems.append(error)
            return store

        try:
            await self.services.core.start(load)
        except OSError as error:
            if not _is_about_folders(error):
                raise
            raise FoldersError(
                _("Buildbench cannot use its folders, so it could not start."),
                detail=str(error),
                hint=_("Make the folder writable, then start Buildbench again."),
            ) from error
        return problems[0] if problems else None

    def _close_wanted(self) -> None:
        if self.conduct is None:
            self.stop.set()
        else:
            self.services.tasks.run(self.conduct.close_window())

    async def _shut_down(self) -> None:
        self.window.save_state()
        self.window.hide()
        # What the frame has under way goes first: it may wait for the database for long.
        await self.services.tasks.close()
        if self.conduct is not None:
            await self.conduct.end()
        await self.services.core.close()
        self.services.notifications.clear()
        self.window.failure_dialog.close()
        self.window.deleteLater()


def _is_about_folders(error: OSError) -> bool:
    """Tell what the person can mend from what is wrong with the program."""
    kinds = (PermissionError, FileExistsError, NotADirectoryError)
    return isinstance(error, kinds) or error.errno in _FULL_OR_SEALED


async def _cancel_job(core: CoreClient, job_id: int) -> None:
    async def cancel(opened: "Core") -> bool:
        return opened.jobs.cancel(job_id)

    await core.run(cancel)


async def _sweep() -> None:
    """Remove what windows left among the temporary files that were killed."""
    if count := await asyncio.to_thread(sweep):
        _log.info("Removed %d folders of processes that died", count)


def _early_setting(folders: UserFolders, name: str) -> str:
    """Return a setting before the settings can be read properly, for the first paint."""
    value = os.environ.get(f"BUILDBENCH_{name.upper()}")
    if value is None:
        try:
            value = json.loads(folders.settings_file.read_text("utf-8")).get(name)
        except (OSError, ValueError, AttributeError):
            return ""  # the core reads the file again and tells what is wrong with it
    return value if isinstance(value, str) else ""


def _log_milestones(painted: float, ready: float) -> None:
    began = time.monotonic() - _age_s()
    for what, moment in (("Painted", painted), ("Ready", ready)):
        after = moment - began
        _log.info(
            "%s %.2f s after the start, at %.4f of the system's clock", what, after, moment
        )


def _age_s() -> float:
    """Return for how many seconds this process exists."""
    stat = Path("/proc/self/stat")
    if stat.exists():
        # psutil's start time is counted from a boot time in whole seconds.
        after_boot = stat.read_text("ascii").rsplit(")", 1)[1].split()[19]
        started = int(after_boot) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started
    import psutil

    return time.time() - psutil.Process().create_time()


def make_qt(folders: UserFolders) -> QApplication:
    """Return the application object, named and with its icon."""
    translation.install(paths.resource("locale"), _early_setting(folders, "language") or None)
    qt = QApplication([*sys.argv[:1], *STYLE])
    qt.setApplicationName("buildbench")
    # No display name: Qt would put it behind a title that begins with it.
    qt.setDesktopFileName("buildbench")
    # Not the drawing itself: loading what reads it would delay the first paint.
    qt.setWindowIcon(QIcon(str(paths.resource("icons", "buildbench-128.png"))))
    qt.setQuitOnLastWindowClosed(False)
    return qt


def run(arguments: Arguments) -> int:
    """Run the program to its end and return the exit code."""
    folders = UserFolders.of_this_user()
    qt = make_qt(folders)
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qt)) as runner:
        return runner.run(_main(qt, arguments, folders))


async def _main(qt: QApplication, arguments: Arguments, folders: UserFolders) -> int:
    return await Application(qt, arguments, folders).run()
