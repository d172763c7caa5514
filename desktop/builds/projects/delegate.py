"""How a project is painted in the list."""

from datetime import UTC, datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.builds import words
from desktop.builds.projects.model import PROJECT_ROLE, ListedProject
from desktop.theme import FontRole, Metric, Role, Theme
from desktop.widgets.sparkline import paint_sparkline
from desktop.widgets.state_badge import badge_size, paint_badge

_ROW = 60
_MARGIN = 12
_SPARK = QSize(78, 17)
_NARROWEST = 144
_FADED = 0.4

Index = QModelIndex | QPersistentModelIndex


class ProjectDelegate(QStyledItemDelegate):
    """Paints name and state above type, success rate and the bars of the last builds."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """Return the room of a row."""
        return QSize(_NARROWEST, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a project."""
        listed = index.data(PROJECT_ROLE)
        if not isinstance(listed, ListedProject):
            return
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        self._paint_ground(painter, place, state)
        inside = place.adjusted(_MARGIN, 9, -_MARGIN, -9)
        top = QRect(inside.left(), inside.top(), inside.width(), 20)
        below = QRect(inside.left(), inside.bottom() - 18, inside.width(), 18)
        badge = listed.badge(datetime.now(UTC))
        room = top.width()
        if badge is not None:
            paint_badge(painter, top, badge, self._theme, right=True)
            room -= badge_size(badge, self._theme).width() + Metric.GRID
        name = QRect(top.left(), top.top(), room, top.height())
        muted = not listed.row.active
        self._write(painter, name, listed.row.name, FontRole.STRONG, muted=muted)
        line = below.adjusted(0, 0, -_SPARK.width() - Metric.GRID, 0)
        self._write(painter, line, words.project_line(listed.row), FontRole.MUTED, muted=True)
        bars = QRect(QPoint(0, 0), _SPARK)
        bars.moveBottomRight(below.bottomRight())
        if muted:
            painter.setOpacity(_FADED)
        paint_sparkline(painter, bars, listed.row.recent, self._theme)
        painter.restore()

    def _paint_ground(self, painter: QPainter, place: QRect, state: QStyle.StateFlag) -> None:
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, self._theme.color(Role.ACCENT_GROUND))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, self._theme.color(Role.HOVER))
        line = QRect(place.left(), place.bottom(), place.width(), 1)
        painter.fillRect(line, self._theme.color(Role.LINE))
        if state & QStyle.StateFlag.State_HasFocus:
            edge = QRect(place.left(), place.top(), 3, place.height() - 1)
            painter.fillRect(edge, self._theme.color(Role.ACCENT))

    def _write(
        self, painter: QPainter, place: QRect, text: str, role: FontRole, *, muted: bool
    ) -> None:
        font = self._theme.font(role)
        painter.setFont(font)
        painter.setPen(self._theme.color(Role.MUTED if muted else Role.TEXT))
        elided = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(
            place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided
        )
