"""How the section is laid out, and nothing else."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from desktop.actions import Actions, without_mnemonic
from desktop.kept import group_of
from desktop.tasks import TaskRunner
from desktop.theme import Metric, Theme
from desktop.users.people.commands import ROW_KEYS
from desktop.users.people.details.pane import DetailsPane
from desktop.users.people.presenter import (
    ACTIVE,
    ALL,
    BIN,
    DEACTIVATED,
    PeoplePresenter,
)
from desktop.users.people.segments import Segments
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.filter_bar import FilterBar
from desktop.widgets.list_split import ListSplit
from desktop.widgets.marks import Mark, button, label
from desktop.widgets.paged_table import PagedTable, TablePane

_MENU = (
    ("edit", "reset_password", "reset_second_factor"),
    ("activate", "deactivate", "set_role", "add_tag", "remove_tag"),
    ("delete", "restore", "erase"),
)
_SIZES = 900, 372
STATE_FIELDS = ("active", "deleted")
"""The fields for which the row of buttons stands, in place of chips."""


class PeopleView(QWidget):
    """Buttons and filters above a table, and at the right who is chosen."""

    def __init__(self, theme: Theme, actions: Actions, details: DetailsPane) -> None:
        super().__init__()
        self._theme, self._actions = theme, actions
        self.setProperty("kind", "page")
        self.segments = Segments(
            (
                (ALL, _("All")),
                (ACTIVE, _("Active")),
                (DEACTIVATED, _("Deactivated")),
                (BIN, _("Bin")),
            ),
            _("Which people are listed"),
        )
        self.details = details
        self.table: PagedTable | None = None
        self.pane: TablePane | None = None
        self.filters: FilterBar | None = None
        self.new_button = self._action_button(actions["user.new"], "primary")
        self.import_button = self._action_button(actions["user.import"])
        self.export_button = self._action_button(actions["user.export"])
        self.split = ListSplit(details, _("People, and the one chosen"), _SIZES)
        self.invitation = self._make_invitation()
        self._lay_out()

    def fill(self, presenter: PeoplePresenter, tasks: TaskRunner, settings: QSettings) -> None:
        """Make bar and table, once it is known what can be listed."""
        assert presenter.model is not None
        fields = [field for field in presenter.fields if field.name not in STATE_FIELDS]
        self.filters = FilterBar(
            self._theme,
            fields,
            settings=group_of(settings, "people/filters"),
            placeholder=_placeholder([field.name for field in fields]),
        )
        self._bar.addWidget(self.filters)
        self.table = PagedTable(
            self._theme,
            tasks,
            presenter.model,
            name=_("People"),
            settings=group_of(settings, "people/table"),
        )
        self.pane = TablePane(
            self._theme,
            self.table,
            EmptyState(self._theme, icon="users", title=_("Nobody is here yet")),
            presenter.count_words,
        )
        self.split.column.addWidget(self.pane, 1)
        self.table.menu_wanted.connect(self._fill_menu)
        self._add_row_keys(self.table)
        stops = [self.pane.columns_button, *self.details.tab_stops()]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def tell_empty(self, *, refusal: str, state: str) -> None:
        """Say what stands where nobody is listed.

        Args:
            refusal: Why nobody can be added; empty where that is possible.
            state: The state alone that is asked for; empty where there are filters.
        """
        assert self.pane is not None
        self.pane.empty.say(
            icon="users",
            title=_("Nobody is here yet"),
            text=refusal or _("Add the people who work with this workspace, one by one or"
                " from a file. Each signs in with a name and password of their own."),
            action="" if refusal else without_mnemonic(self._actions["user.new"].text()),
        )  # fmt: skip
        icon, title, text, action = _no_match(state)
        self.pane.no_match.say(icon=icon, title=title, text=text, action=action)

    def show_details(self, shown: bool) -> None:
        """Show the person chosen beside the list, or only the list."""
        self.details.setVisible(shown)

    def save(self, settings: QSettings) -> None:
        """Keep splitter and columns."""
        self.split.save(settings, "people/split")
        if self.table is not None:
            self.table.save_state()

    def restore(self, settings: QSettings) -> None:
        """Take what was kept."""
        self.split.restore(settings, "people/split")

    def _action_button(self, action: QAction, kind: str = "") -> QPushButton:
        made = button(without_mnemonic(action.text()), action.trigger, kind)
        if kind != "primary":
            made.setIcon(action.icon())

        def follow() -> None:
            made.setEnabled(action.isEnabled())
            made.setToolTip(action.toolTip())

        action.changed.connect(follow)
        follow()
        return made

    def _make_invitation(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("kind", "bar")
        row = QHBoxLayout(frame)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(Metric.GRID)
        row.addWidget(Mark(self._theme, "hand-waving", size=18))
        row.addWidget(label(_("Only one person is here so far. Bring in the others:")))
        row.addWidget(button(_("New user…"), self._actions["user.new"].trigger, "link"))
        row.addWidget(button(_("Import…"), self._actions["user.import"].trigger, "link"))
        row.addStretch(1)
        frame.hide()
        return frame

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(12, 10, 12, 0)
        top.setSpacing(Metric.GRID)
        top.addWidget(self.segments)
        top.addStretch(1)
        for made in (self.import_button, self.export_button, self.new_button):
            top.addWidget(made)
        self._bar = QVBoxLayout()
        self._bar.setContentsMargins(12, 8, 12, 10)
        bar = QFrame()
        bar.setProperty("kind", "bar")
        whole = QVBoxLayout(bar)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addLayout(self._bar)
        self.split.column.addWidget(bar)
        self.split.column.addWidget(self.invitation)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.split)

    def _fill_menu(self, menu: QMenu) -> None:
        for names in _MENU:
            if menu.actions():
                menu.addSeparator()
            menu.addActions([self._actions[f"user.{name}"] for name in names])

    def _add_row_keys(self, table: PagedTable) -> None:
        for name, keys in ROW_KEYS.items():
            for key in keys:
                shortcut = QShortcut(QKeySequence(key), table)
                shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
                shortcut.activated.connect(self._actions[f"user.{name}"].trigger)


def _placeholder(fields: Sequence[str]) -> str:
    return _("Search by name or e-mail") if "email" in fields else _("Search by name")


def _no_match(state: str) -> tuple[str, str, str, str]:
    """Return icon, title, text and action for a list without anybody."""
    everybody = _("Show everybody")
    match state:
        case "bin":
            text = _("Whoever is deleted lies here until they are restored or erased.")
            return "trash", _("The bin is empty"), text, everybody
        case "deactivated":
            text = _("Whoever is deactivated cannot sign in, and is listed here.")
            return "prohibit", _("Nobody is deactivated"), text, everybody
        case "active":
            return "check-circle", _("Nobody is active"), "", everybody
    text = _("Nobody fits the filters and the search together.")
    return "magnifying-glass", _("Nobody matches"), text, _("Clear filters")
