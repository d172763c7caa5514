"""Paints a line of a log: its number, its text in the colours that it brought."""

import math
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from core.builds.schemas import BuildLog, LogLevel, LogSource
from desktop.figures import number
from desktop.theme import FontRole, Metric, Role, Theme, blend, readable
from desktop.widgets.log_view.ansi import DIRECT, PLAIN, Style
from desktop.widgets.log_view.cells import Cells, cells
from desktop.widgets.log_view.model import NOT_YET, LogModel

_SYSTEM_MARK: Final = "» "
_LEAST_DIGITS = 4
_KEPT_COLORS = 2_048
_CUBE = (0, 95, 135, 175, 215, 255)


class LogDelegate(QStyledItemDelegate):
    """Paints rows of a ``LogModel``.

    The column of numbers stays at the left edge when the text is scrolled sideways.
    """

    def __init__(self, model: LogModel, theme: Theme, view: QAbstractScrollArea) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._theme = theme
        self._seen: dict[tuple[Style, int, int], tuple[QColor, QColor | None]] = {}
        theme.changed.connect(self._forget_colors)
        self._fonts = {
            (bold, italic): self._font(bold=bold, italic=italic)
            for bold in (False, True)
            for italic in (False, True)
        }
        metrics = QFontMetricsF(self._fonts[False, False])
        self.cell = metrics.horizontalAdvance("0" * 64) / 64
        self.row_height = max(int(Metric.LOG_ROW), math.ceil(metrics.height()) + 3)
        self._baseline = (self.row_height - metrics.height()) / 2 + metrics.ascent()
        self._measured, self._gutter = -1, 0

    def _forget_colors(self) -> None:
        self._seen.clear()

    def _font(self, *, bold: bool, italic: bool) -> QFont:
        font = self._theme.font(FontRole.MONO)
        font.setBold(bold)
        font.setItalic(italic)
        return font

    @property
    def gutter(self) -> int:
        """The width of the column of numbers; asked several times for each row painted."""
        lines = self._model.map.lines
        if lines != self._measured:
            digits = max(len(number(lines)), _LEAST_DIGITS)
            self._measured = lines
            self._gutter = math.ceil(digits * self.cell) + 4 * Metric.GRID
        return self._gutter

    def width_of(self, row: int) -> int:
        """Return the width that a row needs, the gutter alone if it is not at hand."""
        line = self._model.map.line(row)
        if line is None:
            return self.gutter + math.ceil(len(self._model.gap_text()) * self.cell)
        pages = self._model.pages
        found = pages.peek(line) if pages else None
        if found is None:
            return self.gutter
        wide = cells(found.message).width + 3
        return self.gutter + math.ceil(wide * self.cell) + 2 * Metric.GRID

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one row."""
        row = index.row()
        line = self._model.line_at(row)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        ground = self._ground(row, line, selected=bool(state & QStyle.StateFlag.State_Selected))
        painter.save()
        painter.fillRect(rect, ground)
        width = self._view.viewport().width() - self.gutter
        sight = QRect(self.gutter, rect.top(), width, rect.height())
        painter.setClipRect(sight)
        self._paint_text(painter, rect, sight, row, line, ground)
        painter.setClipping(False)
        self._paint_number(painter, rect, row)
        painter.restore()

    def _ground(self, row: int, line: BuildLog | None, *, selected: bool) -> QColor:
        if selected:
            return self._theme.color(Role.ACCENT_GROUND)
        if self._model.map.line(row) is None:
            return self._theme.color(Role.WARNING_GROUND)
        if line is not None and line.level is LogLevel.ERROR:
            return self._theme.color(Role.FAILURE_GROUND)
        return self._theme.color(Role.LOG_GROUND)

    def _paint_number(self, painter: QPainter, rect: QRect, row: int) -> None:
        line = self._model.map.line(row)
        if line is None:
            return
        digits = number(line + 1)
        painter.setFont(self._fonts[False, False])
        painter.setPen(self._theme.color(Role.MUTED))
        right = self.gutter - 2 * Metric.GRID - len(digits) * self.cell
        painter.drawText(QPointF(right, rect.top() + self._baseline), digits)

    def _paint_text(
        self,
        painter: QPainter,
        rect: QRect,
        sight: QRect,
        row: int,
        line: BuildLog | None,
        ground: QColor,
    ) -> None:
        start = QPointF(rect.left() + self.gutter, rect.top() + self._baseline)
        if line is None:
            gap = self._model.map.line(row) is None
            painter.setFont(self._fonts[False, False])
            painter.setPen(self._theme.color(Role.WARNING if gap else Role.MUTED))
            painter.drawText(start, self._model.gap_text() if gap else NOT_YET)
            return
        laid = cells(line.message)
        base = self._base(line, laid)
        system = line.source is LogSource.SYSTEM
        if system:
            painter.setFont(self._fonts[False, False])
            painter.setPen(base)
            painter.drawText(start, _SYSTEM_MARK)
            start.setX(start.x() + len(_SYSTEM_MARK) * self.cell)
        self._paint_pieces(painter, start, sight, laid, base, ground, italic=system)
        if line.cut or laid.cut:
            painter.setFont(self._fonts[False, False])
            painter.setPen(self._theme.color(Role.MUTED))
            painter.drawText(start + QPointF((laid.width + 0.5) * self.cell, 0), NOT_YET)

    def _base(self, line: BuildLog, laid: Cells) -> QColor:
        if line.level is LogLevel.ERROR and not laid.colored:
            return self._theme.color(Role.FAILURE)
        if line.level is LogLevel.WARNING and not laid.colored:
            return self._theme.color(Role.WARNING)
        system = line.source is LogSource.SYSTEM
        return self._theme.color(Role.MUTED if system else Role.TEXT)

    def _paint_pieces(
        self,
        painter: QPainter,
        start: QPointF,
        sight: QRect,
        laid: Cells,
        base: QColor,
        ground: QColor,
        *,
        italic: bool,
    ) -> None:
        under, top = ground.rgb(), start.y() - self._baseline
        first = (sight.left() - start.x()) / self.cell
        last = (sight.right() - start.x()) / self.cell
        for column, width, text, style in laid.pieces:
            if column + width < first:
                continue
            if column > last:
                break
            left = start.x() + column * self.cell
            color, behind = self._colors(style, base.rgb(), under)
            if behind is not None:
                painter.fillRect(QRectF(left, top, width * self.cell, self.row_height), behind)
            painter.setFont(self._fonts[style.bold, style.italic or italic])
            painter.setPen(color)
            painter.drawText(QPointF(left, start.y()), text)
            if style.underline:
                painter.fillRect(QRectF(left, start.y() + 2, width * self.cell, 1), color)

    def _colors(self, style: Style, base: int, ground: int) -> tuple[QColor, QColor | None]:
        key = (style, base, ground)
        found = self._seen.get(key)
        if found is None:
            if len(self._seen) >= _KEPT_COLORS:
                self._seen.clear()
            found = self._seen[key] = self._resolved(
                style, QColor.fromRgb(base), QColor.fromRgb(ground)
            )
        return found

    def _resolved(
        self, style: Style, base: QColor, ground: QColor
    ) -> tuple[QColor, QColor | None]:
        """Return text and ground of a piece; the text can be read whatever was asked for."""
        if style == PLAIN:
            return base, None
        text = base if style.foreground is None else self._color(style.foreground)
        behind = None if style.background is None else self._color(style.background)
        if style.inverse:
            text, behind = behind or ground, text
        under = behind or ground
        if style.faint:
            text = blend(text, under, 0.35)
        return QColor.fromRgb(readable(text.rgb(), under.rgb())), behind

    def _color(self, color: int) -> QColor:
        if color & DIRECT:
            return QColor.fromRgb(color & 0xFFFFFF)
        if color < 16:
            return self._theme.ansi(color)
        if color >= 232:
            level = 8 + 10 * (color - 232)
            return QColor(level, level, level)
        red, rest = divmod(color - 16, 36)
        green, blue = divmod(rest, 6)
        return QColor(_CUBE[red], _CUBE[green], _CUBE[blue])
