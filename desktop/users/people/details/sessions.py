"""The open sessions of a person, each of which can be ended."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.errors import NotFoundError
from core.security.operations import Operation, may
from core.sign_in.schemas import SessionRow
from core.translation import _
from core.users.schemas import UserRow
from desktop.figures import ago, exact
from desktop.tabs import TabContext
from desktop.users.people.details.loading import LoadedPage
from desktop.users.people.presenter import PeoplePresenter
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.marks import Mark, button
from desktop.widgets.tips import explain, plain_tip

_ORIGINS = {"desktop": "desktop", "script": "terminal-window", "trigger": "lightning"}


class PersonSessions(LoadedPage):
    """The page "Sessions"."""

    def __init__(self, context: TabContext, presenter: PeoplePresenter) -> None:
        super().__init__(context, presenter)
        self.rows: tuple[SessionRow, ...] = ()
        self._lines: list[QWidget] = []
        self.end_all_button = button(_("End all sessions"), self._end_all, "danger")
        self.end_all_button.hide()
        self.column.insertWidget(self.column.count() - 1, self.end_all_button)

    def clear(self) -> None:
        """Show no sessions."""
        self.rows = ()
        self._show()
        self.say("")

    async def fetch(self, row: UserRow) -> None:
        """Fetch the open sessions."""
        actor = self.context.actor
        if not may(actor, Operation.SESSIONS_READ) and actor.user_id != row.id:
            self.say(_("Sessions of others are shown to administrators only."))
            return
        rows = await self.presenter.calls.sessions(row.id)
        if self.is_about(row):
            self.rows = rows
            self._show()
            self.say("" if rows else _("Signed in nowhere."))

    def _show(self) -> None:
        for line in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = [self._line(row) for row in self.rows]
        place = self.column.indexOf(self.end_all_button)
        for offset, line in enumerate(self._lines):
            self.column.insertWidget(place + offset, line)
        self.end_all_button.setVisible(sum(not row.current for row in self.rows) > 1)
        self._allow(self.end_all_button)

    def _line(self, session: SessionRow) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(
            Mark(self.context.theme, _ORIGINS.get(session.origin, "desktop"), size=18)
        )
        column = QVBoxLayout()
        column.setSpacing(1)
        device = session.device or _("Unknown device")
        if session.current:
            device = _("{device} — this session").format(device=device)
        column.addWidget(ElidedLabel(device))
        seen = ElidedLabel(_("last seen {when}").format(when=ago(session.last_seen_at)))
        seen.setProperty("kind", "muted")
        told = _("Signed in {begin}, ends {end} at the latest")
        explain(
            seen, told.format(begin=exact(session.created_at), end=exact(session.expires_at))
        )
        column.addWidget(seen)
        row.addLayout(column, 1)
        end = button(_("End"), lambda: self._end((session.uid,)))
        self._allow(end)
        if session.current:
            end.setEnabled(False)
            end.setToolTip(_("This is the session that you use now. Sign out to end it."))
        row.addWidget(end)
        return line

    def _allow(self, end: QWidget) -> None:
        own = self.row is not None and self.row.id == self.context.actor.user_id
        reason = "" if own else self.presenter.permits.end_sessions
        end.setEnabled(not reason)
        end.setToolTip(plain_tip(reason))

    def _end_all(self) -> None:
        self._end(tuple(row.uid for row in self.rows if not row.current))

    def _end(self, uids: tuple[str, ...]) -> None:
        self.context.tasks.run(self._end_each(uids))

    async def _end_each(self, uids: tuple[str, ...]) -> None:
        for uid in uids:
            try:
                await self.presenter.calls.end_session(uid)
            except NotFoundError:
                continue  # it is over, which is what was wanted
        self.refresh()
