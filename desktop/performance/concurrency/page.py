"""The page itself: asks each second while it is in sight, and shows what came."""

from desktop.feed import Feed
from desktop.performance.concurrency.calls import ConcurrencyCalls
from desktop.performance.concurrency.view import ConcurrencyView
from desktop.performance.page import GoTo, Page
from desktop.tabs import TabContext
from desktop.widgets.holder import page_holder

_EVERY_S = 1.0


class ConcurrencyPage(Page):
    """What goes on at once in this database.

    Args:
        every_s: Seconds from an answer to the next question.
    """

    def __init__(self, context: TabContext, _go_to: GoTo, *, every_s: float = _EVERY_S) -> None:
        self.calls = ConcurrencyCalls(context)
        self.view = ConcurrencyView(context.theme)
        self.holder = page_holder(context.theme, self.view, self.view.accessibleName())
        self.feed = Feed(
            context.tasks,
            self.holder,
            self.calls.overview,
            self.view.show_overview,
            every_s=every_s,
        )
        super().__init__(self.holder, self.feed)

    def focus_main(self) -> None:
        """Give the keyboard to the open transactions, or where there are none to the page."""
        table = self.view.open.table
        (self.view if table.isHidden() else table).setFocus()
