"""The dialog with a person's open sessions, each of which can be ended."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from core.sign_in.schemas import SessionRow
from core.translation import _, ngettext
from desktop import figures
from desktop.sign_in.dialog import AccountDialog
from desktop.tasks import TaskRunner
from desktop.theme import Role, Theme
from desktop.widgets.marks import button
from desktop.widgets.plain_table import choose_row, plain_table
from desktop.widgets.tips import explain, plain_tip

_SIZE = (760, 420)
_UID = Qt.ItemDataRole.UserRole
_ORIGINS = {"desktop": "desktop", "script": "terminal-window", "trigger": "lightning"}


@dataclass(frozen=True, slots=True)
class SessionCalls:
    """What the dialog asks for: the list, the end of one, the end of all others."""

    fetch: Callable[[], Coroutine[Any, Any, Sequence[SessionRow]]]
    end: Callable[[str], Coroutine[Any, Any, object]]
    end_others: Callable[[], Coroutine[Any, Any, object]]


class SessionsDialog(AccountDialog):
    """Lists the open sessions; this one is marked."""

    def __init__(
        self, parent: QWidget | None, theme: Theme, tasks: TaskRunner, calls: SessionCalls
    ) -> None:
        super().__init__(
            parent,
            theme,
            tasks,
            _("Sessions"),
            _("Where you are signed in to this workspace. A session that you do not know is"
              " not yours: end it and change your password."),
            _SIZE,
        )  # fmt: skip
        self._calls = calls
        self.rows: tuple[SessionRow, ...] = ()
        self.table = self._make_table()
        self.form.hide()
        self.column.insertWidget(2, self.table, 100)
        self.others_button = button(_("End all others"), self._end_others)
        self.foot.add_left(self.others_button)
        self.main_button.setText(_("End session"))
        self.main_button.setProperty("kind", "danger")
        self.main_button.setDefault(False)
        self.close_button.setText(_("Close"))
        self.close_button.setDefault(True)
        self._follow()

    def load(self) -> None:
        """Fetch the list."""
        self.start(self._calls.fetch(), self.show_rows)

    def show_rows(self, rows: Sequence[SessionRow]) -> None:
        """Show these sessions; those that have ended are left out."""
        kept = self._chosen()
        self.rows = tuple(row for row in rows if row.ended_at is None)
        self.table.setRowCount(len(self.rows))
        for line, row in enumerate(self.rows):
            self._fill(line, row)
        places = [line for line, row in enumerate(self.rows) if kept and row.uid == kept.uid]
        choose_row(self.table, places[0] if places else 0)
        self._follow()

    def submit(self) -> None:
        """End the chosen session."""
        chosen = self._chosen()
        if chosen is not None and not chosen.current and not self.busy:
            self.start(self._calls.end(chosen.uid), self._ended)

    def set_busy(self, busy: bool) -> None:
        """Take no input while an answer is awaited."""
        super().set_busy(busy)
        self._follow()

    def _end_others(self) -> None:
        self.start(self._calls.end_others(), self._ended)

    def _ended(self, count: object) -> None:
        ended = count if isinstance(count, int) else 1
        self.load()
        self.message.say(
            ngettext("{count} session was ended.", "{count} sessions were ended.", ended)
            .format(count=ended),
            Role.SUCCESS,
        )  # fmt: skip

    def _chosen(self) -> SessionRow | None:
        line = self.table.currentRow()
        return self.rows[line] if 0 <= line < len(self.rows) else None

    def _follow(self) -> None:
        chosen = self._chosen()
        own = chosen is not None and chosen.current
        others = any(not row.current for row in self.rows)
        self.main_button.setEnabled(chosen is not None and not own and not self.busy)
        why = _("This is the session that you use now. Sign out to end it.") if own else ""
        explain(self.main_button, why)
        self.others_button.setEnabled(others and not self.busy)

    def _fill(self, line: int, row: SessionRow) -> None:
        device = row.device or _("Unknown device")
        if row.current:
            device = _("{device} — this session").format(device=device)
        texts = (
            device,
            figures.brief(row.created_at),
            figures.ago(row.last_seen_at),
            figures.brief(row.expires_at),
        )
        tips = (
            device,
            figures.exact(row.created_at),
            figures.exact(row.last_seen_at),
            figures.exact(row.expires_at),
        )
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setToolTip(plain_tip(tips[column]))
            if column == 0:
                item.setData(_UID, row.uid)
                item.setIcon(self.theme.icon(_ORIGINS.get(row.origin, "desktop")))
            self.table.setItem(line, column, item)

    def _make_table(self) -> QTableWidget:
        headings = [_("Device"), _("Signed in"), _("Last seen"), _("Ends")]
        table = plain_table(_("Sessions"), headings)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2, 3):
            header.resizeSection(column, 112 if column == 2 else 160)
        table.currentCellChanged.connect(lambda *_places: self._follow())
        return table
