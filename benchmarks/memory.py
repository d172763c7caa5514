"""Memory of the program with a 300 MB database open in its window."""

import asyncio
import functools
from pathlib import Path

import psutil
from PySide6.QtWidgets import QApplication

from benchmarks.figures import Figure, at_most
from benchmarks.maintenance import make_file
from benchmarks.window import performance_tab, run_with_qt, until, window
from desktop.performance import PerformanceTab
from desktop.performance.pages import PAGES

_MEGABYTE = 1_000_000
_MOST = 250.0
# A page asks each second, or draws a chart once its figures are there.
_LOOKED_AT_S = 1.5


def run() -> list[Figure]:
    """Measure the resident memory of this process: it has the window and nothing beside it."""
    ready, seen = run_with_qt(_measure)
    return [
        at_most("memory with 300 MB open", ready, "MB", _MOST),
        Figure(
            "memory with 300 MB open, all pages of Performance seen", seen, "MB", ready,
            seen / ready, "for information", True,
        ),
    ]  # fmt: skip


async def _measure(qt: QApplication, folder: Path) -> tuple[float, float]:
    file = folder / "large.db"
    make_file(file)
    async with window(qt, file) as application:
        ready = _resident()
        shown = performance_tab(application)
        for entry in PAGES:
            shown.go_to(entry.key)
            await until(functools.partial(_is_shown, shown, entry.key))
            await asyncio.sleep(_LOOKED_AT_S)
        return ready, _resident()


def _is_shown(tab: PerformanceTab, key: str) -> bool:
    return tab.shown is not None and tab.shown is tab.pages.get(key)


def _resident() -> float:
    return float(psutil.Process().memory_info().rss) / _MEGABYTE
