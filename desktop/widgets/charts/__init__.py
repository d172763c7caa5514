"""Small charts with a caption, exact values on hovering, and a table that says the same.

The library that draws them is imported when the first chart has something to show; who
awaits ``prepare`` before that keeps the window from waiting for it.
"""

import asyncio
import importlib
import sys
import time
from typing import Final

from desktop.widgets.charts.bars import BarChart
from desktop.widgets.charts.figures import Bar, Line
from desktop.widgets.charts.lines import LineChart
from desktop.widgets.charts.live import LiveChart, LiveLine

__all__ = ["Bar", "BarChart", "Line", "LineChart", "LiveChart", "LiveLine", "prepare"]


# What the library that draws imports and that has nothing of Qt, the slowest first.
_WITHOUT_QT: Final = ("numpy", "numpy.typing", "multiprocessing.connection", "pydoc")
_QT: Final = ("QtCore", "QtGui", "QtWidgets", "QtOpenGLWidgets", "QtSvg", "QtTest")
_PLOT: Final = "desktop.widgets.charts.live_plot"
_SLICE_S: Final = 0.005


async def prepare() -> None:
    """Import the library that draws: a third of a second, most of it beside the window.

    What has nothing of Qt comes on a thread. Qt's classes are made when they are first asked
    for, which crashes while the window makes others: those come here, a few at a time.
    """
    if _PLOT in sys.modules:
        return
    for name in _WITHOUT_QT:
        await asyncio.to_thread(importlib.import_module, name)
    for name in _QT:
        await _make_classes(f"PySide6.{name}")
    importlib.import_module(_PLOT)


async def _make_classes(name: str) -> None:
    """Ask a module for all that it has, with a breath for the window now and then."""
    module = importlib.import_module(name)
    began = time.monotonic()
    for attribute in dir(module):
        getattr(module, attribute)
        if time.monotonic() - began > _SLICE_S:
            await asyncio.sleep(0)
            began = time.monotonic()
