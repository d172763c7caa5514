"""Small charts with a caption, exact values on hovering, and a table that says the same.

The library that draws them is imported when the first chart has something to show.
"""

from desktop.widgets.charts.bars import BarChart
from desktop.widgets.charts.figures import Bar, Line
from desktop.widgets.charts.lines import LineChart

__all__ = ["Bar", "BarChart", "Line", "LineChart"]
