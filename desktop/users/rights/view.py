"""How the section is laid out, and nothing else."""

from collections.abc import Sequence

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.database.query.schemas import FieldDescription
from core.rights.schemas import RightsRow
from core.translation import _
from desktop.kept import group_of
from desktop.tasks import TaskRunner
from desktop.theme import Metric, Role, Theme
from desktop.users.rights import words
from desktop.users.rights.details import RightsDetails
from desktop.users.rights.legend import Legend
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.filter_bar import FilterBar
from desktop.widgets.list_split import ListSplit
from desktop.widgets.marks import Mark, button
from desktop.widgets.paged_table import CopyFormat, PagedModel, PagedTable, TablePane

_SIZES = 880, 380


class RightsView(QWidget):
    """Filters above a table, a hint and a legend between, and at the right who is chosen.

    Signals:
        risky_wanted: The administrators without a second factor are to be listed.
    """

    risky_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "page")
        self.setAccessibleName(_("Rights"))
        self.filters: FilterBar | None = None
        self.table: PagedTable | None = None
        self.pane: TablePane | None = None
        self.details = RightsDetails(theme)
        self.legend = Legend(theme)
        self.legend.hide()
        self.legend_button = button(_("What may each role do?"), self._toggle_legend, "link")
        self.legend_button.setCheckable(True)
        self.legend.closed.connect(lambda: self.show_legend(False))
        self.csv_button = button(_("Copy all as CSV"), self._copy, "quiet")
        self.csv_button.setToolTip(
            _("Put all people listed on the clipboard, as a file has it")
        )
        self.hint = self._make_hint()
        self._between = QWidget()
        self._between.hide()
        name = _("People with rights, and the one chosen")
        self.split = ListSplit(self.details, name, _SIZES)
        self._lay_out()

    def fill(
        self,
        fields: Sequence[FieldDescription],
        model: PagedModel[RightsRow],
        tasks: TaskRunner,
        settings: QSettings,
    ) -> None:
        """Make bar and table, once it is known what can be listed."""
        self.filters = FilterBar(
            self._theme,
            fields,
            settings=group_of(settings, "rights/filters"),
            placeholder=_("Search by name"),
        )
        self.table = PagedTable(
            self._theme, tasks, model, name=_("People with rights"),
            settings=group_of(settings, "rights/table"),
        )  # fmt: skip
        empty = EmptyState(
            self._theme,
            icon="shield-check",
            title=_("Nobody has more than a viewer’s rights"),
            text=_("Who gets the role of an operator or administrator, or a role in a single"
                " project, is listed here."),
        )  # fmt: skip
        self.pane = TablePane(self._theme, self.table, empty, words.people)
        self._bar.insertWidget(0, self.filters, 1)
        self.split.column.addWidget(self.pane, 1)
        QWidget.setTabOrder(self.filters, self.table)

    def show_risky(self, count: int, names: Sequence[str]) -> None:
        """Say which administrators sign in by a password alone."""
        self.hint.setVisible(count > 0)
        self._show_between()
        listed = ", ".join(names)
        if count > len(names):
            listed = _("{names} and others").format(names=listed)
        self.hint_text.setText(f"{words.without_factor(count)} {listed}")

    def show_legend(self, shown: bool) -> None:
        """Show what the roles may do, or put it away."""
        self.legend.setVisible(shown)
        self.legend_button.setChecked(shown)
        self._show_between()

    def save(self, settings: QSettings) -> None:
        """Keep splitter, columns and legend."""
        self.split.save(settings, "rights/split")
        settings.setValue("rights/legend", self.legend_button.isChecked())
        if self.table is not None:
            self.table.save_state()

    def restore(self, settings: QSettings) -> None:
        """Take what was kept."""
        self.split.restore(settings, "rights/split")
        self.show_legend(bool(settings.value("rights/legend", False, type=bool)))

    def _show_between(self) -> None:
        self._between.setVisible(not (self.hint.isHidden() and self.legend.isHidden()))

    def _toggle_legend(self) -> None:
        self.show_legend(self.legend_button.isChecked())

    def _copy(self) -> None:
        if self.table is not None:
            self.table.selectAll()
            self.table.copy(CopyFormat.CSV)

    def _make_hint(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("kind", "card")
        row = QHBoxLayout(frame)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(Metric.GRID)
        self.hint_text = ElidedLabel()
        row.addWidget(Mark(self._theme, "shield-warning", Role.WARNING, 18))
        row.addWidget(self.hint_text, 1)
        row.addWidget(button(_("Show them"), self.risky_wanted.emit, "link"))
        frame.hide()
        return frame

    def _lay_out(self) -> None:
        bar = QFrame()
        bar.setProperty("kind", "bar")
        self._bar = QHBoxLayout(bar)
        self._bar.setContentsMargins(12, 10, 12, 10)
        self._bar.setSpacing(Metric.GRID)
        top = Qt.AlignmentFlag.AlignTop
        self._bar.addWidget(self.csv_button, 0, top)
        self._bar.addWidget(self.legend_button, 0, top)
        around = QVBoxLayout(self._between)
        around.setContentsMargins(12, 10, 12, 10)
        around.setSpacing(Metric.GRID)
        around.addWidget(self.hint)
        around.addWidget(self.legend)
        self.split.column.addWidget(bar)
        self.split.column.addWidget(self._between)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.split)
