"""The page of the queue: what runs, what waits, and what can be done about it."""

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.builds.queue.schemas import QueueOverview
from core.builds.schemas import BuildRow
from core.translation import _
from desktop.actions import Actions
from desktop.builds import words
from desktop.builds.history.buttons import mirror
from desktop.builds.queue.model import Column, QueueModel
from desktop.builds.row_model import BUILD_ROLE
from desktop.figures import number
from desktop.theme import Metric, Theme
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.marks import label
from desktop.widgets.plain_table import choose_row, set_up_flush
from desktop.widgets.state_badge import BadgeDelegate

_HEIGHT = 54
_WIDTHS = {
    Column.BUILD: 220,
    Column.STATE: 120,
    Column.PRIORITY: 90,
    Column.TIME: 120,
    Column.EXPECTED: 110,
    Column.WHAT: 220,
}
_ORDER = ("queue.first", "queue.up", "queue.down", "queue.priority_up", "queue.priority_down")
_ABOUT = ("queue.show", "queue.cancel")


class QueuePage(QWidget):
    """Running and waiting builds in one table.

    Signals:
        chosen: Another build is chosen, or none.
        opened: A build was opened by double click or Enter; carries the ``BuildRow``.
    """

    chosen = Signal()
    opened = Signal(object)

    def __init__(self, theme: Theme, model: QueueModel, actions: Actions) -> None:
        super().__init__()
        self._model = model
        self._chosen_id: int | None = None
        self._menu = [actions[one] for one in (*_ORDER, *_ABOUT)]
        self.title = label(_("Queue"), "title")
        self.told = label("", "muted")
        self.table = QTableView()
        self.empty = EmptyState(
            theme, icon="queue", title=_("Nothing runs and nothing waits"),
            text=_("Builds that are queued stand here until they end."))  # fmt: skip
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.table)
        self._set_up_table(theme)
        self._lay_out(actions)

    @property
    def build(self) -> BuildRow | None:
        """The chosen build."""
        index = self.table.currentIndex()
        build = index.data(BUILD_ROLE) if index.isValid() else None
        return build if isinstance(build, BuildRow) else None

    def show_overview(self, overview: QueueOverview) -> None:
        """Show the queue as it stands now; the chosen build stays chosen."""
        kept = self._chosen_id
        self._model.show(overview)
        place = self._model.place(kept) if kept is not None else -1
        if place != self.table.currentIndex().row() or place < 0:
            self.choose(kept)
        self.told.setText(_told(overview))
        self.pause_button.setText(_("Resume") if overview.paused else _("Pause"))
        self._pages.setCurrentIndex(1 if self._model.rows else 0)
        self.chosen.emit()

    def choose(self, build_id: int | None) -> None:
        """Choose a build, the first where it is not here any more."""
        place = self._model.place(build_id) if build_id is not None else -1
        choose_row(self.table, max(place, 0))

    def _set_up_table(self, theme: Theme) -> None:
        table = self.table
        table.setModel(self._model)
        table.setItemDelegate(BadgeDelegate(theme, table))
        set_up_flush(table, _("Queue of builds"))
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = table.horizontalHeader()
        for column, width in _WIDTHS.items():
            header.resizeSection(column, width)
        header.setSectionResizeMode(Column.BY, QHeaderView.ResizeMode.Stretch)
        table.customContextMenuRequested.connect(self._show_menu)
        table.selectionModel().currentRowChanged.connect(self._row_changed)
        table.activated.connect(lambda index: self.opened.emit(index.data(BUILD_ROLE)))

    def _lay_out(self, actions: Actions) -> None:
        bar = QWidget()
        bar.setProperty("kind", "bar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        bar.setFixedHeight(_HEIGHT)
        row = QHBoxLayout(bar)
        row.setContentsMargins(2 * Metric.GRID, 0, 2 * Metric.GRID, 0)
        row.setSpacing(Metric.GRID)
        row.addWidget(self.title)
        row.addWidget(self.told)
        row.addStretch(1)
        for action_id, text in (
            ("queue.up", _("Earlier")),
            ("queue.down", _("Later")),
            ("queue.cancel", _("Remove")),
            ("queue.pause", _("Pause")),
        ):
            button = QPushButton(text)
            button.setCheckable(actions[action_id].isCheckable())
            mirror(button, actions[action_id])
            row.addWidget(button)
        self.pause_button = button
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        layout.addWidget(self._pages, 1)

    def _row_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        build = current.data(BUILD_ROLE) if current.isValid() else None
        if isinstance(build, BuildRow):
            self._chosen_id = build.id
        self.chosen.emit()

    def _show_menu(self, place: QPoint) -> None:
        actions: list[QAction] = self._menu
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(actions)
        menu.popup(self.table.viewport().mapToGlobal(place))


def _told(overview: QueueOverview) -> str:
    """Return how many run and wait, and whether the queue is paused."""
    running = _("{running} of {parallel} run").format(
        running=number(len(overview.running)), parallel=number(overview.parallel)
    )
    waiting = words.waiting_count(overview.waiting_count)
    paused = _("paused: none starts") if overview.paused else ""
    return " · ".join(part for part in (running, waiting, paused) if part)
