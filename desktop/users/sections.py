"""What a section of the tab is: one page with a view and a presenter of its own."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from PySide6.QtWidgets import QWidget

from core.database.query.schemas import ListQuery
from core.events import Event

ShowPeople = Callable[[ListQuery], None]
"""Goes to the list of people and shows those whom a query finds."""


class Section(Protocol):
    """One page of the tab; made when it is shown for the first time."""

    @property
    def widget(self) -> QWidget:
        """What the page shows."""

    async def load(self) -> None:
        """Fetch what is shown first; called once, when the page is on the screen.

        Raises:
            AppError: Shown as a notification.
        """

    def on_event(self, event: Event) -> None:
        """Take an event of the core; return at once."""

    def save_state(self) -> None:
        """Keep what should be the same the next time."""

    def focus_main(self) -> None:
        """Give the keyboard to what is used first."""

    def close(self) -> None:
        """End what is under way."""


@runtime_checkable
class ListsPeople(Section, Protocol):
    """The section with the list of people."""

    def show(self, query: ListQuery) -> None:
        """List the people whom a query finds; its filters are seen as chips."""
