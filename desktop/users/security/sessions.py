"""The upper half: who is signed in, and ending a session."""

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from core.database.query.schemas import ListQuery, PageStart, Slice
from core.sign_in.schemas import SessionRow
from core.translation import _, ngettext
from desktop.figures import number
from desktop.kept import group_of
from desktop.tasks import TaskRunner
from desktop.theme import Metric, Theme
from desktop.users.security.calls import SecurityCalls
from desktop.users.security.columns import session_columns
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.marks import button, label
from desktop.widgets.paged_table import Counted, PagedModel, PagedTable, State, TablePane
from desktop.widgets.tips import plain_tip


class SessionList:
    """The open sessions, which are few, handed out in slices as the table asks for them."""

    def __init__(self, calls: SecurityCalls) -> None:
        self._calls = calls
        self._rows: tuple[SessionRow, ...] = ()

    async def slice(self, _query: ListQuery, start: PageStart, limit: int) -> Slice[SessionRow]:
        """Return rows; they are asked for anew with the first ones."""
        first = start.position or 0
        if not first or not self._rows:
            self._rows = await self._calls.sessions()
        if start.backwards:
            first = max(len(self._rows) - limit, 0)
        rows = self._rows[first : first + limit]
        return Slice(rows, None, None, first > 0, first + limit < len(self._rows))

    async def count(self, _query: ListQuery) -> Counted:
        """Return how many there are."""
        return _Count(len(await self._calls.sessions()))


class _Count:
    """A number that is exact."""

    def __init__(self, value: int) -> None:
        self.value = value
        self.exact = True


class SessionsPane(QFrame):
    """A heading with a button above the table.

    Signals:
        end_wanted: A session is to be ended; carries its ``SessionRow``.
        folded: There are no sessions, so a line says so and takes no room; or there are some.
    """

    end_wanted = Signal(object)
    folded = Signal(bool)

    def __init__(
        self, theme: Theme, tasks: TaskRunner, calls: SecurityCalls, settings: QSettings
    ) -> None:
        super().__init__()
        self.setProperty("kind", "pane")
        self.list = SessionList(calls)
        self.model = PagedModel(
            tasks, session_columns(), key=_key, fetch=self.list.slice, count=self.list.count,
            parent=self,
        )  # fmt: skip
        self.table = PagedTable(
            theme, tasks, self.model, name=_("Open sessions"),
            settings=group_of(settings, "security/sessions"),
        )  # fmt: skip
        empty = EmptyState(
            theme,
            icon="sign-in",
            title=_("Nobody is signed in"),
            text=_("This workspace is open on this computer without sign-in."),
        )
        self.pane = TablePane(theme, self.table, empty, _words)
        self.end_button = button(_("End session"), self._end, "danger")
        self.end_button.setEnabled(False)
        self.nobody = label(
            _("Nobody is signed in: this workspace is open on this computer."), "muted"
        )
        self.nobody.hide()
        self._lay_out()
        self.table.current_changed.connect(lambda _row: self._allow())
        self.model.arrived.connect(lambda *_places: self._allow())
        self.model.state_changed.connect(self._allow)
        self.model.state_changed.connect(self._fold)
        delete = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._end)

    def load(self) -> None:
        """List the sessions."""
        self.table.show_query(ListQuery())

    @property
    def chosen(self) -> SessionRow | None:
        """The session that has the focus."""
        row = self.table.current_row()
        return row if isinstance(row, SessionRow) else None

    def _lay_out(self) -> None:
        bar = QFrame()
        bar.setProperty("kind", "bar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(Metric.GRID)
        row.addWidget(label(_("Open sessions"), "title"))
        row.addWidget(self.nobody)
        row.addStretch(1)
        row.addWidget(self.end_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        layout.addWidget(self.pane, 1)

    @property
    def is_folded(self) -> bool:
        """Whether there is but a line, since nobody is signed in."""
        return not self.nobody.isHidden()

    def _fold(self) -> None:
        """Leave the room to others where there is nothing to be listed."""
        nobody = self.model.state is State.EMPTY
        if self.model.state is State.LOADING or nobody == self.is_folded:
            return
        self.nobody.setVisible(nobody)
        self.end_button.setVisible(not nobody)
        self.pane.setVisible(not nobody)
        self.folded.emit(nobody)

    def _allow(self) -> None:
        chosen = self.chosen
        reason = _("Choose a session first.") if chosen is None else ""
        if chosen is not None and chosen.current:
            reason = _("This is the session that you use now. Sign out to end it.")
        self.end_button.setEnabled(not reason)
        self.end_button.setToolTip(plain_tip(reason))

    def _end(self) -> None:
        if self.chosen is not None and self.end_button.isEnabled():
            self.end_wanted.emit(self.chosen)


def _key(row: SessionRow) -> str:
    return row.uid


def _words(count: int) -> str:
    words = ngettext("{count} open session", "{count} open sessions", count)
    return words.format(count=number(count))
