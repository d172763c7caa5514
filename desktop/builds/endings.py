"""Says that a build has ended: in its place where it is looked at, else on a card."""

from collections.abc import Callable

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from core.builds.schemas import BuildRow, BuildState
from core.translation import _
from desktop.builds import words
from desktop.notifications import Choice, Kind
from desktop.tabs import TabContext

_KINDS = {BuildState.SUCCESS: Kind.SUCCESS, BuildState.FAILED: Kind.WARNING}


class Endings:
    """Tells the ends of builds, and puts away what it told when the tab closes.

    Args:
        view: Where builds are looked at.
        show_build: Shows a build.
    """

    def __init__(
        self, context: TabContext, view: QWidget, show_build: Callable[[BuildRow], object]
    ) -> None:
        self._notifications = context.notifications
        self._view, self._show_build = view, show_build
        self._told: set[int] = set()

    def tell(self, build: BuildRow, *, in_sight: bool) -> None:
        """Tell the end of a build; ``in_sight`` says that it is the chosen one."""
        if in_sight and self._view.isVisible() and self._view.isActiveWindow():
            # What is seen is heard, too; the card of a notification speaks for itself.
            event = QAccessibleAnnouncementEvent(self._view, words.ended(build))
            QAccessible.updateAccessibility(event)
            return
        told = self._notifications.notify(
            words.ended(build),
            words.trend(build),
            _KINDS.get(build.state, Kind.INFO),
            [Choice(_("Show"), lambda: self._show_build(build))],
        )
        self._told.add(told)

    def close(self) -> None:
        """Put away what leads here: it outlives the tab."""
        for notification_id in self._told:
            self._notifications.dismiss(notification_id)
