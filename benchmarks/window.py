"""The real window, offscreen, and how late its timer comes while something goes on."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from typing import TypeVar

import qasync
from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.figures import Figure, at_most
from benchmarks.workload import scratch_home
from core.paths import UserFolders
from desktop.app import Application, make_qt
from desktop.arguments import Arguments
from desktop.builds import BuildsTab
from desktop.performance import PerformanceTab
from desktop.tabs import Tab

TICK_MS = 5
PATIENCE_S = 120

Gaps = list[tuple[float, float]]
T = TypeVar("T")


class GapMeter(QObject):
    """Notes how late each tick of a 5 ms timer of the window comes, in milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._last = 0.0
        self.gaps: list[float] = []

    def start(self) -> None:
        """Begin anew."""
        self.gaps = []
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> tuple[float, float]:
        """Return the longest gap and the 99th percentile."""
        self._timer.stop()
        return max(self.gaps), quantiles(self.gaps, n=100)[98]

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1000)
        self._last = now


def gap_figures(name: str, gaps: Gaps, idle: Gaps) -> list[Figure]:
    """Return the medians of the longest gaps and of the p99, beside those of an idle window."""
    figures = []
    for place, what, most in ((0, "longest", 50), (1, "p99", 20)):
        value, reference = (median(run[place] for run in runs) for runs in (gaps, idle))
        judged = at_most(f"{name}, {what}", value, "ms", most)
        ratio = value / reference
        figures.append(replace(judged, reference=reference, ratio=ratio))
    return figures


def run_with_qt(work: Callable[[QApplication, Path], Coroutine[None, None, T]]) -> T:
    """Run a coroutine on the loop of Qt with an empty home; it is given an empty folder."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with scratch_home() as folder:
        qt = make_qt(UserFolders.of_this_user())
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qt)) as runner:
            return runner.run(work(qt, folder))


@asynccontextmanager
async def window(qt: QApplication, file: Path) -> AsyncIterator[Application]:
    """Open a workspace in the window, and close it at the end."""
    folders = UserFolders.of_this_user()
    application = Application(qt, Arguments(database=file), folders, unattended=True)
    application.window.resize(1280, 800)
    running = asyncio.ensure_future(application.run())
    try:
        await asyncio.wait_for(application.ready.wait(), PATIENCE_S)
        yield application
    finally:
        application.stop.set()
        await running
        QCoreApplication.sendPostedEvents()


def tab(application: Application, name: str) -> Tab:
    """Return a tab of the workspace that is open."""
    session = application.conduct.workspaces.session if application.conduct else None
    if session is None:
        raise TypeError("The workspace did not open.")
    return session.tabs[name]


def builds_tab(application: Application) -> BuildsTab:
    """Return the tab of projects and builds."""
    found = tab(application, "builds")
    if not isinstance(found, BuildsTab):
        raise TypeError(f"This is no tab of builds: {found}")
    return found


def performance_tab(application: Application) -> PerformanceTab:
    """Return the tab of performance."""
    found = tab(application, "performance")
    if not isinstance(found, PerformanceTab):
        raise TypeError(f"This is no tab of performance: {found}")
    return found


async def until(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Wait for something that the window comes to by itself."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("The window did not come to what was waited for.")
        await asyncio.sleep(0.02)
