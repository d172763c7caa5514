"""The table of builds, with the progress of those that run painted in their row."""

from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import (
    QByteArray,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QFontMetrics, QPainter
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
_WIDTHS = {
    Column.NUMBER: 80,
    Column.STATE: 116,
    Column.COMMIT: 200,
    Column.STARTED: 132,
    Column.DURATION: 116,
    Column.TREND: 184,
    Column.LINES: 84,
    Column.BY: 84,
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
            self._add_marks(option, index.data(BUILD_ROLE))

    def _add_marks(self, option: QStyleOptionViewItem, build: BuildRow) -> None:
        """Show behind the number that a build is pinned, or else that it has a note."""
        icon = "push-pin" if build.pinned else "note-pencil" if build.note else ""
        if icon:
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
            option.icon = self._look.icon(icon, Role.MUTED)
            option.decorationSize = QSize(14, 14)
            option.decorationPosition = QStyleOptionViewItem.Position.Right

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a cell."""
        super().paint(painter, option, index)
        build = index.data(BUILD_ROLE)
        if not isinstance(build, BuildRow):
            return
        place: QRect = option.rect.adjusted(_PADDING, 0, -_PADDING, -3)
        painter.save()
        if index.column() == Column.DURATION:
            self._paint_duration(painter, place, build)
        elif index.column() == Column.TREND:
            self._paint_trend(painter, place, build)
        painter.restore()

    def _paint_duration(self, painter: QPainter, place: QRect, build: BuildRow) -> None:
        taken, expected = words.build_duration(build, datetime.now(UTC))
        used = self._write(painter, place, taken, Role.TEXT)
        self._write(painter, place.adjusted(used + 4, 0, 0, 0), expected, Role.MUTED)

    def _paint_trend(self, painter: QPainter, place: QRect, build: BuildRow) -> None:
        now = datetime.now(UTC)
        seconds = words.elapsed_s(build, now)
        if not build.state.active or not build.estimate_ms or seconds is None:
            self._write(painter, place, words.trend(build), Role.MUTED)
            return
        role = Role.ACCENT
        if words.overdue(build, now):
            role = Role.WARNING
            used = self._write(painter, place, _("overdue"), role)
            place = place.adjusted(used + Metric.GRID, 0, 0, 0)
        share = min(seconds * 1000 / build.estimate_ms, 1.0)
        self._paint_bar(painter, place, share, role)

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

    def _set_up_columns(self) -> None:
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(56)
        for column, width in _WIDTHS.items():
            header.resizeSection(column, width)
        header.setSectionResizeMode(Column.TREND, QHeaderView.ResizeMode.Stretch)

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
