"""Paints cells: words, badges and chips, and the dots of rows that are on their way.

Cells are painted here and not by the style: a screen of them has to be there within a few
milliseconds while one scrolls, and the style sheet alone takes longer.
"""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from desktop.theme import FontRole, Metric, Role, Theme
from desktop.widgets.paged_table.columns import Column
from desktop.widgets.paged_table.model import NOT_YET, Index, PagedModel
from desktop.widgets.state_badge import Badge, badge_size, paint_badge

PADDING: Final = 12
_CHIP_HEIGHT = 20
_CHIP_PADDING = 7
_CHIP_GAP = 4
_KEPT_PICTURES = 500
_BAR_SHARES = (0.55, 0.8, 0.4, 0.65)
_SELECTED = QStyle.StateFlag.State_Selected
_FOCUSED = QStyle.StateFlag.State_HasFocus
_LEFT = Qt.AlignmentFlag.AlignVCenter.value | Qt.AlignmentFlag.AlignLeft.value
_RIGHT = Qt.AlignmentFlag.AlignVCenter.value | Qt.AlignmentFlag.AlignRight.value


class CellDelegate(QStyledItemDelegate):
    """Paints the cells of a paged table.

    ``hovered`` is the row under the pointer, -1 for none.
    """

    def __init__(self, theme: Theme, model: PagedModel[Any], view: QAbstractItemView) -> None:
        super().__init__(view)
        self.hovered = -1
        self._theme, self._model, self._view = theme, model, view
        used = (FontRole.TEXT, FontRole.STRONG, FontRole.MUTED, FontRole.MONO)
        self._fonts = {role: theme.font(role) for role in used}
        self._metrics = {role: QFontMetrics(font) for role, font in self._fonts.items()}
        self._colors: dict[Role, QColor] = {}
        self._pictures: dict[tuple[object, ...], QPixmap] = {}
        self._badge_widths: dict[Badge, int] = {}
        theme.changed.connect(self._take_colors)
        self._take_colors()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a cell."""
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        place = index.row()
        self.paint_ground(painter, rect, place, selected=bool(state & _SELECTED))
        column = self._model.columns[index.column()]
        row = self._model.pages.get(place)
        inner = rect.adjusted(PADDING, 0, -PADDING, -1)
        if row is None:
            self._write(painter, inner, NOT_YET, FontRole.TEXT, Role.MUTED, right=column.right)
        elif column.badge is not None:
            self._paint_badge(painter, inner, column.badge(row))
        elif column.tags is not None:
            self._paint_tags(painter, inner.adjusted(-2, 0, PADDING // 2, 0), column.tags(row))
        else:
            self._paint_text(painter, inner, column, row)
        if state & _FOCUSED:
            painter.setPen(self._colors[Role.ACCENT])
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def paint_ground(
        self, painter: QPainter, rect: QRect, place: int, *, selected: bool
    ) -> None:
        """Paint ground and line of a piece of a row."""
        if selected:
            painter.fillRect(rect, self._colors[Role.ACCENT_GROUND])
        elif place == self.hovered:
            painter.fillRect(rect, self._colors[Role.HOVER])
        line = QRect(rect.left(), rect.bottom(), rect.width(), 1)
        painter.fillRect(line, self._colors[Role.LINE])

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """Return the room of a cell, its height that of all rows."""
        row = self._model.row_at(index.row())
        column = self._model.columns[index.column()]
        return QSize(2 * PADDING if row is None else self._width(column, row), Metric.ROW)

    def helpEvent(  # noqa: N802
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """Show a tool tip where it says more than the cell does."""
        if event.type() is QEvent.Type.ToolTip and index.isValid():
            fits = self.sizeHint(option, index).width() <= option.rect.width()
            if fits and self._model.columns[index.column()].tip is None:
                return True
        return super().helpEvent(event, view, option, index)

    def _take_colors(self) -> None:
        self._colors = {role: self._theme.color(role) for role in Role}
        self._pictures.clear()

    def _width(self, column: Column[Any], row: Any) -> int:
        if column.badge is not None:
            badge = column.badge(row)
            inside = self._badge_width(badge) if badge else 0
        elif column.tags is not None:
            inside = sum(self._chip_width(tag) + _CHIP_GAP for tag in column.tags(row))
        else:
            inside = self._metrics[column.font].horizontalAdvance(column.text(row))
        return inside + 2 * PADDING

    def _paint_text(
        self, painter: QPainter, place: QRect, column: Column[Any], row: Any
    ) -> None:
        text = column.text(row).replace("\n", " ")
        color = Role.MUTED if column.muted else Role.TEXT
        self._write(painter, place, text, column.font, color, right=column.right)

    def _write(
        self,
        painter: QPainter,
        place: QRect,
        text: str,
        font: FontRole,
        color: Role,
        *,
        right: bool = False,
    ) -> None:
        mode = Qt.TextElideMode.ElideRight
        elided = self._metrics[font].elidedText(text, mode, place.width())
        painter.setFont(self._fonts[font])
        painter.setPen(self._colors[color])
        painter.drawText(place, _RIGHT if right else _LEFT, elided)

    def _paint_badge(self, painter: QPainter, place: QRect, badge: Badge | None) -> None:
        if badge is None:
            return
        width = min(self._badge_width(badge), place.width())
        picture = self._picture((badge, width), QSize(max(width, 1), place.height()))
        if picture is None:
            picture = self._blank(QSize(max(width, 1), place.height()))
            onto = QPainter(picture)
            paint_badge(onto, QRect(0, 0, width, place.height()), badge, self._theme)
            onto.end()
            self._keep((badge, width), picture)
        painter.drawPixmap(place.topLeft(), picture)

    def _badge_width(self, badge: Badge) -> int:
        found = self._badge_widths.get(badge)
        if found is None:
            found = self._badge_widths[badge] = badge_size(badge, self._theme).width()
        return found

    def _picture(self, key: tuple[object, ...], size: QSize) -> QPixmap | None:
        return self._pictures.get((*key, size.height(), self._view.devicePixelRatioF()))

    def _keep(self, key: tuple[object, ...], picture: QPixmap) -> None:
        if len(self._pictures) >= _KEPT_PICTURES:
            self._pictures.clear()
        ratio = picture.devicePixelRatio()
        self._pictures[(*key, round(picture.height() / ratio), ratio)] = picture

    def _blank(self, size: QSize) -> QPixmap:
        ratio = self._view.devicePixelRatioF()
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        return picture

    def _chip_width(self, word: str) -> int:
        return self._metrics[FontRole.MUTED].horizontalAdvance(word) + 2 * _CHIP_PADDING

    def _paint_tags(self, painter: QPainter, place: QRect, tags: Sequence[str]) -> None:
        left, end = place.left(), place.right() + 1
        for number, tag in enumerate(tags):
            rest = len(tags) - number - 1
            kept = self._chip_width(f"+{rest}") + _CHIP_GAP if rest else 0
            if left + self._chip_width(tag) + kept <= end:
                left += self._chip(painter, left, place, tag, end - left) + _CHIP_GAP
            elif number == 0:
                left += self._chip(painter, left, place, tag, end - left - kept) + _CHIP_GAP
            else:
                self._chip(painter, left, place, f"+{rest + 1}", end - left)
                return

    def _chip(self, painter: QPainter, left: int, place: QRect, word: str, room: int) -> int:
        """Paint a chip and return its width."""
        width = min(self._chip_width(word), room)
        if width < 2 * _CHIP_PADDING:
            return 0
        size = QSize(width, _CHIP_HEIGHT)
        picture = self._picture((word, width), size)
        if picture is None:
            picture = self._blank(size)
            onto = QPainter(picture)
            paint_chip(onto, QRect(QPoint(0, 0), size), word, self._theme)
            onto.end()
            self._keep((word, width), picture)
        painter.drawPixmap(left, place.top() + (place.height() - _CHIP_HEIGHT) // 2, picture)
        return width


def paint_chip(painter: QPainter, place: QRect, word: str, theme: Theme) -> None:
    """Paint a word on a small ground, shortened to its room."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    font = theme.font(FontRole.MUTED)
    painter.setFont(font)
    painter.setPen(theme.color(Role.LINE))
    painter.setBrush(theme.color(Role.HOVER))
    painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
    painter.setPen(theme.color(Role.TEXT))
    words = place.adjusted(_CHIP_PADDING, 0, 2 - _CHIP_PADDING, 0)
    mode = Qt.TextElideMode.ElideRight
    painter.drawText(words, _LEFT, QFontMetrics(font).elidedText(word, mode, words.width()))


def paint_skeleton(painter: QPainter, header: QHeaderView, height: int, theme: Theme) -> None:
    """Paint grey bars where cells will be."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(Role.HOVER))
    shown = [number for number in range(header.count()) if not header.isSectionHidden(number)]
    for line in range(height // Metric.ROW + 1):
        for number in shown:
            share = _BAR_SHARES[(line * 3 + number) % len(_BAR_SHARES)]
            left = header.sectionViewportPosition(number) + PADDING
            width = (header.sectionSize(number) - 2 * PADDING) * share
            painter.drawRoundedRect(QRectF(left, line * Metric.ROW + 11, width, 10), 5, 5)
