"""What a page of the tab is: one screen, made when it is shown for the first time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from core.events import Event
from desktop.feed import Feed
from desktop.tabs import TabContext

GoTo = Callable[[str], object]
"""Shows another page of the tab, by its key; one that is not there is no error."""


class Page:
    """One screen of the tab, with a view and calls of its own; its feeds ask while it is seen.

    Args:
        widget: What the page shows.
        feeds: What it asks of the core.

    Attributes:
        in_sight: Whether it is the page that can be seen.
    """

    def __init__(self, widget: QWidget, *feeds: Feed[Any]) -> None:
        self.widget, self.feeds = widget, feeds
        self.in_sight = False

    def show(self) -> None:
        """Fetch, and go on fetching: the page came into sight."""
        self.in_sight = True
        for feed in self.feeds:
            feed.wake()

    def hide(self) -> None:
        """Ask nothing more, and stop what moves: the page was left."""
        self.in_sight = False
        for feed in self.feeds:
            feed.rest()

    def on_event(self, event: Event) -> None:
        """Take an event of the core, in sight or not; return at once."""

    def save_state(self) -> None:
        """Keep what should be the same the next time."""

    def focus_main(self) -> None:
        """Give the keyboard to what is used first."""
        self.widget.setFocus()

    def close(self) -> None:
        """Put away dialogs and what outlives the page; nothing is called afterwards."""
        self.hide()


@dataclass(frozen=True, slots=True)
class Badge:
    """A small number beside the name of a page.

    Attributes:
        count: Asks the core for the number; 0 shows none.
        words: Says the number when it is read out.
        after: Tells whether the number may be another one after an event.
    """

    count: Callable[[TabContext], Awaitable[int]]
    words: Callable[[int], str]
    after: Callable[[Event], bool]


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A line of the table of pages.

    Attributes:
        key: Names the page in the kept state and in actions; never translated.
        words: Its name.
        icon: A name that ``Theme.icon`` takes.
        create: Makes the page; imports its package only when called.
        badge: The number beside its name, none for no number ever.
    """

    key: str
    words: Callable[[], str]
    icon: str
    create: Callable[[TabContext, GoTo], Page]
    badge: Badge | None = None
