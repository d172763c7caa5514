"""Small charts with a caption, exact values on hovering, and a table that says the same.

The library that draws them is imported when the first chart has something to show; who
awaits ``prepare`` before that keeps the window from waiting for it.
"""

import asyncio
import importlib

from desktop.widgets.charts.bars import BarChart
from desktop.widgets.charts.figures import Bar, Line
from desktop.widgets.charts.lines import LineChart
from desktop.widgets.charts.live import LiveChart, LiveLine

__all__ = ["Bar", "BarChart", "Line", "LineChart", "LiveChart", "LiveLine", "prepare"]


async def prepare() -> None:
    """Import the library that draws, on a thread: it takes a third of a second."""
    await asyncio.to_thread(importlib.import_module, "desktop.widgets.charts.live_plot")
