"""The section itself: joins sessions, audit trail, and what is asked of both."""

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QMessageBox, QSplitter, QVBoxLayout, QWidget

from core.errors import AppError
from core.events import Changed, Event
from core.sign_in.schemas import SessionRow
from core.translation import _
from desktop.async_dialogs import ask
from desktop.refresher import Refresher
from desktop.tabs import TabContext
from desktop.users.security.audit_pane import AuditPane
from desktop.users.security.calls import SecurityCalls
from desktop.users.security.columns import device_words
from desktop.users.security.sessions import SessionsPane

_SESSIONS, _AUDIT = 220, 460
_PAUSE_S = 1.0
# What Qt takes for no limit.
_ANY_HEIGHT = 16_777_215


class SecuritySection:
    """Who is signed in, and what was done by whom."""

    def __init__(self, context: TabContext) -> None:
        self._context = context
        self.calls = SecurityCalls(context)
        theme, tasks, settings = context.theme, context.tasks, context.settings
        self.sessions = SessionsPane(theme, tasks, self.calls, settings)
        self.audit = AuditPane(theme, tasks, self.calls, settings)
        self._loaded = False
        self._sessions_refresh = Refresher(tasks, self._refresh_sessions, _PAUSE_S)
        self._audit_refresh = Refresher(tasks, self._refresh_audit, _PAUSE_S)
        self._widget, self.split = self._make_page()
        self._restore()
        self.sessions.folded.connect(self._fold)
        self.sessions.end_wanted.connect(lambda row: tasks.run(self.end_session(row)))
        self.audit.verify_wanted.connect(lambda: tasks.run(self.verify()))
        for table in (self.sessions.table, self.audit.table):
            table.notice.connect(context.notifications.notify)

    # The protocol of a section

    @property
    def widget(self) -> QWidget:
        """What the page shows."""
        return self._widget

    async def load(self) -> None:
        """List sessions and entries."""
        if self._loaded:
            return
        self._loaded = True
        self.sessions.load()
        if self._widget.isVisible():
            self.focus_main()
        self.audit.fill(await self.calls.fields())

    def on_event(self, event: Event) -> None:
        """Take an event of the core; what it asks for is fetched soon."""
        if not self._loaded or not isinstance(event, Changed):
            return
        if event.topics & {"sessions", "users"}:
            self._sessions_refresh.ask()
        if "audit" in event.topics:
            self._audit_refresh.ask()

    def save_state(self) -> None:
        """Keep splitters and columns."""
        settings = self._context.settings
        if not self.sessions.is_folded:
            settings.setValue("security/split", self.split.saveState())
        settings.setValue("security/audit_split", self.audit.split.saveState())
        self.sessions.table.save_state()
        self.audit.table.save_state()

    def focus_main(self) -> None:
        """Give the keyboard to the sessions; to the audit trail where there are none."""
        pane = self.audit if self.sessions.is_folded else self.sessions
        pane.table.setFocus()

    def close(self) -> None:
        """Leave nothing under way; the tasks of the tab end with it."""
        self._loaded = False

    # What the person asks for

    async def end_session(self, row: SessionRow) -> None:
        """End a session, once the person has said so."""
        chosen, _tick = await ask(
            self._widget,
            title=_("End the session of “{name}”?").format(name=row.username),
            text=_("{device}: what is not saved there is lost, and they have to sign in again.")
            .format(device=device_words(row)),
            actions=(
                (_("End session"), QMessageBox.ButtonRole.DestructiveRole),
                (_("Cancel"), QMessageBox.ButtonRole.RejectRole),
            ),
        )  # fmt: skip
        if chosen == 0:
            await self.calls.end_session(row.uid)
            self.sessions.model.refresh()

    async def verify(self) -> None:
        """Find out whether the audit trail is whole, and say so."""
        self.audit.show_verifying()
        try:
            found = await self.calls.verify()
        except AppError as error:
            self.audit.show_failure(error)
        else:
            self.audit.show_verdict(found)

    # How it is joined

    async def _refresh_sessions(self) -> None:
        self.sessions.model.refresh()

    async def _refresh_audit(self) -> None:
        self.audit.model.refresh()

    def _make_page(self) -> tuple[QWidget, QSplitter]:
        page = QWidget()
        page.setProperty("kind", "page")
        page.setAccessibleName(_("Sessions and audit"))
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.sessions)
        split.addWidget(self.audit)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.setAccessibleName(_("Sessions above, audit trail below"))
        split.setSizes([_SESSIONS, _AUDIT])
        split.setStretchFactor(0, 0)
        split.setStretchFactor(1, 1)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(split)
        return page, split

    def _fold(self, folded: bool) -> None:
        """Give the audit trail the room of the sessions, or give it back."""
        line = self.sessions.sizeHint().height()
        self.sessions.setMaximumHeight(line if folded else _ANY_HEIGHT)
        whole = max(sum(self.split.sizes()), _SESSIONS + _AUDIT)
        upper = line if folded else _SESSIONS
        self.split.setSizes([upper, whole - upper])

    def _restore(self) -> None:
        for name, split in (("split", self.split), ("audit_split", self.audit.split)):
            state = self._context.settings.value(f"security/{name}")
            if isinstance(state, QByteArray):
                split.restoreState(state)
