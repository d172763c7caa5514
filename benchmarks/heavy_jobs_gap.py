"""Pauses of the window while a database of 300 MB is looked after, with its page in sight."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from benchmarks.figures import RUNS, Figure
from benchmarks.maintenance import make_file
from benchmarks.window import (
    GapMeter,
    Gaps,
    gap_figures,
    performance_tab,
    run_with_qt,
    until,
    window,
)
from core.app import Core
from core.performance.benchmarks.schemas import BenchmarkSettings
from core.performance.maintenance.schemas import Task
from core.progress import Progress
from core.security.actors import Actor, Origin
from core.workspaces.workspace import Workspace
from desktop.app import Application

Job = Callable[[Workspace, Actor, Progress], Awaitable[object]]

_JOBS: tuple[tuple[str, str, Job], ...] = (
    (
        "VACUUM of 300 MB",
        "maintenance",
        lambda w, actor, progress: w.performance.maintenance.run(
            actor, task=Task.VACUUM, progress=progress
        ),
    ),
    (
        "an integrity check of 300 MB",
        "maintenance",
        lambda w, actor, progress: w.performance.maintenance.run(
            actor, task=Task.INTEGRITY_CHECK, progress=progress
        ),
    ),
    (
        "a backup of 300 MB",
        "maintenance",
        lambda w, actor, progress: w.performance.backups.make(actor, progress=progress),
    ),
    (
        "storage of 300 MB is analysed",
        "storage",
        lambda w, actor, progress: w.performance.storage.analyse(actor, progress=progress),
    ),
    (
        "1,000 reads are measured, 100 at once",
        "benchmarks",
        lambda w, actor, progress: w.performance.benchmarks.run(
            actor, settings=BenchmarkSettings(), progress=progress
        ),
    ),
)


def run() -> list[Figure]:
    """Measure in the real window, offscreen; idle is measured beside it."""
    idle, gaps = run_with_qt(_measure)
    return [
        figure
        for name, _page, _job in _JOBS
        for figure in gap_figures(f"UI gap, {name}", gaps[name], idle)
    ]


async def _measure(qt: QApplication, folder: Path) -> tuple[Gaps, dict[str, Gaps]]:
    file = folder / "large.db"
    make_file(file)
    idle: Gaps = []
    gaps: dict[str, Gaps] = {name: [] for name, _page, _job in _JOBS}
    async with window(qt, file) as application:
        shown = performance_tab(application)
        meter = GapMeter()
        for _ in range(RUNS):
            for name, page, job in _JOBS:
                shown.go_to(page)
                await until(lambda: shown.shown is not None)
                await asyncio.sleep(0.5)
                meter.start()
                await asyncio.sleep(0.5)
                idle.append(meter.stop())
                meter.start()
                await _do(application, name, job)
                gaps[name].append(meter.stop())
    return idle, gaps


async def _do(application: Application, name: str, job: Job) -> None:
    assert application.conduct is not None
    session = application.conduct.workspaces.session
    assert session is not None
    client = session.client
    actor = Actor.of_this_computer(Origin.DESKTOP)

    async def as_job(core: Core) -> object:
        return await core.jobs.run(
            name, lambda progress: job(client.workspace, actor, progress)
        )

    await client.core.run(as_job)
