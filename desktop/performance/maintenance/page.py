"""The page itself: follows what is done for the file, and does it."""

from PySide6.QtWidgets import QMessageBox

from core.events import Event
from core.performance.maintenance.schemas import (
    CheckpointMode,
    MaintenanceChanged,
    MaintenanceRow,
    RunState,
    Task,
)
from core.translation import _
from desktop.async_dialogs import ask
from desktop.feed import Feed
from desktop.notifications import Kind
from desktop.performance.backups import BackupsPart
from desktop.performance.maintenance import words
from desktop.performance.maintenance.calls import Care, MaintenanceCalls
from desktop.performance.maintenance.view import MaintenanceView
from desktop.performance.page import GoTo, Page
from desktop.tabs import TabContext
from desktop.widgets.holder import page_holder

_EVERY_S = 15.0
# A checkpoint moves what SQLite moves by itself sooner or later.
_REWRITING = frozenset(
    {Task.VACUUM, Task.INCREMENTAL_VACUUM, Task.ANALYZE, Task.OPTIMIZE, Task.REINDEX}
)


class MaintenancePage(Page):
    """The care of the file.

    Args:
        every_s: Seconds from an answer to the next question.
    """

    def __init__(self, context: TabContext, _go_to: GoTo, *, every_s: float = _EVERY_S) -> None:
        self._context = context
        self.calls = MaintenanceCalls(context)
        self.view = MaintenanceView(
            context,
            refusal=self.calls.run_refusal,
            unwritable=self.calls.unwritable,
        )
        self.backups = BackupsPart(context)
        self.view.beside.insertWidget(0, self.backups.holder)
        self._damage = ""
        self.holder = page_holder(context.theme, self.view, _("Maintenance"))
        self.feed = Feed(
            context.tasks, self.holder, self.calls.care, self._show_care, every_s=every_s
        )
        super().__init__(self.holder, self.feed, self.backups.feed)
        self.view.wanted.connect(lambda task, mode: context.tasks.run(self.run(task, mode)))

    # The protocol of a page

    def on_event(self, event: Event) -> None:
        """Ask again after what was done for this file."""
        path = self._context.workspace.info.path
        if isinstance(event, MaintenanceChanged) and event.path == path:
            self.feed.again()
        self.backups.on_event(event)

    def focus_main(self) -> None:
        """Give the keyboard to the first deed that can be done, or to the page."""
        rows = self.view.rows.values()
        ready = [row.button for row in rows if row.button.isEnabled()]
        (ready[0] if ready else self.view).setFocus()

    def close(self) -> None:
        """Ask nothing more."""
        super().close()
        self.backups.close()

    # What the person asks for

    async def run(self, task: Task, mode: CheckpointMode | None = None) -> None:
        """Do a deed; it is followed in its row, and in the panel of activity."""
        row = self.view.rows[task]
        if row.place.busy:
            return
        if task in _REWRITING and self._damage and not await self._agreed(task):
            return
        done = await row.place.run(lambda ticket: self.calls.run(task, mode, ticket))
        if done is not None and not self.view.isVisible():
            self._tell(done)
        self.feed.again()

    def _show_care(self, care: Care) -> None:
        self._damage = words.damage(care.last)
        self.view.show_care(care)

    async def _agreed(self, task: Task) -> bool:
        """Ask before anything is written to a file that may be damaged."""
        restore = [] if self.backups.calls.restore_refusal else [_("Restore a backup…")]
        roles = QMessageBox.ButtonRole
        chosen, _tick = await ask(
            self.view,
            title=_("{task}, though the file may be damaged?").format(
                task=words.task_words(task)
            ),
            text=words.damage_text(task, self._damage),
            actions=(
                (_("Write to it all the same"), roles.DestructiveRole),
                *((name, roles.ActionRole) for name in restore),
                (_("Cancel"), roles.RejectRole),
            ),
        )
        if restore and chosen == 1:
            await self.backups.restore_file()
        return chosen == 0

    def _tell(self, row: MaintenanceRow) -> None:
        """Say what came out to a person who has gone on to something else."""
        well = row.state is RunState.SUCCEEDED and not row.findings
        self._context.notifications.notify(
            words.task_words(row.task),
            row.message,
            kind=Kind.SUCCESS if well else Kind.WARNING,
        )
