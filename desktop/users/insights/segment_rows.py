"""The segments: each with its rule in words, how many belong to it, and a bar."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QVBoxLayout

from core.translation import _
from core.users.insights.schemas import Segment, SegmentShare
from desktop.figures import number
from desktop.theme import FontRole, Role, Theme
from desktop.users.insights import words
from desktop.widgets.marks import label
from desktop.widgets.tips import plain_tip

_HEIGHT = 62
_BAR = 4
_MARGIN = 16
_ICON = 18
_LEFT = Qt.AlignmentFlag.AlignLeft.value | Qt.AlignmentFlag.AlignVCenter.value
_RIGHT = Qt.AlignmentFlag.AlignRight.value | Qt.AlignmentFlag.AlignVCenter.value
_LOOKS = {
    Segment.POWER_USER: ("lightning", Role.SUCCESS),
    Segment.NEW: ("sparkle", Role.ACCENT),
    Segment.REGULAR: ("user-focus", Role.ACCENT),
    Segment.AT_RISK: ("warning", Role.WARNING),
    Segment.DORMANT: ("moon", Role.MUTED),
}


class SegmentRow(QAbstractButton):
    """One segment; a click asks for the people in it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.share: SegmentShare | None = None
        self._part = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_share(self, share: SegmentShare, total: int) -> None:
        """Show a segment of so many people."""
        self.share = share
        self._part = share.count / total if total else 0.0
        self.setAccessibleName(f"{share.words}: {number(share.count)}")
        self.setAccessibleDescription(share.rule)
        self.setToolTip(plain_tip(share.rule))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room of a row."""
        return QSize(280, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint icon, words, figure and bar."""
        if self.share is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.fillRect(self.rect(), self._theme.color(Role.HOVER))
        icon, color = _LOOKS[self.share.segment]
        inner = self.rect().adjusted(_MARGIN, 8, -_MARGIN, -8)
        place = QRect(inner.left(), inner.top() + 1, _ICON, _ICON)
        self._theme.icon(icon, color).paint(painter, place)
        text = inner.adjusted(_ICON + 10, 0, 0, -_BAR - 4)
        self._paint_words(painter, text, self.share)
        self._paint_bar(painter, inner.adjusted(_ICON + 10, 0, 0, 0), color)
        painter.end()

    def _paint_words(self, painter: QPainter, place: QRect, share: SegmentShare) -> None:
        top, below = QRect(place), QRect(place)
        top.setHeight(20)
        below.setTop(top.bottom() + 1)
        below.setHeight(18)
        figure = f"{number(share.count)} · {words.part(self._part)}"
        for font, color, rect, align, text in (
            (FontRole.STRONG, Role.TEXT, top, _LEFT, share.words),
            (FontRole.TEXT, Role.TEXT, top, _RIGHT, figure),
            (FontRole.MUTED, Role.MUTED, below, _LEFT, share.rule),
        ):
            painter.setFont(self._theme.font(font))
            painter.setPen(self._theme.color(color))
            metrics = QFontMetrics(self._theme.font(font))
            fitting = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
            painter.drawText(rect, align, fitting)

    def _paint_bar(self, painter: QPainter, place: QRect, color: Role) -> None:
        ground = QRectF(place.left(), place.bottom() - _BAR + 1, place.width(), _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(Role.LINE))
        painter.drawRoundedRect(ground, 2, 2)
        if self._part > 0:
            ground.setWidth(max(ground.width() * self._part, _BAR))
            painter.setBrush(self._theme.color(color))
            painter.drawRoundedRect(ground, 2, 2)


class SegmentsCard(QFrame):
    """All segments below each other.

    Signals:
        opened: The people of a segment are wanted; carries the ``ListQuery``.
    """

    opened = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setAccessibleName(_("Segments"))
        self.rows = [SegmentRow(theme) for _segment in Segment]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 12, 1, 8)
        layout.setSpacing(0)
        heading = label(_("Segments"), "heading")
        heading.setContentsMargins(_MARGIN - 1, 0, 0, 6)
        layout.addWidget(heading)
        for row in self.rows:
            layout.addWidget(row)
            row.clicked.connect(lambda _on=False, row=row: self._open(row))
        layout.addStretch(1)

    def show_segments(self, shares: Sequence[SegmentShare]) -> None:
        """Show how many belong to each."""
        total = sum(share.count for share in shares)
        for row, share in zip(self.rows, shares, strict=True):
            row.show_share(share, total)

    def _open(self, row: SegmentRow) -> None:
        if row.share is not None:
            self.opened.emit(row.share.behind)
