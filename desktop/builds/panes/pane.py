"""What a page about the chosen build is."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.builds.schemas import BuildRow
from core.events import Event


class Pane(QWidget):
    """One page about the chosen build, with a place in the row of tabs.

    A pane fetches what it shows by itself, when it is in front: ``show_build`` and ``on_event``
    come in any case and only note what is out of date until ``bring_forward``.

    Attributes:
        title: The words in the row of tabs.

    Signals:
        badge_changed: What stands behind the title, such as a count; empty for nothing.
    """

    badge_changed = Signal(str)
    title = ""

    @property
    def tools(self) -> Sequence[QWidget]:
        """What stands at the right of the row of tabs while the pane is in front."""
        return ()

    def show_build(self, build: BuildRow | None) -> None:
        """Take another build, none, or the same one about which something changed."""
        raise NotImplementedError

    def tell_queue(self, *, paused: bool) -> None:
        """Take whether builds that wait do so because the queue is paused."""

    def bring_forward(self) -> None:
        """Show what is so by now: the pane is looked at from here on."""

    def put_back(self) -> None:
        """Stop what only matters while the pane is looked at."""

    def on_event(self, event: Event) -> None:
        """Take an event of the core."""
