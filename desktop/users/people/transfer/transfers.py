"""Opens the import wizard and the export dialog, and runs what they ask for."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

from core.database.query.schemas import ListQuery
from core.errors import CancelledByUserError
from core.translation import _
from core.users.transfer.schemas import FileFormat
from desktop.async_dialogs import finished
from desktop.figures import size
from desktop.notifications import Kind
from desktop.tabs import TabContext
from desktop.users.people import words
from desktop.users.people.presenter import PeoplePresenter
from desktop.users.people.transfer.calls import TransferCalls
from desktop.users.people.transfer.export_dialog import CHOSEN, ExportDialog
from desktop.users.people.transfer.wizard import ImportWizard


class Transfers:
    """People from files and into files.

    Attributes:
        parent: The dialogs stand over it; set once the view is made.
        wizard: The import wizard while it is open.
        dialog: The export dialog while it is open.
    """

    def __init__(self, context: TabContext, presenter: PeoplePresenter) -> None:
        self._context, self._presenter = context, presenter
        self.calls = TransferCalls(context)
        self.parent: QWidget | None = None
        self.wizard: ImportWizard | None = None
        self.dialog: ExportDialog | None = None

    def close(self) -> None:
        """Put away what is open."""
        for dialog in (self.wizard, self.dialog):
            if dialog is not None:
                dialog.done(QDialog.DialogCode.Rejected)

    async def bring_in(self) -> None:
        """Lead through an import."""
        if self.wizard is not None:
            self.wizard.raise_()
            return
        context = self._context
        self.wizard = ImportWizard(self.parent, context.theme, context.tasks, self.calls)
        try:
            await finished(self.wizard)
        finally:
            self.wizard.deleteLater()
            self.wizard = None

    async def export(self) -> None:
        """Ask what to export, and write it as a job."""
        if self.dialog is not None:
            self.dialog.raise_()
            return
        fields = await self.calls.export_fields()
        model, choice = self._presenter.model, self._presenter.choice
        self.dialog = dialog = ExportDialog(
            self.parent,
            self._context.tasks,
            listed=model.rowCount() if model is not None else 0,
            chosen=choice.count,
            fields=fields,
        )
        try:
            wanted = await finished(dialog)
            values = dialog.form.values()
            names = dialog.fields
        finally:
            self.dialog = None
            dialog.deleteLater()
        if wanted:
            selection: Sequence[int] | ListQuery = self._presenter.whole_query
            if values["who"] == CHOSEN:
                selection = await self._presenter.ids()
            await self._write(selection, names, values)

    async def _write(
        self,
        selection: Sequence[int] | ListQuery,
        names: Sequence[str],
        values: dict[str, object],
    ) -> None:
        target = Path(str(values["target"]))
        try:
            report = await self.calls.export(
                selection, names, FileFormat(str(values["format"])), target
            )
        except CancelledByUserError as error:
            self._context.notifications.notify(error.title)
            return
        told = _("{people} were exported").format(people=words.people(report.people))
        detail = _("{file}, {size}").format(file=target, size=size(report.bytes))
        self._context.notifications.notify(told, detail, Kind.SUCCESS)
