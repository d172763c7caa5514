"""The table of pages, in the order of the list at the left."""

from desktop.performance.page import PageEntry

PAGES: tuple[PageEntry, ...] = ()
