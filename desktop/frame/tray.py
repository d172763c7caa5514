"""The icon in the tray, with which the program goes on without its window."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from core.translation import _


class Tray(QObject):
    """Shows the icon while the window is away.

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
        self._menu = QMenu()
        self._menu.addAction(_("Show Buildbench"), on_show)
        self._menu.addAction(_("Quit"), on_quit)
        self._icon = QSystemTrayIcon(icon, self)
        self._icon.setContextMenu(self._menu)
        self._icon.setToolTip("Buildbench")
        self._icon.activated.connect(self._activated)

    @staticmethod
    def available() -> bool:
        """Whether this desktop has a tray."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def visible(self) -> bool:
        """Whether the program lives in the tray now."""
        return self._icon.isVisible()

    def show(self) -> None:
        """Go to the tray."""
        self._icon.show()

    def hide(self) -> None:
        """Leave the tray."""
        self._icon.hide()

    def tell(self, title: str, text: str) -> None:
        """Show a message of the system while the window is away."""
        if self.visible:
            self._icon.showMessage(title, text, self._icon.icon())

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self._on_show()
