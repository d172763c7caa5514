"""What happened to a person, the newest first, in words."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.audit.schemas import AuditPage, AuditRow
from core.security.operations import Operation, may
from core.translation import _
from core.users.schemas import UserRow
from desktop.figures import ago, exact
from desktop.tabs import TabContext
from desktop.theme import Role
from desktop.users.people.details.history_words import icon, is_alarming, sentences
from desktop.users.people.details.loading import LoadedPage
from desktop.users.people.presenter import PeoplePresenter
from desktop.widgets.marks import Mark, button, label
from desktop.widgets.tips import explain


class Timeline(LoadedPage):
    """The page "History"; others' is for administrators, one's own for everybody."""

    def __init__(self, context: TabContext, presenter: PeoplePresenter) -> None:
        super().__init__(context, presenter)
        self.entries: list[AuditRow] = []
        self._lines: list[QWidget] = []
        self.more_button = button(_("Show older entries"), self._want_more, "link")
        self.more_button.hide()
        self.column.insertWidget(self.column.count() - 1, self.more_button)

    @property
    def texts(self) -> list[str]:
        """What each entry says."""
        return ["; ".join(sentences(entry)) for entry in self.entries]

    def clear(self) -> None:
        """Take all entries away."""
        self.entries = []
        self._show(more=False)
        self.say("")

    async def fetch(self, row: UserRow) -> None:
        """Fetch the newest entries."""
        actor = self.context.actor
        if not may(actor, Operation.AUDIT_READ) and actor.uid != row.uid:
            self.say(_("The history of others is shown to administrators only."))
            return
        page = await self.presenter.calls.history(row.uid)
        if self.is_about(row):
            self._take(page)

    def _take(self, page: AuditPage) -> None:
        known = {entry.id for entry in page.rows}
        oldest = min(known, default=0)
        older = [entry for entry in self.entries if entry.id < oldest]
        if self.entries and [*page.rows] == self.entries[: len(page.rows)]:
            return
        self.entries = [*page.rows, *older]
        self._show(more=page.more and not older)
        self.say("" if self.entries else _("Nothing is recorded of this person."))

    def _want_more(self) -> None:
        self.context.tasks.latest((self, "more"), self._fetch_more())

    async def _fetch_more(self) -> None:
        row = self.row
        if row is None or not self.entries:
            return
        page = await self.presenter.calls.history(row.uid, self.entries[-1].id)
        if self.is_about(row):
            self.entries += page.rows
            self._show(more=page.more)

    def _show(self, *, more: bool) -> None:
        for line in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = [self._line(entry) for entry in self.entries]
        place = self.column.indexOf(self.more_button)
        for offset, line in enumerate(self._lines):
            self.column.insertWidget(place + offset, line)
        self.more_button.setVisible(more)

    def _line(self, entry: AuditRow) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        color = Role.FAILURE if is_alarming(entry) else Role.MUTED
        mark = Mark(self.context.theme, icon(entry), color)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(1)
        for sentence in sentences(entry):
            column.addWidget(label(sentence, wrap=True))
        by = self._by(entry)
        when = label(by, "muted", wrap=True)
        explain(when, exact(entry.at))
        column.addWidget(when)
        row.addLayout(column, 1)
        return line

    def _by(self, entry: AuditRow) -> str:
        own = self.row is not None and entry.actor_uid == self.row.uid
        if own or not entry.actor:
            return ago(entry.at)
        return _("by {actor} · {when}").format(actor=entry.actor, when=ago(entry.at))
