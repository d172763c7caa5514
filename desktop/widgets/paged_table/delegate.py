"""Paints cells: words, badges and chips, and the dots of rows that are on their way."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem, QWidget

from desktop.theme import FontRole, Metric, Role, Theme
from desktop.widgets.paged_table.columns import MUTED_ROLE, ROW_ROLE, STRONG_ROLE, TAGS_ROLE
from desktop.widgets.paged_table.model import Index, PagedModel
from desktop.widgets.state_badge import BadgeDelegate

PADDING: Final = 12
_CHIP_HEIGHT = 20
_CHIP_PADDING = 7
_CHIP_GAP = 4


class CellDelegate(BadgeDelegate):
    """Paints the cells of a paged table."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._look = theme
        self._fonts = {role: theme.font(role) for role in FontRole}
        self._chip_metrics = QFontMetrics(self._fonts[FontRole.MUTED])

    def initStyleOption(  # noqa: N802
        self, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Take font and colour of the column; chips are painted apart."""
        super().initStyleOption(option, index)
        if index.data(ROW_ROLE) is None or index.data(MUTED_ROLE):
            _color(option, self._look.color(Role.MUTED))
        elif index.data(STRONG_ROLE):
            option.font = self._fonts[FontRole.STRONG]
        if index.data(TAGS_ROLE) is not None:
            option.text = ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a cell."""
        super().paint(painter, option, index)
        tags: Any = index.data(TAGS_ROLE)
        if tags:
            place: QRect = option.rect.adjusted(PADDING - 2, 0, -PADDING // 2, -1)
            self._paint_tags(painter, place, tags)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the room of a cell, its height that of all rows."""
        tags: Any = index.data(TAGS_ROLE)
        width = super().sizeHint(option, index).width()
        if tags:
            width = sum(self._chip_width(tag) + _CHIP_GAP for tag in tags) + 2 * PADDING
        return QSize(width + Metric.GRID, Metric.ROW)

    def helpEvent(  # noqa: N802
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """Show a tool tip where it says more than the cell does."""
        model: QAbstractItemModel | None = index.model()
        if event.type() is QEvent.Type.ToolTip and isinstance(model, PagedModel):
            fits = self.sizeHint(option, index).width() <= option.rect.width() + Metric.GRID
            if fits and model.columns[index.column()].tip is None:
                return True
        return super().helpEvent(event, view, option, index)

    def _chip_width(self, word: str) -> int:
        return self._chip_metrics.horizontalAdvance(word) + 2 * _CHIP_PADDING

    def _paint_tags(self, painter: QPainter, place: QRect, tags: Sequence[str]) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._fonts[FontRole.MUTED])
        left = place.left()
        for number, tag in enumerate(tags):
            rest = f"+{len(tags) - number}"
            last = number == len(tags) - 1
            kept = 0 if last else self._chip_width(f"+{len(tags) - number - 1}") + _CHIP_GAP
            width = self._chip_width(tag)
            if left + width + kept > place.right() + 1:
                word = tag if number == 0 else rest
                room = max(place.right() + 1 - left - (kept if number == 0 else 0), 0)
                left += self._paint_chip(painter, left, place, word, room) + _CHIP_GAP
                if number == 0 and not last:
                    word = f"+{len(tags) - 1}"
                    self._paint_chip(painter, left, place, word, self._chip_width(word))
                break
            left += self._paint_chip(painter, left, place, tag, width) + _CHIP_GAP
        painter.restore()

    def _paint_chip(
        self, painter: QPainter, left: int, place: QRect, word: str, room: int
    ) -> int:
        width = min(self._chip_width(word), room)
        if width < 2 * _CHIP_PADDING:
            return 0
        top = place.top() + (place.height() - _CHIP_HEIGHT) // 2
        ground = QRectF(left + 0.5, top + 0.5, width - 1, _CHIP_HEIGHT - 1)
        painter.setPen(self._look.color(Role.LINE))
        painter.setBrush(self._look.color(Role.HOVER))
        painter.drawRoundedRect(ground, 5, 5)
        painter.setPen(self._look.color(Role.TEXT))
        words = QRect(left + _CHIP_PADDING, top, width - 2 * _CHIP_PADDING + 2, _CHIP_HEIGHT)
        elided = self._chip_metrics.elidedText(word, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter.value, elided)
        return width


def _color(option: QStyleOptionViewItem, color: QColor) -> None:
    for role in (option.palette.ColorRole.Text, option.palette.ColorRole.HighlightedText):
        option.palette.setColor(role, color)
