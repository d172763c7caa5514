"""The longest pause of the window while a build of 1,000,000 lines is followed on screen."""

import asyncio
import shlex
from pathlib import Path

from PySide6.QtWidgets import QApplication

from benchmarks.figures import RUNS, Figure
from benchmarks.window import (
    GapMeter,
    Gaps,
    builds_tab,
    gap_figures,
    run_with_qt,
    until,
    window,
)
from benchmarks.workload import LINES, builder, write_lines
from core.builds.schemas import BuildState
from core.projects.schemas import ProjectCreate
from desktop.builds import BuildsTab


def run() -> list[Figure]:
    """Measure in the real window, offscreen; idle is measured beside it."""
    idle, following = run_with_qt(_measure)
    return gap_figures("UI gap while 1 M lines are followed", following, idle)


async def _measure(qt: QApplication, folder: Path) -> tuple[Gaps, Gaps]:
    write_lines(folder / "output")
    async with builder(folder) as bench:
        file = bench.workspace.info.path
    idle: Gaps = []
    following: Gaps = []
    async with window(qt, file) as application:
        tab = builds_tab(application)
        command = f"cat {shlex.quote(str(folder / 'output'))}"
        data = ProjectCreate(name="lines", path=str(folder), command=command)
        await tab.presenter.create(data)
        await until(lambda: tab.presenter.project is not None)
        meter = GapMeter()
        for _ in range(RUNS):
            meter.start()
            await asyncio.sleep(1)
            idle.append(meter.stop())
            meter.start()
            await tab.deeds.run()
            await until(lambda: _followed_to_the_end(tab))
            following.append(meter.stop())
    return idle, following


def _followed_to_the_end(tab: BuildsTab) -> bool:
    build = tab.presenter.build
    if build is not None and build.state is BuildState.FAILED:
        raise RuntimeError(build.message)
    finished = build is not None and build.state is BuildState.SUCCESS
    return finished and tab.view.log_pane.log.lines == LINES
