"""Paints a line of a log: its number and time, its text in the colours that it brought."""

import math
from datetime import datetime
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
from core.translation import _, ngettext
from desktop.figures import number
from desktop.theme import FontRole, Metric, Role, Theme, readable
from desktop.widgets.log_view.ansi import PLAIN, Style, columns, plain
from desktop.widgets.log_view.cells import Cells, cells
from desktop.widgets.log_view.colors import Colors
from desktop.widgets.log_view.folds import Heading
from desktop.widgets.log_view.highlight import Finder
from desktop.widgets.log_view.model import NOT_YET, LogModel
from desktop.widgets.log_view.stamps import CELLS, Times, stamp

_SYSTEM_MARK: Final = "» "
_FOLDED, _UNFOLDED = "▸", "▾"
_MARK_CELLS = 2
_LEAST_DIGITS = 4


class LogDelegate(QStyledItemDelegate):
    """Paints rows of a ``LogModel``.

    The column of numbers and times stays at the left edge when the text is scrolled sideways.

    Attributes:
        finder: Tells what to mark in a line; None for nothing.
        times: Which times stand beside the numbers.
        start: What relative times count from.
    """

    def __init__(self, model: LogModel, theme: Theme, view: QAbstractScrollArea) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._theme = theme
        self._colors = Colors(theme)
        self.finder: Finder | None = None
        self.times = Times.OFF
        self.start: datetime | None = None
        self._fonts = {
            (bold, italic): self._font(bold=bold, italic=italic)
            for bold in (False, True)
            for italic in (False, True)
        }
        metrics = QFontMetricsF(self._fonts[False, False])
        self.cell = metrics.horizontalAdvance("0" * 64) / 64
        self.row_height = max(int(Metric.LOG_ROW), math.ceil(metrics.height()) + 3)
        self._baseline = (self.row_height - metrics.height()) / 2 + metrics.ascent()
        self._measured: tuple[int, Times] = (-1, Times.OFF)
        self._gutter = 0

    def _font(self, *, bold: bool, italic: bool) -> QFont:
        font = self._theme.font(FontRole.MONO)
        font.setBold(bold)
        font.setItalic(italic)
        return font

    @property
    def gutter(self) -> int:
        """The width of numbers and times; asked several times for each row painted."""
        lines = self._model.map.lines
        if (lines, self.times) != self._measured:
            digits = max(len(number(lines)), _LEAST_DIGITS)
            wide = CELLS[self.times]
            self._measured = lines, self.times
            self._gutter = math.ceil(digits * self.cell) + 4 * Metric.GRID
            if wide:
                self._gutter += math.ceil(wide * self.cell) + 2 * Metric.GRID
        return self._gutter

    def width_of(self, row: int) -> int:
        """Return the width that a row needs, the gutter alone if it is not at hand."""
        line = self._model.map.line(row)
        if line is None:
            return self.gutter + math.ceil(len(self._model.gap_text()) * self.cell)
        heading = self._model.heading(line)
        pages = self._model.pages
        found = pages.peek(line) if pages else None
        if heading is not None:
            laid, more = cells(heading.title), _MARK_CELLS + len(_size_of(heading))
        elif found is not None:
            laid, more = cells(found.message), len(_SYSTEM_MARK) + 1
        else:
            return self.gutter
        return self.gutter + math.ceil((laid.width + more) * self.cell) + 2 * Metric.GRID

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one row."""
        row = index.row()
        place = self._model.map.line(row)
        line = self._model.line_at(row)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        ground = self._ground(place, line, selected=selected)
        painter.save()
        painter.fillRect(rect, ground)
        width = self._view.viewport().width() - self.gutter
        sight = QRect(self.gutter, rect.top(), width, rect.height())
        painter.setClipRect(sight)
        start = QPointF(rect.left() + self.gutter, rect.top() + self._baseline)
        heading = self._model.heading(place) if place is not None else None
        if heading is not None:
            self._paint_heading(painter, start, sight, heading, ground, selected=selected)
        elif line is None:
            self._paint_missing(painter, start, gap=place is None)
        else:
            self._paint_line(painter, start, sight, line, ground, selected=selected)
        painter.setClipping(False)
        if place is not None:
            self._paint_gutter(painter, rect, place, line)
        painter.restore()

    def _ground(self, place: int | None, line: BuildLog | None, *, selected: bool) -> QColor:
        if selected:
            return self._theme.color(Role.ACCENT_GROUND)
        if place is None:
            return self._theme.color(Role.WARNING_GROUND)
        if line is not None and line.level is LogLevel.ERROR:
            return self._theme.color(Role.FAILURE_GROUND)
        return self._theme.color(Role.LOG_GROUND)

    def _paint_gutter(
        self, painter: QPainter, rect: QRect, place: int, line: BuildLog | None
    ) -> None:
        right = self.gutter - 2 * Metric.GRID
        if self.times is not Times.OFF:
            told = stamp(line.timestamp, self.times, self.start) if line else ""
            self._write(painter, right - len(told) * self.cell, rect.top(), told)
            right -= math.ceil(CELLS[self.times] * self.cell) + 2 * Metric.GRID
        digits = number(place + 1)
        self._write(painter, right - len(digits) * self.cell, rect.top(), digits)

    def _write(
        self, painter: QPainter, left: float, top: float, text: str, role: Role = Role.MUTED
    ) -> None:
        painter.setFont(self._fonts[False, False])
        painter.setPen(self._theme.color(role))
        painter.drawText(QPointF(left, top + self._baseline), text)

    def _paint_missing(self, painter: QPainter, start: QPointF, *, gap: bool) -> None:
        text = self._model.gap_text() if gap else NOT_YET
        role = Role.WARNING if gap else Role.MUTED
        self._write(painter, start.x(), start.y() - self._baseline, text, role)

    def _paint_heading(
        self,
        painter: QPainter,
        start: QPointF,
        sight: QRect,
        heading: Heading,
        ground: QColor,
        *,
        selected: bool,
    ) -> None:
        top = start.y() - self._baseline
        mark = _FOLDED if heading.folded else _UNFOLDED
        self._write(painter, start.x(), top, mark)
        start.setX(start.x() + _MARK_CELLS * self.cell)
        laid = cells(heading.title)
        bold = PLAIN._replace(bold=True)
        laid = laid._replace(pieces=tuple(p._replace(style=bold) for p in laid.pieces))
        base = self._theme.color(Role.TEXT)
        self._paint_pieces(painter, start, sight, laid, base, ground)
        self._mark(painter, start, sight, laid, heading.title, base, selected=selected)
        left = start.x() + laid.width * self.cell
        self._write(painter, left, top, _size_of(heading))

    def _paint_line(
        self,
        painter: QPainter,
        start: QPointF,
        sight: QRect,
        line: BuildLog,
        ground: QColor,
        *,
        selected: bool,
    ) -> None:
        top = start.y() - self._baseline
        laid = cells(line.message)
        base = self._base(line, laid)
        if line.source is LogSource.SYSTEM:
            self._write(painter, start.x(), top, _SYSTEM_MARK)
            start.setX(start.x() + len(_SYSTEM_MARK) * self.cell)
            laid = laid._replace(
                pieces=tuple(p._replace(style=_slanted(p.style)) for p in laid.pieces)
            )
        self._paint_pieces(painter, start, sight, laid, base, ground)
        if self.finder is not None:
            text = plain(line.message)
            self._mark(painter, start, sight, laid, text, base, selected=selected)
        if line.cut or laid.cut:
            left = start.x() + (laid.width + 0.5) * self.cell
            self._write(painter, left, top, NOT_YET)

    def _base(self, line: BuildLog, laid: Cells) -> QColor:
        if line.level is LogLevel.ERROR and not laid.colored:
            return self._theme.color(Role.FAILURE)
        if line.level is LogLevel.WARNING and not laid.colored:
            return self._theme.color(Role.WARNING)
        system = line.source is LogSource.SYSTEM
        return self._theme.color(Role.MUTED if system else Role.TEXT)

    def _mark(
        self,
        painter: QPainter,
        start: QPointF,
        sight: QRect,
        laid: Cells,
        text: str,
        base: QColor,
        *,
        selected: bool,
    ) -> None:
        """Paint what was searched for once more, on a ground that stands out."""
        if self.finder is None:
            return
        ground = self._colors.match(chosen=selected)
        ink = QColor.fromRgb(readable(base.rgb(), ground.rgb()))
        uncoloured = laid._replace(
            pieces=tuple(p._replace(style=_uncoloured(p.style)) for p in laid.pieces)
        )
        column, before = 0, 0
        for first, last in self.finder(text):
            column += columns(text[before:first])
            before = first
            left = start.x() + column * self.cell
            width = columns(text[first:last]) * self.cell
            if left > sight.right():
                break
            place = QRectF(left, sight.top(), width, sight.height()).intersected(QRectF(sight))
            if place.isEmpty():
                continue
            painter.setClipRect(place)
            painter.fillRect(place, ground)
            self._paint_pieces(painter, start, place.toAlignedRect(), uncoloured, ink, ground)
        painter.setClipRect(sight)

    def _paint_pieces(
        self,
        painter: QPainter,
        start: QPointF,
        sight: QRect,
        laid: Cells,
        base: QColor,
        ground: QColor,
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
            color, behind = self._colors.of(style, base.rgb(), under)
            if behind is not None:
                painter.fillRect(QRectF(left, top, width * self.cell, self.row_height), behind)
            painter.setFont(self._fonts[style.bold, style.italic])
            painter.setPen(color)
            painter.drawText(QPointF(left, start.y()), text)
            if style.underline:
                painter.fillRect(QRectF(left, start.y() + 2, width * self.cell, 1), color)


def _slanted(style: Style) -> Style:
    return style._replace(italic=True)


def _uncoloured(style: Style) -> Style:
    return Style(bold=style.bold, italic=style.italic, underline=style.underline)


def _size_of(heading: Heading) -> str:
    """Return how much a group holds, with the space before it."""
    if heading.lines is None:
        return "  " + _("open")
    words = ngettext("{count} line", "{count} lines", heading.lines)
    return "  " + words.format(count=number(heading.lines))
