"""The longest pause of the window while a build of 1,000,000 lines is followed on screen."""

import asyncio
import os
import shlex
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

import qasync
from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.figures import RUNS, Figure, at_most
from benchmarks.workload import LINES, scratch_home, write_lines
from core.app import open_core
from core.builds.schemas import BuildState
from core.paths import UserFolders
from core.projects.schemas import ProjectCreate
from core.settings import load_settings
from desktop.app import Application, make_qt
from desktop.arguments import Arguments
from desktop.builds import BuildsTab

TICK_MS = 5
PATIENCE_S = 120


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


def run() -> list[Figure]:
    """Measure in the real window, offscreen; idle is measured beside it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with scratch_home() as folder:
        write_lines(folder / "output")
        folders = UserFolders.of_this_user()
        qt = make_qt(folders)
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qt)) as runner:
            idle, following = runner.run(_measure(qt, folders, folder))
    worst, high = (median(run[place] for run in following) for place in (0, 1))
    idle_worst = median(run[0] for run in idle)
    name = "UI gap while 1 M lines are followed"
    longest = at_most(f"{name}, longest", worst, "ms", 50)
    return [
        Figure(
            longest.name, worst, "ms", idle_worst, worst / idle_worst, longest.aim, longest.ok
        ),
        at_most(f"{name}, p99", high, "ms", 20),
    ]


Gaps = list[tuple[float, float]]


async def _measure(qt: QApplication, folders: UserFolders, folder: Path) -> tuple[Gaps, Gaps]:
    async with open_core(load_settings()) as core:
        await core.workspaces.create(folder / "bench.db", open_here=True)
    arguments = Arguments(database=folder / "bench.db")
    application = Application(qt, arguments, folders, unattended=True)
    application.window.resize(1280, 800)
    running = asyncio.ensure_future(application.run())
    idle: Gaps = []
    following: Gaps = []
    try:
        await asyncio.wait_for(application.ready.wait(), PATIENCE_S)
        tab = _tab(application)
        command = f"cat {shlex.quote(str(folder / 'output'))}"
        data = ProjectCreate(name="lines", path=str(folder), command=command)
        await tab.presenter.create(data)
        await _until(lambda: tab.presenter.project is not None)
        meter = GapMeter()
        for _ in range(RUNS):
            meter.start()
            await asyncio.sleep(1)
            idle.append(meter.stop())
            meter.start()
            await tab.deeds.run()
            await _until(lambda: _followed_to_the_end(tab))
            following.append(meter.stop())
    finally:
        application.stop.set()
        await running
        QCoreApplication.sendPostedEvents()
    return idle, following


def _tab(application: Application) -> BuildsTab:
    session = application.conduct.workspaces.session if application.conduct else None
    tab = session.tabs["builds"] if session else None
    if not isinstance(tab, BuildsTab):
        raise TypeError("The workspace did not open.")
    return tab


def _followed_to_the_end(tab: BuildsTab) -> bool:
    build = tab.presenter.build
    if build is not None and build.state is BuildState.FAILED:
        raise RuntimeError(build.message)
    finished = build is not None and build.state is BuildState.SUCCESS
    return finished and tab.view.log_pane.log.lines == LINES


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("The window did not follow the build.")
        await asyncio.sleep(0.02)
