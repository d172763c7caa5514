"""The part of the page about backups: follows them, and does what is asked for."""

from pathlib import Path

import shiboken6
from PySide6.QtWidgets import QMessageBox

from core.errors import AppError
from core.events import Changed, Event
from core.performance.backups.schemas import Backup, BackupsChanged
from core.performance.maintenance.schemas import MaintenanceChanged
from core.translation import _
from desktop.async_dialogs import ask, choose_file
from desktop.feed import Feed
from desktop.figures import brief
from desktop.notifications import Kind
from desktop.performance.backups import words
from desktop.performance.backups.calls import BackupCalls
from desktop.performance.backups.card import BackupsCard
from desktop.performance.backups.rules_form import RulesForm
from desktop.tabs import TabContext
from desktop.widgets.holder import card_holder
from desktop.widgets.single_window import SingleWindow

_EVERY_S = 30.0
_SUFFIX = ".db"
_LEAST = 140


class BackupsPart:
    """The backups of the file."""

    def __init__(self, context: TabContext) -> None:
        self._context = context
        self.calls = BackupCalls(context)
        self.card = BackupsCard(context, self.calls)
        self.form = SingleWindow[RulesForm]()
        self.holder = card_holder(context.theme, self.card, _("Backups"), _LEAST)
        self.feed = Feed(
            context.tasks, self.holder, self.calls.kept, self.card.show_kept, every_s=_EVERY_S
        )
        run, card = context.tasks.run, self.card
        card.make_wanted.connect(lambda: run(self.make(None)))
        card.make_at_wanted.connect(lambda: run(self.make_at()))
        card.verify_wanted.connect(lambda one: run(self.verify(one)))
        card.restore_wanted.connect(lambda one: run(self.restore(one)))
        card.restore_file_wanted.connect(lambda: run(self.restore_file()))
        card.delete_wanted.connect(lambda one: run(self.delete(one)))
        card.rules_wanted.connect(lambda: run(self.edit_rules()))

    def on_event(self, event: Event) -> None:
        """Ask again after what changes backups."""
        path = self._context.workspace.info.path
        own = isinstance(event, (BackupsChanged, MaintenanceChanged)) and event.path == path
        if own or (isinstance(event, Changed) and "backup_rules" in event.topics):
            self.feed.again()

    def close(self) -> None:
        """Put the form away."""
        self.form.close()

    async def make(self, target: Path | None) -> None:
        """Make a backup, and verify it unless the person chose not to."""
        self.card.say("")
        verify = self.card.verify_new.isChecked()
        made = await self.card.place.run(
            lambda ticket: self.calls.make(target, ticket, verify=verify)
        )
        self.feed.again()  # cancelled while it was verified, it is there nevertheless
        if made is not None:
            self._tell(words.made_words(made), good=not made.problem, where=made.path)

    async def make_at(self) -> None:
        """Make a backup as a file that is chosen first."""
        path = self._context.workspace.info.path
        suffix = path.suffix or _SUFFIX
        chosen = await choose_file(
            self.card, title=_("Back up to"), save=True, suffix=suffix.removeprefix("."),
            start=f"{path.stem}-backup{suffix}", filter_text=backup_files(),
        )  # fmt: skip
        if chosen is not None:
            await self.make(Path(chosen))

    async def verify(self, backup: Backup) -> None:
        """Try a backup."""
        self.card.say("")
        found = await self.card.place.run(lambda ticket: self.calls.verify(backup.name, ticket))
        if found is not None:
            good = _("The backup of {when} is good: it was restored for a trial.")
            bad = _("The backup of {when} is no good: {problem}")
            self._tell(
                (bad if found.problem else good).format(
                    when=brief(found.made_at), problem=found.problem
                ),
                good=found.good,
            )

    async def restore(self, backup: Backup) -> None:
        """Restore a backup of the list, once the person has agreed to what is lost."""
        await self._restore(backup.path, words.restore_title(backup), backup)

    async def restore_file(self) -> None:
        """Restore a backup that is chosen as a file."""
        chosen = await choose_file(
            self.card, title=_("Restore a backup"), filter_text=backup_files()
        )
        if chosen is not None:
            path = Path(chosen)
            await self._restore(path, _("Restore “{name}”?").format(name=path.name), None)

    async def _restore(self, path: Path, title: str, backup: Backup | None) -> None:
        self.card.say("")
        self.card.place.error.clear()
        try:
            loss = await self.calls.lost_by(path)
        except AppError as error:
            self.card.place.fail(error)
            return
        text = words.restore_text(backup, loss, managed=self.calls.managed)
        if not await self._agreed(title, text, _("Restore")):
            return
        row = await self.card.place.run(lambda ticket: self.calls.restore(path, ticket))
        if row is not None:
            self._tell(row.message)

    async def delete(self, backup: Backup) -> None:
        """Remove a backup, once the person has agreed."""
        self.card.say("")
        self.card.place.error.clear()
        agreed = await self._agreed(
            _("Delete the backup of {when}?").format(when=brief(backup.made_at)),
            _("“{name}” is removed from the disk. There is no way back.").format(
                name=backup.name
            ),
            _("Delete"),
        )
        if not agreed:
            return
        try:
            await self.calls.delete(backup.name)
        except AppError as error:
            self.card.place.fail(error)
        self.feed.again()

    async def edit_rules(self) -> None:
        """Open the window with the schedule."""
        self.card.place.error.clear()
        try:
            rules = (await self.calls.kept()).rules
        except AppError as error:
            self.card.place.fail(error)
            return
        if not shiboken6.isValid(self.card):
            return
        context = self._context
        self.form.open(
            lambda: RulesForm(self.card, context.theme, context.tasks, self.calls, rules)
        )
        if self.form.shown is not None:
            self.form.shown.saved.connect(lambda _rules: self.feed.again())

    async def _agreed(self, title: str, text: str, action: str) -> bool:
        chosen, _tick = await ask(
            self.card,
            title=title,
            text=text,
            actions=(
                (action, QMessageBox.ButtonRole.DestructiveRole),
                (_("Cancel"), QMessageBox.ButtonRole.RejectRole),
            ),
        )
        return chosen == 0

    def _tell(self, text: str, *, good: bool = True, where: Path | None = None) -> None:
        """Say what came out in its place, and beside other work where that is out of sight."""
        if not shiboken6.isValid(self.card):
            return
        self.card.say(text if good else "", "" if where is None else str(where))
        if not good or not self.card.isVisible():
            kind = Kind.SUCCESS if good else Kind.WARNING
            self._context.notifications.notify(text, kind=kind)
        self.feed.again()


def backup_files() -> str:
    """Return the kinds of files among which one chooses a backup."""
    return _("Backups (*.db *.db3 *.sqlite *.sqlite3);;All files (*)")
