"""The list of pages at the left: icon, name, and a small number where one is to be seen."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from core.translation import _
from desktop.figures import number
from desktop.performance.page import PageEntry
from desktop.theme import FontRole, Metric, Role, Theme
from desktop.widgets.tips import plain_tip

WIDTH: Final = 232
_COUNT_ROLE = Qt.ItemDataRole.UserRole + 1
_ICON_ROLE = Qt.ItemDataRole.UserRole + 2
_MARGIN = 8
_PADDING = 10
_PILL = 18
_MOST = 99
_Reason = Qt.FocusReason
_BY_KEYS = (_Reason.TabFocusReason, _Reason.BacktabFocusReason, _Reason.ShortcutFocusReason)


class PageList(QListWidget):
    """The pages, of which one is chosen.

    Signals:
        chosen: Another page was chosen; carries its key.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, entries: Sequence[PageEntry]) -> None:
        super().__init__()
        self._entries = tuple(entries)
        self.by_keys = False
        self.setProperty("kind", "flush")
        self.setAccessibleName(_("Pages of the tab of performance"))
        self.setFixedWidth(WIDTH)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setItemDelegate(_Delegate(theme, self))
        for entry in self._entries:
            item = QListWidgetItem(entry.words())
            item.setData(_ICON_ROLE, entry.icon)
            item.setSizeHint(QSize(0, Metric.ROW + 2))
            self.addItem(item)
        self.currentRowChanged.connect(self._tell)
        theme.changed.connect(self.viewport().update)

    @property
    def key(self) -> str:
        """The key of the page that is chosen, empty for none."""
        place = self.currentRow()
        return self._entries[place].key if place >= 0 else ""

    def choose(self, key: str) -> None:
        """Choose a page; one that is not there changes nothing."""
        keys = [entry.key for entry in self._entries]
        if key in keys:
            self.setCurrentRow(keys.index(key))

    def show_tip(self, key: str, tip: str) -> None:
        """Give a page a tool tip."""
        self._item(key).setToolTip(plain_tip(tip))

    def show_count(self, key: str, count: int, words: str) -> None:
        """Show a number beside a name, none for 0; ``words`` say it when it is read out."""
        item = self._item(key)
        item.setData(_COUNT_ROLE, count)
        spoken = _("{page}, {count}").format(page=item.text(), count=words)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken if count else item.text())

    def count_of(self, key: str) -> int:
        """Return the number beside a name."""
        return int(self._item(key).data(_COUNT_ROLE) or 0)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show where the keyboard is, if it came by the keyboard."""
        self.by_keys = event.reason() in _BY_KEYS
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Show where the keyboard is from now on."""
        self.by_keys = True
        super().keyPressEvent(event)

    def _item(self, key: str) -> QListWidgetItem:
        keys = [entry.key for entry in self._entries]
        return self.item(keys.index(key))

    def _tell(self, place: int) -> None:
        if place >= 0:
            self.chosen.emit(self._entries[place].key)


class _Delegate(QStyledItemDelegate):
    """Paints a line of the list."""

    def __init__(self, theme: Theme, pages: PageList) -> None:
        super().__init__(pages)
        self._theme, self._list = theme, pages

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint ground, icon, name and number."""
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        place: QRect = option.rect.adjusted(_MARGIN, 1, -_MARGIN, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, place, state)
        role = Role.ACCENT if chosen else Role.MUTED
        icon = QRect(place.left() + _PADDING, 0, Metric.ICON, Metric.ICON)
        icon.moveTop(place.center().y() - Metric.ICON // 2 + 1)
        self._theme.icon(str(index.data(_ICON_ROLE)), role).paint(painter, icon)
        count = int(index.data(_COUNT_ROLE) or 0)
        right = place.right() - _PADDING
        if count:
            right = self._paint_count(painter, place, count) - _PADDING
        painter.setFont(self._theme.font(FontRole.STRONG if chosen else FontRole.TEXT))
        painter.setPen(self._theme.color(Role.TEXT))
        words = QRect(place)
        words.setLeft(icon.right() + _PADDING)
        words.setRight(right)
        text = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter.value, text)
        painter.restore()

    def _paint_ground(self, painter: QPainter, place: QRect, state: QStyle.StateFlag) -> None:
        ground = None
        if state & QStyle.StateFlag.State_Selected:
            ground = Role.ACCENT_GROUND
        elif state & QStyle.StateFlag.State_MouseOver:
            ground = Role.HOVER
        painter.setPen(Qt.PenStyle.NoPen)
        if ground is not None:
            painter.setBrush(self._theme.color(ground))
            painter.drawRoundedRect(place, Metric.RADIUS, Metric.RADIUS)
        if state & QStyle.StateFlag.State_HasFocus and self._list.by_keys:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self._theme.color(Role.ACCENT))
            edge = QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(edge, Metric.RADIUS, Metric.RADIUS)

    def _paint_count(self, painter: QPainter, place: QRect, count: int) -> int:
        """Paint the number and return where it begins."""
        font = self._theme.font(FontRole.MUTED)
        text = number(count) if count <= _MOST else f"{number(_MOST)}+"
        width = max(QFontMetrics(font).horizontalAdvance(text) + 12, _PILL)
        pill = QRect(place.right() - _PADDING - width + 1, 0, width, _PILL)
        pill.moveTop(place.center().y() - _PILL // 2 + 1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(Role.WARNING_GROUND))
        painter.drawRoundedRect(pill, _PILL / 2, _PILL / 2)
        painter.setPen(self._theme.color(Role.WARNING))
        painter.setFont(font)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter.value, text)
        return pill.left()
