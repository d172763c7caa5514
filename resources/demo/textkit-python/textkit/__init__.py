"""A small kit for plain text: wrapping, tables and a measure of how alike two words are."""

from textkit.distance import closest, distance
from textkit.layout import table, wrap

__all__ = ["closest", "distance", "table", "wrap"]
