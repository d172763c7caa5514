"""Lets widgets take in another palette, those in sight at once and the others when shown."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget


class Polisher(QObject):
    """Has the style sheet read the palette anew.

    A style sheet reads the colours of the palette once for each widget, when that is polished.
    To polish all widgets of a window with many pages takes a third of a second, those in sight
    some milliseconds. So who is hidden waits until it is shown, with all that is within it.
    """

    def polish(self) -> None:
        """Let all widgets take in the palette of the application."""
        for window in QApplication.topLevelWidgets():
            self._take(window)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Polish what was hidden and is shown now."""
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget):
            watched.removeEventFilter(self)
            self._take(watched)
        return super().eventFilter(watched, event)

    def _take(self, widget: QWidget) -> None:
        if not widget.isVisible():
            widget.installEventFilter(self)
            return
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)
        widget.update()
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        for child in widget.findChildren(QWidget, options=direct):
            self._take(child)
