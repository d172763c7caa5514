"""The place of a card: grey bars before the first figures, an error where these fail."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from core.errors import AppError
from core.translation import _
from desktop.theme import Metric, Role, Theme
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.marks import label

_BAR = 14
_BAR_GAP = 14
_SHARES = (0.92, 0.64, 0.78, 0.41, 0.55, 0.3)


class Skeleton(QFrame):
    """A card with grey bars, in the place of figures that are on their way."""

    def __init__(self, theme: Theme, caption: str) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "card")
        self.setAccessibleName(_("{caption}: loading").format(caption=caption))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.addWidget(label(caption, "heading"))
        layout.addStretch(1)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card and its bars."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(Role.HOVER))
        inner = self.rect().adjusted(16, 48, -16, -16)
        top = inner.top()
        for share in _SHARES:
            if top + _BAR > inner.bottom():
                break
            bar = QRectF(inner.left(), top, inner.width() * share, _BAR)
            painter.drawRoundedRect(bar, 4, 4)
            top += _BAR + _BAR_GAP
        painter.end()


class Holder(QWidget):
    """Shows a card, what stands for it until it is filled, and why it could not be.

    Args:
        card: What is shown once there are figures.
        skeleton: What is shown before.
        least: The least height in pixels.
        margin: Pixels around a failure.

    Signals:
        retried: The person wants to try again after a failure.
    """

    retried = Signal()

    def __init__(
        self, theme: Theme, card: QWidget, skeleton: QWidget, least: int = 0, margin: int = 0
    ) -> None:
        super().__init__()
        self.card = card
        self.error = ErrorPanel(theme, _("Retry"))
        self.error.triggered.connect(self.retried)
        self._filled = False
        self._stack = QStackedWidget()
        self._stack.addWidget(skeleton)
        self._stack.addWidget(card)
        self._stack.setMinimumHeight(least)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Metric.GRID)
        self._around = QWidget()  # a layout alone would keep its margins without a failure
        around = QVBoxLayout(self._around)
        around.setContentsMargins(margin, margin, margin, 0)
        around.addWidget(self.error)
        self._around.hide()
        self.error.installEventFilter(self)
        layout.addWidget(self._around)
        layout.addWidget(self._stack, 1)
        layout.addStretch(0)  # below a failure that stands alone

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Take room for a failure only while one is shown."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._around.setHidden(self.error.isHidden())
        return super().eventFilter(watched, event)

    @property
    def filled(self) -> bool:
        """Whether figures are shown."""
        return self._filled

    def wait(self) -> None:
        """Show that figures are on their way, unless older ones are shown."""
        if not self._filled:
            self._stack.show()

    def ready(self) -> None:
        """Show the card."""
        self._filled = True
        self.error.clear()
        self._stack.show()
        self._stack.setCurrentWidget(self.card)

    def fail(self, error: AppError) -> None:
        """Say why there are no figures, or no newer ones."""
        self.error.show_error(error)
        self._stack.setVisible(self._filled)


def card_holder(theme: Theme, card: QWidget, caption: str, least: int = 0) -> Holder:
    """Return the place of a card with a caption."""
    return Holder(theme, card, Skeleton(theme, caption), least)


def page_holder(theme: Theme, page: QWidget, caption: str, margin: int = 16) -> Holder:
    """Return the place of a whole page: what stands for it keeps off its edges."""
    ground = QWidget()
    ground.setProperty("kind", "page")
    ground.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    layout = QVBoxLayout(ground)
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.addWidget(Skeleton(theme, caption))
    return Holder(theme, page, ground, margin=margin)
