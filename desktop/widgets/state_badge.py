"""The state of a thing as an icon and a word on a tinted ground, never as colour alone."""

from enum import Enum
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from core.builds.schemas import BuildState, FailureReason
from core.translation import _
from desktop.theme import FontRole, Metric, Role, Theme

BADGE_ROLE: Final = Qt.ItemDataRole.UserRole + 20
"""The item role under which a model hands a ``Badge`` to ``BadgeDelegate``."""

_HEIGHT = 20
_ICON = 12
_PADDING = 7
_GAP = 4


class Tone(Enum):
    """How a badge is coloured: text and ground; quiet has a line instead of a ground."""

    QUIET = (Role.MUTED, None)
    ACCENT = (Role.ACCENT, Role.ACCENT_GROUND)
    SUCCESS = (Role.SUCCESS, Role.SUCCESS_GROUND)
    FAILURE = (Role.FAILURE, Role.FAILURE_GROUND)
    WARNING = (Role.WARNING, Role.WARNING_GROUND)


class Badge(NamedTuple):
    """What a badge shows."""

    word: str
    icon: str
    tone: Tone


def build_badge(state: BuildState, reason: FailureReason | None = None) -> Badge:
    """Return the badge of a build; why it failed is told where that is worth a word."""
    if state is BuildState.FAILED and reason is FailureReason.LOST:
        return Badge(_("Lost"), "warning", Tone.WARNING)
    if state is BuildState.FAILED and reason is FailureReason.TIMEOUT:
        return Badge(_("Timed out"), "timer", Tone.WARNING)
    if state is BuildState.FAILED and reason is FailureReason.NO_OUTPUT:
        return Badge(_("No output"), "timer", Tone.WARNING)
    return {
        BuildState.PENDING: Badge(_("Waiting"), "clock", Tone.QUIET),
        BuildState.RUNNING: Badge(_("Running"), "play-fill", Tone.ACCENT),
        BuildState.CANCELLING: Badge(_("Cancelling"), "hourglass-medium", Tone.ACCENT),
        BuildState.SUCCESS: Badge(_("Success"), "check-bold", Tone.SUCCESS),
        BuildState.FAILED: Badge(_("Failed"), "x-bold", Tone.FAILURE),
        BuildState.CANCELLED: Badge(_("Cancelled"), "prohibit", Tone.QUIET),
    }[state]


def badge_size(badge: Badge, theme: Theme) -> QSize:
    """Return the room that a badge takes."""
    words = QFontMetrics(theme.font(FontRole.MUTED)).horizontalAdvance(badge.word)
    return QSize(words + _ICON + _GAP + 2 * _PADDING + 2, _HEIGHT)


def paint_badge(
    painter: QPainter, place: QRect, badge: Badge, theme: Theme, *, right: bool = False
) -> None:
    """Paint a badge in the middle of the left edge of a rectangle, or of its right edge."""
    size = badge_size(badge, theme)
    width = min(size.width(), place.width())
    left = place.right() + 1 - width if right else place.left()
    top = place.top() + (place.height() - _HEIGHT) // 2
    text_role, ground_role = badge.tone.value
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if ground_role is None:
        painter.setPen(QPen(theme.color(Role.FIELD_LINE), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(ground_role))
    ground = QRectF(left + 0.5, top + 0.5, width - 1, _HEIGHT - 1)
    painter.drawRoundedRect(ground, _HEIGHT / 2, _HEIGHT / 2)
    icon = QRect(left + _PADDING, top + (_HEIGHT - _ICON) // 2, _ICON, _ICON)
    theme.icon(badge.icon, text_role).paint(painter, icon)
    font = theme.font(FontRole.MUTED)
    painter.setFont(font)
    painter.setPen(theme.color(text_role))
    words = QRect(icon.right() + 1 + _GAP, top, width - _ICON - _GAP - 2 * _PADDING, _HEIGHT)
    elided = QFontMetrics(font).elidedText(
        badge.word, Qt.TextElideMode.ElideRight, words.width() + 2
    )
    painter.drawText(
        words.adjusted(0, 0, 4, 0),
        Qt.AlignmentFlag.AlignVCenter.value | Qt.AlignmentFlag.AlignLeft.value,
        elided,
    )
    painter.restore()


class StateBadge(QWidget):
    """A badge by itself."""

    def __init__(
        self, theme: Theme, badge: Badge | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self._take(badge)
        if badge is None:
            self.hide()

    @property
    def badge(self) -> Badge | None:
        """What is shown."""
        return self._badge

    def set_badge(self, badge: Badge | None) -> None:
        """Show another badge, or none."""
        self._take(badge)
        self.setVisible(badge is not None)
        self.updateGeometry()
        self.update()

    def _take(self, badge: Badge | None) -> None:
        self._badge = badge
        self.setAccessibleName(badge.word if badge else "")

    def sizeHint(self) -> QSize:
        """Return the room that the badge takes."""
        return badge_size(self._badge, self._theme) if self._badge else QSize(0, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Paint it."""
        if self._badge is not None:
            painter = QPainter(self)
            paint_badge(painter, self.rect(), self._badge, self._theme)
            painter.end()


class BadgeDelegate(QStyledItemDelegate):
    """Paints the ``Badge`` that a model returns for ``BADGE_ROLE`` in place of the text.

    The model still returns the word as text, for copying and for screen readers.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def initStyleOption(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Leave the ground to the style and the text to the badge."""
        super().initStyleOption(option, index)
        if isinstance(index.data(BADGE_ROLE), Badge):
            option.text = ""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint the ground of the row and the badge upon it."""
        super().paint(painter, option, index)
        badge: Any = index.data(BADGE_ROLE)
        if isinstance(badge, Badge):
            margin = Metric.GRID + Metric.GRID // 2
            paint_badge(painter, option.rect.adjusted(margin, 0, -4, -1), badge, self._theme)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the room for badge and margins."""
        badge: Any = index.data(BADGE_ROLE)
        if not isinstance(badge, Badge):
            return super().sizeHint(option, index)
        return badge_size(badge, self._theme) + QSize(3 * Metric.GRID, 12)
