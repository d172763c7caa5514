"""Small parts used again and again: an icon, a line, buttons, the clipboard."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QToolButton, QWidget

from desktop.theme import Metric, Role, Theme
from desktop.widgets.tips import plain_tip


class Mark(QWidget):
    """An icon that stands in a layout and follows the colours.

    Args:
        name: A name that ``Theme.icon`` takes; empty for an empty place.
        size: Its edge in pixels.
    """

    def __init__(
        self,
        theme: Theme,
        name: str = "",
        role: Role = Role.MUTED,
        size: int = Metric.ICON,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._name, self._role = theme, name, role
        self.setFixedSize(size, size)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_icon(self, name: str, role: Role) -> None:
        """Show another icon."""
        if (name, role) != (self._name, self._role):
            self._name, self._role = name, role
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the icon."""
        if self._name:
            painter = QPainter(self)
            self._theme.icon(self._name, self._role).paint(painter, self.rect())
            painter.end()


def label(text: str = "", kind: str = "", *, wrap: bool = False) -> QLabel:
    """Return a label of a kind that the theme knows."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if kind:
        made.setProperty("kind", kind)
    return made


def button(text: str, on_click: Callable[[], object], kind: str = "") -> QPushButton:
    """Return a push button of a kind that the theme knows."""
    made = QPushButton(text)
    if kind:
        made.setProperty("kind", kind)
    made.setAutoDefault(False)
    made.clicked.connect(lambda _checked=False: on_click())
    return made


def icon_button(
    theme: Theme, icon: str, name: str, on_click: Callable[[], object]
) -> QToolButton:
    """Return a button that is an icon; its name is read out and shown as tool tip."""
    made = QToolButton()
    made.setIcon(theme.icon(icon))
    made.setIconSize(QSize(Metric.ICON, Metric.ICON))
    made.setToolTip(plain_tip(name))
    made.setAccessibleName(name)
    made.clicked.connect(lambda _checked=False: on_click())
    return made


def separator(*, vertical: bool = False) -> QFrame:
    """Return a line of one pixel."""
    line = QFrame()
    line.setProperty("kind", "separator")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


def copy_text(text: str) -> None:
    """Put a text on the clipboard."""
    QGuiApplication.clipboard().setText(text)
