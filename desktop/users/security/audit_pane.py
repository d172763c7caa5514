"""The lower half: the audit trail by kind, one entry beside it, and whether it is whole."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from core.audit.schemas import AuditRow, Verification
from core.database.query.schemas import FieldDescription, Filter, ListQuery, Operator
from core.errors import AppError
from core.translation import _, ngettext
from desktop.figures import number
from desktop.kept import group_of
from desktop.tasks import TaskRunner
from desktop.theme import Metric, Role, Theme, set_kind
from desktop.users.security.calls import SecurityCalls
from desktop.users.security.columns import audit_columns
from desktop.users.security.entry_details import EntryDetails
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.filter_bar import FilterBar
from desktop.widgets.marks import Mark, button, label
from desktop.widgets.paged_table import PagedModel, PagedTable, TablePane

_LIST, _DETAILS = 900, 360
_KINDS_WIDTH = 200
_KIND = "kind"


class AuditPane(QFrame):
    """A heading with kind, filters and a button above the table, details at the right.

    Signals:
        verify_wanted: It is to be found out whether the trail is whole.
    """

    verify_wanted = Signal()

    def __init__(
        self, theme: Theme, tasks: TaskRunner, calls: SecurityCalls, settings: QSettings
    ) -> None:
        super().__init__()
        self._theme, self._settings = theme, settings
        self.setProperty("kind", "pane")
        self.filters: FilterBar | None = None
        self.model: PagedModel[AuditRow] = PagedModel(
            tasks, audit_columns(), key=_key, fetch=calls.slice, count=calls.count, parent=self
        )
        self.table = PagedTable(
            theme, tasks, self.model, name=_("Audit trail"),
            settings=group_of(settings, "security/audit"),
        )  # fmt: skip
        empty = EmptyState(
            theme,
            icon="clock-counter-clockwise",
            title=_("Nothing was recorded yet"),
            text=_("Whoever changes something, or signs in, leaves an entry here."),
        )
        self.pane = TablePane(theme, self.table, empty, _words)
        self.details = EntryDetails(theme)
        self.kinds = QComboBox()
        self.kinds.setAccessibleName(_("Kind of entries"))
        self.kinds.setMinimumWidth(_KINDS_WIDTH)
        self.verify_button = button(_("Verify"), self.verify_wanted.emit)
        self.verify_button.setIcon(theme.icon("shield-check"))
        self.verify_button.setToolTip(_("Find out whether every entry is as it was written"))
        self.verdict_mark, self.verdict = Mark(theme, size=18), ElidedLabel()
        self.error = ErrorPanel(theme)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out()
        self.table.current_changed.connect(self._look_at)
        self.model.arrived.connect(self._follow)
        self.kinds.currentIndexChanged.connect(lambda _place: self.list())
        self.pane.clear_filters.connect(self.clear)

    def fill(self, fields: Sequence[FieldDescription]) -> None:
        """Make the filters, once it is known what can be asked, and list the entries."""
        self.kinds.blockSignals(True)
        self.kinds.addItem(_("Everything"), "")
        for field in fields:
            for value, words in field.choices if field.name == _KIND else ():
                self.kinds.addItem(words, value)
        self.kinds.blockSignals(False)
        self.filters = FilterBar(
            self._theme,
            [field for field in fields if field.name != _KIND],
            settings=group_of(self._settings, "security/filters"),
            placeholder=_("Search who or what"),
        )
        self._bar.insertWidget(1, self.filters, 1)
        self.filters.changed.connect(lambda _query: self.list())
        self.list()

    @property
    def query(self) -> ListQuery:
        """What is listed."""
        query = ListQuery() if self.filters is None else self.filters.query
        kind = self.kinds.currentData()
        if not kind:
            return query
        chosen = Filter(_KIND, Operator.EQ, kind)
        return replace(query, filters=(*query.filters, chosen))

    def list(self) -> None:
        """List the entries that are wanted."""
        self.table.show_query(self.query)

    def clear(self) -> None:
        """List everything."""
        self.kinds.setCurrentIndex(0)
        if self.filters is not None:
            self.filters.clear()

    def show_verifying(self) -> None:
        """Say that the trail is being followed."""
        self.verify_button.setEnabled(False)
        self.error.clear()
        self._say(_("Verifying…"), "hourglass-medium", Role.MUTED, "muted")

    def show_verdict(self, found: Verification) -> None:
        """Say whether the trail is whole."""
        self.verify_button.setEnabled(True)
        if found.broken_at is None:
            words = ngettext(
                "{count} entry, the chain is whole.",
                "{count} entries, the chain is whole.",
                found.entries,
            ).format(count=number(found.entries))
            self._say(words, "shield-check", Role.SUCCESS, "success")
            return
        words = _("The chain is broken at entry {id}: {why}").format(
            id=number(found.broken_at), why=found.why
        )
        self._say(words, "shield-warning", Role.FAILURE, "error")

    def show_failure(self, error: AppError) -> None:
        """Say why it could not be found out."""
        self.verify_button.setEnabled(True)
        self._say("", "", Role.MUTED, "muted")
        self.error.show_error(error)

    def _say(self, words: str, icon: str, role: Role, kind: str) -> None:
        self.verdict.setText(words)
        set_kind(self.verdict, kind)
        self.verdict_mark.show_icon(icon, role)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 12, 0)
        head.setSpacing(Metric.GRID)
        head.addWidget(label(_("Audit trail"), "title"))
        head.addSpacing(Metric.GRID)
        head.addWidget(self.verdict_mark)
        head.addWidget(self.verdict, 1)
        head.addWidget(self.verify_button)
        self._bar = QHBoxLayout()
        self._bar.setContentsMargins(12, 8, 12, 8)
        self._bar.setSpacing(Metric.GRID)
        self._bar.addWidget(self.kinds, 0, Qt.AlignmentFlag.AlignTop)
        bar = QFrame()
        bar.setProperty("kind", "bar")
        both = QVBoxLayout(bar)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(0)
        both.addLayout(head)
        both.addWidget(self.error)
        both.addLayout(self._bar)
        self.split.addWidget(self.pane)
        self.split.addWidget(self.details)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(1)
        self.split.setAccessibleName(_("Entries, and the one chosen"))
        self.split.setSizes([_LIST, _DETAILS])
        self.split.setStretchFactor(0, 1)
        self.split.setStretchFactor(1, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        layout.addWidget(self.split, 1)
        QWidget.setTabOrder(self.verify_button, self.kinds)

    def _look_at(self, row: AuditRow | None) -> None:
        self.details.show_row(row)

    def _follow(self, first: int, count: int) -> None:
        """Show the entry that has the focus once it has come."""
        place = self.table.currentIndex().row()
        if first <= place < first + count:
            self.details.show_row(self.model.row_at(place))


def _key(row: AuditRow) -> int:
    return row.id


def _words(count: int) -> str:
    return ngettext("{count} entry", "{count} entries", count).format(count=number(count))
