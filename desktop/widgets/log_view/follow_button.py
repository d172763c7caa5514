"""The button over the log that leads back to its end."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from core.translation import _
from desktop.theme import Metric, Role, Theme


class FollowButton(QPushButton):
    """Stands in the lower right corner while the end is out of sight.

    It takes no focus: the End key does the same.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme.icon("arrow-down", Role.TEXT), _("Follow"), parent)
        self.setToolTip(_("Go to the end and stay there (End)"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    def place(self, sight: QRect) -> None:
        """Move into the corner of what is in sight."""
        self.adjustSize()
        margin = 2 * Metric.GRID
        self.move(
            sight.right() - self.width() - margin, sight.bottom() - self.height() - margin
        )
