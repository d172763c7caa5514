"""The list of statements with their figures, and the chosen one beside it."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QHeaderView, QVBoxLayout

from core.database.query.schemas import ListQuery
from core.performance.statements.schemas import Statements
from core.translation import _, ngettext
from desktop.figures import brief, exact, number
from desktop.kept import group_of
from desktop.performance.statements.columns import statement_columns
from desktop.performance.statements.details import StatementDetails
from desktop.performance.statements.index_making import IndexMaker
from desktop.performance.statements.listing import StatementList
from desktop.tabs import TabContext
from desktop.theme import Metric
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.list_split import ListSplit
from desktop.widgets.marks import button
from desktop.widgets.paged_table import PagedModel, PagedTable, State, TablePane
from desktop.widgets.search_line import SearchLine
from desktop.widgets.tips import explain, plain_tip

_ORDER = ("-total_ms",)
_SIZES = (640, 440)
_PAUSE_MS = 150
_SPLIT = "statements/split"


class MeasuredPane(QFrame):
    """What was run, the costliest first.

    Args:
        maker: Makes the index that a plan suggests.

    Signals:
        chosen: Another statement was chosen; carries its row, None where the one that was is
            gone.
        reset_wanted: All figures are to be forgotten.
    """

    chosen = Signal(object)
    reset_wanted = Signal()

    def __init__(self, context: TabContext, maker: IndexMaker) -> None:
        super().__init__()
        self.setProperty("kind", "pane")
        theme, tasks, self._settings = context.theme, context.tasks, context.settings
        self.list = StatementList()
        self.model = PagedModel(
            tasks, statement_columns(), key=lambda row: row.fingerprint,
            fetch=self.list.slice, count=self.list.count, parent=self,
        )  # fmt: skip
        self.table = PagedTable(
            theme, tasks, self.model, name=_("Statements"),
            settings=group_of(context.settings, "statements/table"),
        )  # fmt: skip
        self.table.header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.details = StatementDetails(maker)
        self.search = SearchLine(_("Search SQL"))
        self.about = ElidedLabel()
        self.about.setProperty("kind", "muted")
        self.reset_button = button(_("Reset…"), self.reset_wanted.emit)
        self.error = ErrorPanel(theme)
        self.pane = self._make_pane(context)
        self.split = ListSplit(
            self.details, _("Statements at the left, the chosen one at the right"), _SIZES
        )
        self._on_its_way = False
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._search)
        self._lay_out()
        self._connect()
        self.split.restore(context.settings, _SPLIT)

    def show_statements(self, found: Statements) -> None:
        """Show the statements as they are by now."""
        self.list.found = found
        self._tell_about(found)
        if self.model.state is State.IDLE:
            self._search()
        elif self.model.state is State.READY or self.list.matching(self._query):
            self.table.refresh()
        row = self.details.row
        if row is None:
            return
        newer = self.list.row(row.fingerprint)
        if newer is None:
            self._choose_none()
        else:
            self.details.show_row(newer)

    def save_state(self) -> None:
        """Keep columns, order and splitter."""
        self.table.save_state()
        self.split.save(self._settings, _SPLIT)

    def allow_reset(self, refusal: str) -> None:
        """Let figures be forgotten, or say why not."""
        self.reset_button.setEnabled(not refusal)
        self.reset_button.setToolTip(
            plain_tip(refusal or _("Forget all figures and begin to count anew"))
        )

    @property
    def _query(self) -> ListQuery:
        return ListQuery(search=self.search.text().strip(), order=_ORDER)

    def _search(self) -> None:
        self.table.show_query(self._query)

    def _tell_about(self, found: Statements) -> None:
        runs = ngettext("{count} run", "{count} runs", found.total)
        text = _("{runs} since {when}").format(
            runs=runs.format(count=number(found.total)), when=brief(found.since)
        )
        self.about.setText(text)
        tip = _("Counted since {when}.").format(when=exact(found.since))
        if found.dropped:
            more = _("{count} runs of statements that had no room in the list.")
            tip = f"{tip}\n{more.format(count=number(found.dropped))}"
        explain(self.about, tip)

    def _choose(self, row: object) -> None:
        self._on_its_way = row is None
        if row is not None:
            self.chosen.emit(row)

    def _choose_arrived(self) -> None:
        """Show the statement that was gone to before its row was at hand."""
        row = self.table.current_row()
        if self._on_its_way and row is not None:
            self._choose(row)

    def _choose_none(self) -> None:
        """Choose nothing, so that the next click chooses, whichever row it is."""
        self.table.chosen.clear()
        self.table.selectionModel().clearCurrentIndex()
        self.chosen.emit(None)

    def _choose_first(self) -> None:
        """Show the details of the costliest, where none is chosen."""
        if self.details.row is None and self.model.rowCount():
            self.table.chosen.select_one(0)

    def _connect(self) -> None:
        self.table.current_changed.connect(self._choose)
        self.model.restarted.connect(self._choose_first)
        self.model.arrived.connect(self._choose_arrived)
        self.search.textChanged.connect(lambda _text: self._pause.start())
        self.pane.clear_filters.connect(self.search.clear)

    def _make_pane(self, context: TabContext) -> TablePane:
        empty = EmptyState(
            context.theme,
            icon="code",
            title=_("No statement was run yet"),
            text=_("What this window asks of the database from now on is counted here."),
        )
        return TablePane(context.theme, self.table, empty, _count_words)

    def _lay_out(self) -> None:
        bar = QFrame()
        bar.setProperty("kind", "bar")
        row = QHBoxLayout()
        row.setSpacing(Metric.GRID)
        row.addWidget(self.search)
        row.addWidget(self.about, 1)
        row.addWidget(self.reset_button)
        column = QVBoxLayout(bar)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(Metric.GRID)
        column.addLayout(row)
        column.addWidget(self.error)
        self.split.column.addWidget(bar)
        self.split.column.addWidget(self.pane, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.split)


def _count_words(count: int) -> str:
    words = ngettext("{count} statement", "{count} statements", count)
    return words.format(count=number(count))
