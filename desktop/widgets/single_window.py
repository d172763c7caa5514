"""A window of which there is one at a time."""

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtWidgets import QDialog

D = TypeVar("D", bound=QDialog)


class SingleWindow(Generic[D]):
    """Opens a dialog, or brings forward the one that is open; deletes it when it ends.

    Args:
        after: Called when the dialog has gone.

    Attributes:
        shown: The dialog that is open, None without one.
    """

    def __init__(self, after: Callable[[], object] | None = None) -> None:
        self._after = after
        self.shown: D | None = None

    def open(self, make: Callable[[], D]) -> None:
        """Make the dialog and open it, unless one is open."""
        if self.shown is not None:
            self.shown.raise_()
            self.shown.activateWindow()
            return
        self.shown = make()
        self.shown.finished.connect(self._finished)
        self.shown.open()

    def close(self) -> None:
        """Put the dialog away, whatever was typed."""
        if self.shown is not None:
            self.shown.done(QDialog.DialogCode.Rejected)

    def _finished(self) -> None:
        if self.shown is not None:
            self.shown.deleteLater()
            self.shown = None
            if self._after is not None:
                self._after()
