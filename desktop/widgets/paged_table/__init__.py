"""Tables for lists of any length: fetched in pages, sorted, chosen from and copied."""

from desktop.widgets.paged_table.columns import Column
from desktop.widgets.paged_table.copying import CopyFormat
from desktop.widgets.paged_table.model import Counted, PagedModel, State
from desktop.widgets.paged_table.pane import TablePane
from desktop.widgets.paged_table.selection import Chosen, Selection
from desktop.widgets.paged_table.table import PagedTable

__all__ = [
    "Chosen",
    "Column",
    "CopyFormat",
    "Counted",
    "PagedModel",
    "PagedTable",
    "Selection",
    "State",
    "TablePane",
]
