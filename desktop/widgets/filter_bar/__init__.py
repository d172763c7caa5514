"""The bar that narrows a list: search, conditions as chips, and saved filters."""

from desktop.widgets.chip import Chip
from desktop.widgets.filter_bar.bar import FilterBar
from desktop.widgets.filter_bar.conditions import Condition, LastDays, words

__all__ = ["Chip", "Condition", "FilterBar", "LastDays", "words"]
