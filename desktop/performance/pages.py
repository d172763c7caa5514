"""The table of pages, in the order of the list at the left."""

from core.translation import _
from desktop.performance.page import GoTo, Page, PageEntry
from desktop.tabs import TabContext


def _concurrency(context: TabContext, go_to: GoTo) -> Page:
    from desktop.performance.concurrency import ConcurrencyPage

    return ConcurrencyPage(context, go_to)


PAGES = (PageEntry("concurrency", lambda: _("Concurrency"), "stack", _concurrency),)
