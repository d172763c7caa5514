"""Pauses of the window while four builds print at once, and whether lines are lost."""

import asyncio
import hashlib
import shlex
from collections import Counter
from pathlib import Path

from PySide6.QtWidgets import QApplication

from benchmarks.figures import RUNS, Figure, at_most
from benchmarks.window import (
    GapMeter,
    Gaps,
    builds_tab,
    gap_figures,
    run_with_qt,
    until,
    window,
)
from benchmarks.workload import LINES, Builder, builder, write_lines
from core.builds.rules.schemas import BuildRules
from core.builds.schemas import BuildRequest, BuildRow, BuildState
from core.progress import Progress
from desktop.builds import BuildsTab

BUILDS = 4
LINES_EACH = LINES // BUILDS
# Each says that it runs, and waits for the word that all do.
_COMMAND = (
    "touch {folder}/here; until [ -e {go} ]; do sleep 0.05; done; exec cat {folder}/output"
)


def run() -> list[Figure]:
    """Measure in the real window, offscreen; one of the builds is followed in it."""
    idle, printing, lost = run_with_qt(_measure)
    name = f"UI gap while {BUILDS} builds print {LINES_EACH:,} lines each"
    return [
        *gap_figures(name, printing, idle),
        at_most(f"lines lost by {BUILDS} builds that print at once", lost, "lines", 0),
    ]


async def _measure(qt: QApplication, folder: Path) -> tuple[Gaps, Gaps, int]:
    async with builder(folder) as bench:
        file = bench.workspace.info.path
        projects = await _projects(bench, folder)
    idle: Gaps = []
    printing: Gaps = []
    rows: list[BuildRow] = []
    async with window(qt, file) as application:
        four = _Four(builds_tab(application), projects, folder)
        meter = GapMeter()
        for _ in range(RUNS):
            await four.choose()
            meter.start()
            await asyncio.sleep(1)
            idle.append(meter.stop())
            meter.start()
            rows += await four.build()
            printing.append(meter.stop())
    async with builder(folder) as bench:
        lost = [await _lost(bench, row, folder) for row in rows]
    return idle, printing, sum(lost)


async def _projects(bench: Builder, folder: Path) -> list[int]:
    """Make projects whose commands print lines of their own; return their ids."""
    rules = BuildRules(parallel=BUILDS)
    await bench.workspace.build_rules.change(bench.actor, rules=rules)
    ids = []
    for number in range(BUILDS):
        place = folder / str(number)
        place.mkdir()
        write_lines(place / "output", LINES_EACH, seed=number)
        command = _COMMAND.format(
            folder=shlex.quote(str(place)), go=shlex.quote(str(folder / "go"))
        )
        ids.append(await bench.project(str(number), command, place))
    return ids


class _Four:
    """The builds that run at once; the first is the one that is followed."""

    def __init__(self, tab: BuildsTab, projects: list[int], folder: Path) -> None:
        self._tab, self._projects, self._folder = tab, projects, folder
        self._go = folder / "go"
        self._ended: list[BuildRow] = []
        tab.presenter.build_ended.connect(self._ended.append)

    async def choose(self) -> None:
        """Choose the project whose build is followed; nothing runs."""
        presenter = self._tab.presenter
        await until(lambda: presenter.projects.rowCount() == BUILDS)
        presenter.choose_project(self._projects[0])
        await until(lambda: presenter.project is not None and not presenter.loading)

    async def build(self) -> list[BuildRow]:
        """Queue all, let them print once all of them run, and wait for the ends."""
        self._ended.clear()
        self._go.unlink(missing_ok=True)
        signs = [self._folder / str(number) / "here" for number in range(BUILDS)]
        for sign in signs:
            sign.unlink(missing_ok=True)
        for project in self._projects[1:]:
            await self._tab.presenter.calls.queue(project, BuildRequest())
        await self._tab.deeds.run()
        await until(lambda: all(sign.exists() for sign in signs))
        self._go.touch()
        await until(self._all_ended)
        return list(self._ended)

    def _all_ended(self) -> bool:
        for row in self._ended:
            if row.state is not BuildState.SUCCESS:
                raise RuntimeError(f"The build ended as {row.state}: {row.message}")
        shown = self._tab.view.log_pane.log.lines
        return len(self._ended) == BUILDS and shown == LINES_EACH


async def _lost(bench: Builder, row: BuildRow, folder: Path) -> int:
    """Return how many lines of a command's own output its saved log has not.

    Raises:
        RuntimeError: None is lost, and yet the log is not what the command printed.
    """
    saved = folder / "saved.log"
    progress = Progress(lambda: None)
    await bench.workspace.logs.save(
        bench.actor, build_id=row.id, target=saved, progress=progress
    )
    output = folder / row.project / "output"
    return await asyncio.to_thread(_missing, output, saved, row.log_lines)


def _missing(output: Path, saved: Path, counted: int) -> int:
    printed, kept = output.read_bytes(), saved.read_bytes()
    same = hashlib.sha256(printed).digest() == hashlib.sha256(kept).digest()
    if same and counted == LINES_EACH:
        return 0
    lost = (Counter(printed.splitlines()) - Counter(kept.splitlines())).total()
    if not lost:
        raise RuntimeError(f"A log is not what was printed; {counted} lines were counted.")
    return lost
