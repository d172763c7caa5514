"""A picture of what takes the room: an area for each table, with its indexes beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.translation import _
from desktop.performance.storage.squarify import squarify
from desktop.theme import FontRole, Role, Theme, blend
from desktop.widgets.tips import plain_tip

HEIGHT: Final = 300
_GAP = 1.5
_RADIUS = 4
_PADDING = 6
_LEAST_WORDS = 34
_PALE = 0.72
_KEYS = {
    Qt.Key.Key_Left: QPointF(-1, 0),
    Qt.Key.Key_Right: QPointF(1, 0),
    Qt.Key.Key_Up: QPointF(0, -1),
    Qt.Key.Key_Down: QPointF(0, 1),
}


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the picture.

    Attributes:
        name: What it stands for, and what is handed out when it is chosen.
        group: Areas of one group lie together.
        size: How large it is; above zero.
        words: Its size in words.
        tip: All that is known of it.
        role: Its colour, paled.
        last: Whether it stands behind all others, however large.
    """

    name: str
    group: str
    size: float
    words: str
    tip: str
    role: Role
    last: bool = False


class Treemap(QWidget):
    """The picture.

    Signals:
        chosen: An area was clicked, or gone to by keys; carries its name.
        opened: An area was double clicked, or Enter pressed on it; carries its name.
    """

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._areas: tuple[Area, ...] = ()
        self._places: list[QRectF] = []
        self._current, self._pointed = -1, -1
        self.setAccessibleName(_("Picture of what takes the room"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    @property
    def areas(self) -> tuple[Area, ...]:
        """What is shown, in the order of ``place``."""
        return self._areas

    @property
    def current(self) -> str:
        """The name of the chosen area, empty for none."""
        return self._areas[self._current].name if self._current >= 0 else ""

    def place(self, name: str) -> QRectF:
        """Return where an area is, an empty rectangle where there is none of that name."""
        number = self._number(name)
        return self._places[number] if number >= 0 else QRectF()

    def show_areas(self, areas: Sequence[Area]) -> None:
        """Show other areas; the chosen one stays so while there."""
        before = self.current
        whole: dict[str, float] = {}
        for area in areas:
            whole[area.group] = whole.get(area.group, 0.0) + area.size
        self._areas = tuple(
            sorted(areas, key=lambda one: (one.last, -whole[one.group], one.group, -one.size))
        )
        self._current, self._pointed = self._number(before), -1
        self._arrange()

    def choose(self, name: str) -> None:
        """Mark an area as chosen; none where it is not there."""
        self._go(self._number(name))

    # Qt's own

    def sizeHint(self) -> QSize:
        """Return room for a good many areas."""
        return QSize(480, HEIGHT)

    def resizeEvent(self, _event: QResizeEvent) -> None:  # noqa: N802
        """Lay the areas out anew."""
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """Tell of the area that is pointed at."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = self._at(QPointF(event.pos()))
            if number >= 0:
                QToolTip.showText(event.globalPos(), plain_tip(self._areas[number].tip), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Lighten the area that is pointed at."""
        self._point(self._at(event.position()))

    def leaveEvent(self, _event: QEvent) -> None:  # noqa: N802
        """Lighten none."""
        self._point(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose an area."""
        number = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number >= 0:
            self._go(number)
            self.chosen.emit(self.current)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open an area."""
        if self._at(event.position()) >= 0:
            self.opened.emit(self.current)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Go to the nearest area in a direction, or open the chosen one."""
        key = Qt.Key(event.key())
        if key in _KEYS and self._areas:
            self._go(self._next(_KEYS[key]))
            self.chosen.emit(self.current)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current:
            self.opened.emit(self.current)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Choose the largest area where none is."""
        super().focusInEvent(event)
        if self._current < 0 and self._areas:
            self._go(0)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the areas."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, place in enumerate(self._places):
            self._paint(painter, number, place.adjusted(_GAP, _GAP, -_GAP, -_GAP))
        painter.end()

    # Its own

    def _paint(self, painter: QPainter, number: int, place: QRectF) -> None:
        if place.width() <= 0 or place.height() <= 0:
            return
        area = self._areas[number]
        pane = self._theme.color(Role.PANE)
        paler = _PALE - 0.12 if number == self._pointed else _PALE
        painter.setBrush(blend(self._theme.color(area.role), pane, paler))
        painter.setPen(Qt.PenStyle.NoPen)
        if number == self._current:
            role = Role.TEXT if self.hasFocus() else Role.ACCENT
            painter.setPen(QPen(self._theme.color(role), 2))
        painter.drawRoundedRect(place, _RADIUS, _RADIUS)
        self._write(painter, area, place.adjusted(_PADDING, 3, -_PADDING, -3))

    def _write(self, painter: QPainter, area: Area, room: QRectF) -> None:
        """Write name and size into an area where they fit."""
        if room.width() < _LEAST_WORDS:
            return
        painter.setPen(self._theme.color(Role.TEXT))
        top = room.top()
        for text, role in ((area.name, FontRole.STRONG), (area.words, FontRole.MUTED)):
            font = self._theme.font(role)
            metrics = QFontMetrics(font)
            if top + metrics.height() > room.bottom() + 1:
                return
            painter.setFont(font)
            line = QRectF(room.left(), top, room.width(), metrics.height())
            cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft.value, cut)
            top += metrics.height()

    def _arrange(self) -> None:
        groups = [list(some) for _group, some in groupby(self._areas, lambda one: one.group)]
        sums = [sum(area.size for area in some) for some in groups]
        self._places = []
        for some, place in zip(groups, squarify(sums, QRectF(self.rect())), strict=True):
            self._places += squarify([area.size for area in some], place)
        self.update()

    def _number(self, name: str) -> int:
        return next((n for n, area in enumerate(self._areas) if area.name == name), -1)

    def _at(self, point: QPointF) -> int:
        return next((n for n, place in enumerate(self._places) if place.contains(point)), -1)

    def _point(self, number: int) -> None:
        if number != self._pointed:
            self._pointed = number
            self.update()

    def _go(self, number: int) -> None:
        self._current = number
        self.setAccessibleDescription(self._areas[number].tip if number >= 0 else "")
        self.update()

    def _next(self, way: QPointF) -> int:
        """Return the nearest area in a direction, the same one where there is none."""
        if self._current < 0:
            return 0
        here = self._places[self._current].center()
        best, nearest = self._current, float("inf")
        for number, place in enumerate(self._places):
            off = place.center() - here
            ahead = QPointF.dotProduct(off, way)
            aside = abs(off.x() * way.y()) + abs(off.y() * way.x())
            if ahead > 1 and ahead + 2 * aside < nearest:
                best, nearest = number, ahead + 2 * aside
        return best
