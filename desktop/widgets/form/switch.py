"""A switch: yes or no, in force at once or with the form."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from core.translation import _
from desktop.theme import Metric, Role, Theme
from desktop.widgets.form.fields import CheckField

_TRACK = QSize(32, 18)
_KNOB_MARGIN = 3


class Switch(QCheckBox):
    """A tick box that looks like a switch; keys and screen readers take it as a tick box."""

    def __init__(self, theme: Theme, words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self._theme = theme
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return the room for switch and words."""
        words = self.fontMetrics().horizontalAdvance(self.text()) + Metric.GRID
        return QSize(_TRACK.width() + 4 + (words if self.text() else 0), _TRACK.height() + 6)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the same."""
        return self.sizeHint()

    def hitButton(self, place: QPoint) -> bool:  # noqa: N802
        """Take clicks on the words as well."""
        return self.rect().contains(place)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint track, knob and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = (self.height() - _TRACK.height()) / 2
        track = QRectF(2, top, _TRACK.width(), _TRACK.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(self._track_role()))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        size = track.height() - 2 * _KNOB_MARGIN
        left = track.right() - _KNOB_MARGIN - size if self.isChecked() else 2 + _KNOB_MARGIN
        knob = Role.ON_ACCENT if self.isChecked() else Role.PANE
        painter.setBrush(self._theme.color(knob))
        painter.drawEllipse(QRectF(left, top + _KNOB_MARGIN, size, size))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.color(Role.TEXT), 1.5))
            ring = track.adjusted(-1, -1, 1, 1)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
        painter.setPen(self._theme.color(Role.TEXT if self.isEnabled() else Role.DISABLED))
        words = QRect(_TRACK.width() + 4 + Metric.GRID, 0, self.width(), self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter.value, self.text())
        painter.end()

    def _track_role(self) -> Role:
        if not self.isEnabled():
            return Role.LINE
        return Role.ACCENT if self.isChecked() else Role.MUTED


class SwitchField(CheckField):
    """Yes or no as a switch; the words stand beside it."""

    def __init__(self, theme: Theme, words: str = "") -> None:
        super().__init__(words or _("On"), check=Switch(theme, words or _("On")))
