"""The table of builds, with the progress of those that run painted in their row."""

from datetime import UTC, datetime
from typing import Any, Final

from PySide6.QtCore import (
    QByteArray,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from core.builds.schemas import BuildRow
from core.translation import _
from desktop.builds import words
from desktop.builds.history.model import BuildsModel, Column
from desktop.builds.row_model import BUILD_ROLE, Index
from desktop.theme import FontRole, Metric, Role, Theme
from desktop.widgets.plain_table import choose_row, set_up_flush
from desktop.widgets.state_badge import BadgeDelegate

_PADDING = 12
_BAR = 4
_MARK: Final = 14
_LEAST_NOTE: Final = 48
_SHARING: Final = (Column.COMMIT, Column.TREND)
_LEAST_SHARE: Final = 144
_WIDTHS = {
    Column.NUMBER: 88,
    Column.STATE: 112,
    Column.TYPE: 76,
    Column.STARTED: 128,
    Column.DURATION: 116,
    Column.LINES: 72,
    Column.BY: 80,
}


class _CellDelegate(BadgeDelegate):
    """Paints state, duration and trend; the other cells are left to the style."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._look = theme

    def initStyleOption(  # noqa: N802
        self, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Leave the text to this delegate where it paints it itself."""
        super().initStyleOption(option, index)
        if index.column() in (Column.DURATION, Column.TREND):
            option.text = ""
        elif index.column() == Column.NUMBER:
            option.font = self._look.font(FontRole.STRONG)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a cell."""
        super().paint(painter, option, index)
        build = index.data(BUILD_ROLE)
        if not isinstance(build, BuildRow):
            return
        place: QRect = option.rect.adjusted(_PADDING, 0, -_PADDING, -3)
        painter.save()
        if index.column() == Column.NUMBER:
            self._paint_marks(painter, option.rect, build)
        elif index.column() == Column.DURATION:
            self._paint_duration(painter, place, build)
        elif index.column() == Column.TREND:
            self._paint_trend(painter, place, build, index.data())
        painter.restore()

    def _paint_marks(self, painter: QPainter, cell: QRect, build: BuildRow) -> None:
        """Show at the right of the number that a build has a note, and that it is pinned."""
        marks = (("push-pin", build.pinned), ("note-pencil", bool(build.note)))
        right = cell.right()
        for name in (name for name, shown in marks if shown):
            place = QRect(right - _MARK, cell.center().y() - _MARK // 2, _MARK, _MARK)
            self._look.icon(name, Role.MUTED).paint(painter, place)
            right -= _MARK + 2

    def _paint_duration(self, painter: QPainter, place: QRect, build: BuildRow) -> None:
        taken, expected = words.build_duration(build, datetime.now(UTC))
        used = self._write(painter, place, taken, Role.TEXT)
        self._write(painter, place.adjusted(used + 4, 0, 0, 0), expected, Role.MUTED)

    def _paint_trend(self, painter: QPainter, place: QRect, build: BuildRow, told: str) -> None:
        now = datetime.now(UTC)
        seconds = words.elapsed_s(build, now)
        if not build.state.active or not build.estimate_ms or seconds is None:
            used = self._write(painter, place, told, Role.MUTED)
            self._paint_note(
                painter, place.adjusted(used + _PADDING if used else 0, 0, 0, 0), build.note
            )
            return
        role = Role.ACCENT
        if words.overdue(build, now):
            role = Role.WARNING
            used = self._write(painter, place, _("overdue"), role)
            place = place.adjusted(used + Metric.GRID, 0, 0, 0)
        share = min(seconds * 1000 / build.estimate_ms, 1.0)
        self._paint_bar(painter, place, share, role)

    def _paint_note(self, painter: QPainter, place: QRect, note: str) -> None:
        """Show the note where the trend leaves room for it."""
        if note and place.width() >= _LEAST_NOTE:
            line = _("“{note}”").format(note=" ".join(note.split()))
            self._write(painter, place, line, Role.TEXT)

    def _paint_bar(self, painter: QPainter, place: QRect, share: float, role: Role) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(place.left(), place.center().y() - _BAR / 2 + 1, place.width(), _BAR)
        for width, part in ((whole.width(), Role.LINE), (whole.width() * share, role)):
            painter.setBrush(self._look.color(part))
            painter.drawRoundedRect(
                QRectF(whole.topLeft(), whole.size()).adjusted(0, 0, width - whole.width(), 0),
                _BAR / 2,
                _BAR / 2,
            )

    def _write(self, painter: QPainter, place: QRect, text: str, role: Role) -> int:
        font = self._look.font(FontRole.TEXT)
        metrics = QFontMetrics(font)
        elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(place.width(), 0))
        painter.setFont(font)
        painter.setPen(self._look.color(role))
        painter.drawText(
            place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided
        )
        return metrics.horizontalAdvance(elided)


class BuildTable(QTableView):
    """The builds of the chosen project.

    Signals:
        chosen: The person chose a build; carries its id.
    """

    chosen = Signal(int)

    def __init__(self, theme: Theme, model: BuildsModel) -> None:
        super().__init__()
        self._builds = model
        self._choosing = False
        self._menu_actions: list[QAction] = []
        self.setModel(model)
        self.setItemDelegate(_CellDelegate(theme, self))
        set_up_flush(self, _("Builds"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.customContextMenuRequested.connect(self._show_menu)
        self._set_up_columns()
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        model.rowsInserted.connect(self._stay)
        model.rowsInserted.connect(self._show_types)
        model.modelReset.connect(self._show_types)
        theme.changed.connect(self.viewport().update)

    def choose(self, build_id: int | None) -> None:
        """Show a build as chosen."""
        place = self._builds.place(build_id) if build_id is not None else -1
        if place == self.currentIndex().row() and self.selectionModel().hasSelection():
            return
        self._choosing = True
        choose_row(self, place)
        self._choosing = False

    def offer(self, actions: list[QAction]) -> None:
        """Take the actions of the context menu."""
        self._menu_actions = actions

    def columns_state(self) -> QByteArray:
        """Return widths and order of the columns."""
        return self.horizontalHeader().saveState()

    def restore_columns(self, state: Any) -> None:
        """Take widths and order that were kept; anything else is left aside."""
        if isinstance(state, QByteArray) and not state.isEmpty():
            self.horizontalHeader().restoreState(state)
            self._show_types()

    def _show_types(self) -> None:
        """Have a column for types of builds where a build has one."""
        typed = any(build.build_type for build in self._builds.rows)
        self.setColumnHidden(Column.TYPE, not typed)
        self._share_width()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the width anew."""
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        """Let commit and trend share what is left; where that is little, scroll instead."""
        header = self.horizontalHeader()
        others = [column for column in Column if column not in _SHARING]
        left = self.viewport().width() - sum(header.sectionSize(one) for one in others)
        wide = left >= len(_SHARING) * _LEAST_SHARE
        mode = QHeaderView.ResizeMode
        for column in _SHARING:
            header.setSectionResizeMode(column, mode.Stretch if wide else mode.Interactive)
            if not wide:
                header.resizeSection(column, _LEAST_SHARE)

    def _set_up_columns(self) -> None:
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(56)
        for column, width in _WIDTHS.items():
            header.resizeSection(column, width)
        self._show_types()

    def _stay(self, _parent: QModelIndex, first: int, last: int) -> None:
        """Keep in sight what is in sight when builds come above it; the top shows new ones."""
        bar = self.verticalScrollBar()
        if bar.value() > 0 and first * Metric.ROW <= bar.value():
            value = bar.value() + (last - first + 1) * Metric.ROW
            self.updateGeometries()
            bar.setValue(value)

    def _current_changed(self, current: QModelIndex) -> None:
        build = current.data(BUILD_ROLE)
        if isinstance(build, BuildRow) and not self._choosing:
            self.chosen.emit(build.id)

    def _show_menu(self, place: QPoint) -> None:
        if not self.indexAt(place).isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addActions(self._menu_actions)
        menu.popup(self.viewport().mapToGlobal(place))
