"""Locks the window: one page over everything, and no way around it."""

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QToolTip, QWidget

from desktop.main_window import MainWindow

_MOST_POPUPS = 20
_BLOCKED = frozenset(
    {
        QEvent.Type.Shortcut,
        QEvent.Type.KeyPress,
        QEvent.Type.KeyRelease,
        QEvent.Type.InputMethod,
        QEvent.Type.DragEnter,
        QEvent.Type.DragMove,
        QEvent.Type.Drop,
        QEvent.Type.ContextMenu,
    }
)


class Lock(QObject):
    """Shows a page alone in the window while it is engaged.

    The pages, the menus and the status bar are hidden, so nothing of them can have the
    keyboard. Dialogs are put away, also those that want to open meanwhile. Shortcuts, keys
    and files that are dropped reach the page alone: a filter before all widgets sees to it,
    because actions may become enabled, and be added, while the window is locked.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._page: QWidget | None = None
        self._away: list[tuple[QDialog, bool]] = []
        self._focus: QWidget | None = None

    @property
    def engaged(self) -> bool:
        """Whether the window is locked."""
        return self._page is not None

    def engage(self, page: QWidget) -> None:
        """Lock; the page is what is left."""
        self._focus = QApplication.focusWidget()
        self._page = page
        for _turn in range(_MOST_POPUPS):
            popup = QApplication.activePopupWidget()
            if popup is None:
                break
            popup.close()
        QToolTip.hideText()
        self._application().installEventFilter(self)
        for widget in QApplication.topLevelWidgets():
            if widget is not self._window and widget.isVisible():
                self._put_away(widget)
        self._window.cover(page)

    def release(self) -> None:
        """Show everything as it was; the page is deleted."""
        page, self._page = self._page, None
        if page is None:
            return
        self._application().removeEventFilter(self)
        self._window.uncover(page)
        away, self._away = self._away, []
        for dialog, modal in away:
            if shiboken6.isValid(dialog):
                dialog.finished.disconnect(self._finished)
                dialog.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, False)
                (dialog.open if modal else dialog.show)()
        if self._focus is not None and shiboken6.isValid(self._focus):
            self._focus.setFocus(Qt.FocusReason.OtherFocusReason)
        self._focus = None

    def forget_dialogs(self) -> None:
        """Close for good what was put away: whoever opened it is not here any more."""
        away, self._away = self._away, []
        for dialog, _modal in away:
            if shiboken6.isValid(dialog):
                dialog.finished.disconnect(self._finished)
                dialog.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, False)
                dialog.done(QDialog.DialogCode.Rejected)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let input reach the page alone, and no other window come up."""
        kind = event.type()
        if kind in _BLOCKED:
            # What the system hands to a window as a whole is no widget yet.
            return not watched.isWindowType() and not self._is_of_page(watched)
        if kind is QEvent.Type.Show and self._is_other_window(watched):
            assert isinstance(watched, QWidget)
            # It cannot be hidden while it is being shown; so it never reaches the screen.
            watched.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            self._remember(watched)
            QTimer.singleShot(0, watched, lambda: self._hide_if_engaged(watched))
        return False

    def _put_away(self, widget: QWidget) -> None:
        self._remember(widget)
        widget.hide()

    def _remember(self, widget: QWidget) -> None:
        known = any(widget is dialog for dialog, _modal in self._away)
        if isinstance(widget, QDialog) and not known:
            self._away.append((widget, widget.isModal()))
            widget.finished.connect(self._finished)

    def _hide_if_engaged(self, widget: QWidget) -> None:
        if self.engaged and widget.isVisible():
            widget.hide()

    def _is_other_window(self, watched: QObject) -> bool:
        return (
            isinstance(watched, QWidget)
            and watched.isWindow()
            and watched is not self._window
            and not self._is_of_page(watched)
        )

    def _finished(self, _result: int) -> None:
        ended = self.sender()
        self._away = [pair for pair in self._away if pair[0] is not ended]

    def _is_of_page(self, watched: QObject | None) -> bool:
        while watched is not None:
            if watched is self._page:
                return True
            watched = watched.parent()
        return False

    def _application(self) -> QApplication:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        return application
