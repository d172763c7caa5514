"""The icon in the tray: the program without its window, and messages of the system."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from core.translation import _

_MESSAGE_MS = 10_000


class Tray(QObject):
    """Shows the icon while the window is away, and as long as it has something to tell.

    Args:
        icon: The icon of the program.
        on_show: Brings the window back.
        on_quit: Ends the program.
    """

    def __init__(
        self, icon: QIcon, on_show: Callable[[], object], on_quit: Callable[[], object]
    ) -> None:
        super().__init__()
        self._on_show = on_show
        self._on_click: Callable[[], object] = on_show
        self._lives_here = False
        self._menu = QMenu()
        self._menu.addAction(_("Show Buildbench"), on_show)
        self._menu.addAction(_("Quit"), on_quit)
        self._icon = QSystemTrayIcon(icon, self)
        self._icon.setContextMenu(self._menu)
        self._icon.setToolTip("Buildbench")
        self._icon.activated.connect(self._activated)
        self._icon.messageClicked.connect(self._message_clicked)
        self._told = QTimer(self, singleShot=True, interval=_MESSAGE_MS)
        self._told.timeout.connect(self._go_unless_needed)

    @staticmethod
    def available() -> bool:
        """Whether this desktop has a tray."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def visible(self) -> bool:
        """Whether the program lives in the tray now."""
        return self._lives_here

    def show(self) -> None:
        """Go to the tray."""
        self._lives_here = True
        self._icon.show()

    def hide(self) -> None:
        """Leave the tray."""
        self._lives_here = False
        self._icon.hide()

    def tell(self, title: str, text: str, on_click: Callable[[], object]) -> None:
        """Show a message of the system; without a tray there is none.

        Args:
            on_click: Called when the message is clicked.
        """
        if not (self._lives_here or self.available()):
            return
        self._on_click = on_click
        self._icon.show()
        self._icon.showMessage(title, text, self._icon.icon(), _MESSAGE_MS)
        self._told.start()

    def _message_clicked(self) -> None:
        self._on_click()

    def _go_unless_needed(self) -> None:
        self._icon.setVisible(self._lives_here)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self._on_show()
