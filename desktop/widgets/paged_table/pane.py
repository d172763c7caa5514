"""A table with what stands around it: an error, an empty state, and a line below."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.translation import _, ngettext
from desktop.figures import number
from desktop.theme import Metric, Theme
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.marks import button, label
from desktop.widgets.paged_table.model import State
from desktop.widgets.paged_table.table import PagedTable

_FOOTER_HEIGHT = 34


def row_words(count: int) -> str:
    """Return a number of rows in words."""
    return ngettext("{count} row", "{count} rows", count).format(count=number(count))


class TablePane(QWidget):
    """Shows a ``PagedTable``, or why there is nothing to be seen in it.

    Args:
        empty: Stands there when there is nothing at all; its button is the caller's.
        words: Returns a number of rows in words, such as "3 users".

    Signals:
        clear_filters: The person wants to see what no filter holds back.
    """

    clear_filters = Signal()

    def __init__(
        self,
        theme: Theme,
        table: PagedTable,
        empty: EmptyState,
        words: Callable[[int], str] = row_words,
    ) -> None:
        super().__init__()
        self.setProperty("kind", "pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.table, self.empty = table, empty
        self._words = words
        self.error = ErrorPanel(theme, _("Retry"))
        self.error.triggered.connect(self._retry)
        self.no_match = EmptyState(
            theme,
            icon="magnifying-glass",
            title=_("Nothing matches"),
            text=_("No row fits the filters and the search together."),
            action=_("Clear filters"),
        )
        self.no_match.triggered.connect(self.clear_filters)
        self.broken = EmptyState(
            theme, icon="warning", title=_("The list could not be loaded"), action=_("Retry")
        )
        self.broken.triggered.connect(self._retry)
        self.count = label("", "muted")
        self.count.setAccessibleName(_("Number of rows"))
        self.chosen_count = label("", "muted")
        self.select_all = button("", table.selectAll, "link")
        self.columns_button = QPushButton(theme.icon("columns"), _("Columns"))
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self._show_state()

    def show_columns_menu(self) -> None:
        """Open the menu in which columns are shown and put away."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.table.header.fill_menu(menu)
        corner = self.columns_button.mapToGlobal(self.columns_button.rect().topRight())
        size = menu.sizeHint()
        corner.setX(corner.x() - size.width() + 1)
        corner.setY(corner.y() - size.height() - 2)
        menu.popup(corner)

    def _lay_out(self) -> None:
        for page in (self.table, self.empty, self.no_match, self.broken):
            self._stack.addWidget(page)
        self.columns_button.setProperty("kind", "quiet")
        self.columns_button.setAutoDefault(False)
        self._footer = QFrame()
        self._footer.setProperty("kind", "footer")
        self._footer.setFixedHeight(_FOOTER_HEIGHT)
        row = QHBoxLayout(self._footer)
        row.setContentsMargins(12, 0, Metric.GRID, 0)
        row.setSpacing(2 * Metric.GRID)
        row.addWidget(self.count)
        row.addWidget(self.chosen_count)
        row.addWidget(self.select_all)
        row.addStretch(1)
        row.addWidget(self.columns_button)
        self._error_place = QWidget()
        around = QVBoxLayout(self._error_place)
        around.setContentsMargins(12, 12, 12, 12)
        around.addWidget(self.error)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._error_place)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._footer)
        self._error_place.hide()

    def _connect(self) -> None:
        model = self.table.list_model
        model.state_changed.connect(self._show_state)
        model.count_changed.connect(self._tell_count)
        model.restarted.connect(self._show_state)
        model.restarted.connect(self._clear_error)
        model.failed.connect(self._tell_failure)
        self.table.chosen.changed.connect(self._tell_count)
        self.columns_button.clicked.connect(lambda _checked=False: self.show_columns_menu())

    def _show_state(self) -> None:
        model = self.table.list_model
        query = model.query
        page: QWidget = self.table
        if model.state is State.FAILED:
            page = self.broken
        elif model.state is State.EMPTY:
            narrowed = query is not None and bool(query.filters or query.search)
            page = self.no_match if narrowed else self.empty
        self._stack.setCurrentWidget(page)
        self._footer.setVisible(page is self.table)
        self._tell_count()

    def _tell_failure(self, error: AppError) -> None:
        if self.table.list_model.state is State.FAILED:
            text = " ".join(filter(None, (error.detail, error.hint)))
            self.broken.say(icon="warning", title=error.title, text=text, action=_("Retry"))
            return
        self.error.show_error(error)
        self._error_place.show()

    def _clear_error(self) -> None:
        self.error.clear()
        self._error_place.hide()

    def _retry(self) -> None:
        self._clear_error()
        self.table.list_model.retry()

    def _tell_count(self) -> None:
        model, chosen = self.table.list_model, self.table.chosen.chosen
        total = self._words(model.rowCount())
        if model.state is State.LOADING:
            self.count.setText(_("Loading…"))
        elif model.exact:
            self.count.setText(total)
        else:
            self.count.setText(_("about {rows}").format(rows=total))
        several = chosen.count > 1 or chosen.everything
        self.chosen_count.setVisible(several)
        self.chosen_count.setText(_("{count} selected").format(count=number(chosen.count)))
        self.select_all.setVisible(several and chosen.count < model.rowCount())
        self.select_all.setText(_("Select all {rows}").format(rows=total))
