"""The page itself: asks each second while it is in sight, and shows what came."""

from PySide6.QtWidgets import QWidget

from core.events import Event
from desktop.performance.concurrency.calls import ConcurrencyCalls
from desktop.performance.concurrency.view import ConcurrencyView
from desktop.performance.page import GoTo
from desktop.performance.poll import EVERY_S, Poll
from desktop.tabs import TabContext
from desktop.widgets.holder import page_holder


class ConcurrencyPage:
    """What goes on at once in this database.

    Args:
        every_s: Seconds from an answer to the next question.
    """

    def __init__(self, context: TabContext, _go_to: GoTo, *, every_s: float = EVERY_S) -> None:
        self.calls = ConcurrencyCalls(context)
        self.view = ConcurrencyView(context.theme)
        self.holder = page_holder(context.theme, self.view, self.view.accessibleName())
        self.poll = Poll(
            context.tasks,
            self.holder,
            self.calls.overview,
            self.view.show_overview,
            every_s=every_s,
        )
        self.holder.retried.connect(self.poll.again)

    @property
    def widget(self) -> QWidget:
        """What the page shows."""
        return self.holder

    def show(self) -> None:
        """Ask, and go on asking."""
        self.poll.wake()

    def hide(self) -> None:
        """Ask nothing more."""
        self.poll.rest()

    def on_event(self, _event: Event) -> None:
        """Events tell nothing that is not asked for each second anyway."""

    def save_state(self) -> None:
        """There is nothing to be kept."""

    def focus_main(self) -> None:
        """Give the keyboard to the open transactions, or where there are none to the page."""
        table = self.view.open.table
        (self.view if table.isHidden() else table).setFocus()

    def close(self) -> None:
        """Ask nothing more."""
        self.poll.rest()
