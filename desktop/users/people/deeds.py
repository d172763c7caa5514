"""What is done with those chosen: alone at once, many as a job with a report."""

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from core.database.query.schemas import ListQuery
from core.errors import CancelledByUserError
from core.security.actors import Role
from core.translation import _
from core.users.schemas import BulkChange, BulkKind, BulkReport, UserRow
from desktop.async_dialogs import ask, finished
from desktop.notifications import Choice, Kind
from desktop.tabs import TabContext
from desktop.users import roles
from desktop.users.people import words
from desktop.users.people.bulk import BulkReportDialog, done_words, job_title, report_words
from desktop.users.people.dialogs import EraseDialog, PasswordDialog, ValueDialog
from desktop.users.people.editing.editing import Editing
from desktop.users.people.presenter import PeoplePresenter
from desktop.users.people.transfer.transfers import Transfers
from desktop.widgets.form import ChoiceField, TagsField

_UNDOABLE = 20_000


class Deeds:
    """The actions of the section; each checks again whether it is possible now.

    Attributes:
        parent: The dialogs stand over it; set once the view is made.
    """

    def __init__(self, context: TabContext, presenter: PeoplePresenter) -> None:
        self._context, self._presenter = context, presenter
        self.editing = Editing(context, presenter, self.show_password)
        self.transfers = Transfers(context, presenter)
        self.dialog: QDialog | None = None
        self._told: set[int] = set()
        self._parent: QWidget | None = None

    @property
    def parent(self) -> QWidget | None:
        """What the dialogs stand over."""
        return self._parent

    @parent.setter
    def parent(self, widget: QWidget) -> None:
        self._parent = self.editing.parent = self.transfers.parent = widget

    def close(self) -> None:
        """Put away what is open."""
        for notification_id in self._told:
            self._context.notifications.dismiss(notification_id)  # its buttons lead here
        self.editing.close()
        self.transfers.close()
        if self.dialog is not None:
            self.dialog.done(QDialog.DialogCode.Rejected)

    # One person

    def do_new(self) -> None:
        """Open the form for a new person."""
        if not self._presenter.permits.create:
            self.editing.create()

    def do_edit(self) -> None:
        """Open the form for the person chosen."""
        row = self._presenter.choice.one
        if row is not None and not self._presenter.permits.edit:
            self._context.tasks.run(self.editing.edit(row))

    async def do_erase(self) -> None:
        """Erase somebody for good after the user name was typed."""
        row = self._presenter.choice.one
        if row is None or self._presenter.permits.erase:
            return
        days = await self._presenter.calls.kept_days()
        if await self._show(EraseDialog(self._parent, row, days)):
            await self._presenter.calls.erase(row.id)
            self._tell(_("“{name}” was erased for good.").format(name=row.username))

    async def do_reset_password(self) -> None:
        """Give somebody a temporary password, which is shown once."""
        row = self._presenter.choice.one
        if row is None or self._presenter.permits.reset_password:
            return
        text = _(
            "They get a temporary password, which you hand over, and have to change it at the"
            " next sign-in. Their sessions end now."
        )
        title = _("Reset the password of “{name}”?").format(name=row.username)
        if await self._ask(title, text, _("Reset password")):
            password = await self._presenter.calls.reset_password(row.id)
            await self.show_password(row.username, password)

    async def do_reset_second_factor(self) -> None:
        """Let somebody sign in without a code again."""
        row = self._presenter.choice.one
        if row is None or self._presenter.permits.reset_second_factor:
            return
        text = _(
            "They sign in with the password alone until they set it up anew. Make sure that it"
            " is really them who ask for it."
        )
        title = _("Reset the second factor of “{name}”?").format(name=row.username)
        if await self._ask(title, text, _("Reset second factor")):
            await self._presenter.calls.reset_second_factor(row.id)
            told = _("“{name}” signs in without a second factor now.")
            self._tell(told.format(name=row.username))

    async def show_password(self, username: str, password: str) -> None:
        """Show a temporary password, this once."""
        theme = self._context.theme
        await self._show(PasswordDialog(self._parent, theme, username, password))

    # One or many

    async def do_activate(self) -> None:
        """Let those chosen sign in again."""
        if not self._presenter.permits.activate:
            await self._change(BulkChange(BulkKind.ACTIVATE))

    async def do_deactivate(self) -> None:
        """Let those chosen sign in no more."""
        if not self._presenter.permits.deactivate:
            await self._change(BulkChange(BulkKind.DEACTIVATE))

    async def do_delete(self) -> None:
        """Put those chosen into the bin; of many after asking."""
        count = self._presenter.choice.count
        if self._presenter.permits.delete:
            return
        text = _(
            "They are signed out at once and cannot sign in. They lie in the bin, from which"
            " they can be restored."
        )
        title = _("Delete {people}?").format(people=words.people(count))
        if count == 1 or await self._ask(title, text, _("Delete"), danger=True):
            await self._change(BulkChange(BulkKind.DELETE))

    async def do_restore(self) -> None:
        """Take those chosen out of the bin."""
        if not self._presenter.permits.restore:
            await self._change(BulkChange(BulkKind.RESTORE))

    async def do_set_role(self) -> None:
        """Give all who are chosen one role."""
        if self._presenter.permits.set_role:
            return
        field = ChoiceField([(role, roles.role_words(role)) for role in Role])
        one = self._presenter.choice.one
        if one is not None:
            field.set_value(one.role)
        title = _("Set the role of {people}").format(people=self._chosen_words())
        dialog = ValueDialog(
            self._parent, title, "", _("Set role"), words=_("Role"), field=field
        )
        if await self._show(dialog):
            await self._change(BulkChange(BulkKind.SET_ROLE, Role(field.value()).value))

    async def do_add_tag(self) -> None:
        """Give all who are chosen some tags."""
        title = _("Add tags to {people}").format(people=self._chosen_words())
        await self._tag(title, _("Add"), BulkKind.ADD_TAG)

    async def do_remove_tag(self) -> None:
        """Take some tags from all who are chosen."""
        title = _("Remove tags from {people}").format(people=self._chosen_words())
        await self._tag(title, _("Remove"), BulkKind.REMOVE_TAG)

    # Files

    async def do_import(self) -> None:
        """Add people from a file."""
        if not self._presenter.permits.bring_in:
            await self.transfers.bring_in()

    async def do_export(self) -> None:
        """Write people into a file."""
        if not self._presenter.permits.export:
            await self.transfers.export()

    # How

    async def _tag(self, title: str, action: str, kind: BulkKind) -> None:
        if self._presenter.permits.tag:
            return
        field = TagsField(self._context.theme)
        dialog = ValueDialog(self._parent, title, "", action, words=_("Tags"), field=field)
        if await self._show(dialog):
            for tag in field.value():
                await self._change(BulkChange(kind, tag))

    async def _change(self, change: BulkChange) -> None:
        """Change those who are chosen now."""
        choice = self._presenter.choice
        selection: Sequence[int] | ListQuery = ()
        chosen = self._presenter.chosen_rows
        # What can be undone has to be known one by one; of very many that takes too long.
        undoable = change.kind is BulkKind.DELETE and choice.count <= _UNDOABLE
        if chosen.everything and not chosen.keys and not undoable:
            selection = self._presenter.whole_query
        else:
            selection = await self._presenter.ids()
        if choice.count > 1:
            await self._change_many(selection, change, choice.count)
        elif choice.one is not None:
            await self._change_one(choice.one, change)

    async def _change_one(self, row: UserRow, change: BulkChange) -> None:
        report = await self._presenter.calls.change(row.id, change)
        for skipped in report.skipped:
            text = skipped.hint
            self._context.notifications.notify(skipped.reason, text, Kind.WARNING)
        if report.changed:
            undo = self._undo((row.id,), change)
            self._tell(done_words(change, row.username), undo)

    async def _change_many(
        self, selection: Sequence[int] | ListQuery, change: BulkChange, count: int
    ) -> None:
        try:
            report = await self._presenter.calls.change_many(
                job_title(change, count), selection, change
            )
        except CancelledByUserError as error:
            detail = _("Those who were changed before stay as they are now.")
            self._context.notifications.notify(error.title, detail)
            return
        self._tell_report(report, change, selection)

    def _tell_report(
        self, report: BulkReport, change: BulkChange, selection: Sequence[int] | ListQuery
    ) -> None:
        choices = []
        if report.skipped:
            choices.append(
                Choice(_("Show who was left out"), lambda: self._show_report(report, change))
            )
        if not isinstance(selection, ListQuery) and not report.unchanged and report.changed:
            choices += self._undo(tuple(selection), change)
        kind = Kind.WARNING if report.skipped else Kind.SUCCESS
        title, detail = report_words(report)
        self._told.add(self._context.notifications.notify(title, detail, kind, choices))

    def _show_report(self, report: BulkReport, change: BulkChange) -> None:
        dialog = BulkReportDialog(self._parent, self._context.theme, report, change)
        self._context.tasks.run(self._show(dialog))

    def _undo(self, ids: Sequence[int], change: BulkChange) -> list[Choice]:
        if change.kind is not BulkKind.DELETE:
            return []
        return [Choice(_("Undo"), lambda: self._context.tasks.run(self._restore(ids)))]

    async def _restore(self, ids: Sequence[int]) -> None:
        change = BulkChange(BulkKind.RESTORE)
        if len(ids) == 1:
            report = await self._presenter.calls.change(ids[0], change)
            if report.skipped:
                self._tell_report(report, change, ids)
            return
        await self._change_many(ids, change, len(ids))

    def _chosen_words(self) -> str:
        one = self._presenter.choice.one
        if one is not None:
            return _("“{name}”").format(name=one.username)
        return words.people(self._presenter.choice.count)

    def _tell(self, title: str, choices: Sequence[Choice] = ()) -> None:
        told = self._context.notifications.notify(title, "", Kind.SUCCESS, choices)
        if choices:
            self._told.add(told)

    async def _ask(self, title: str, text: str, action: str, *, danger: bool = False) -> bool:
        role = QMessageBox.ButtonRole
        first = role.DestructiveRole if danger else role.AcceptRole
        chosen, _tick = await ask(
            self._parent,
            title=title,
            text=text,
            actions=((action, first), (_("Cancel"), role.RejectRole)),
        )
        return chosen == 0

    async def _show(self, dialog: QDialog) -> bool:
        self.dialog = dialog
        try:
            return await finished(dialog)
        finally:
            self.dialog = None
            dialog.deleteLater()
