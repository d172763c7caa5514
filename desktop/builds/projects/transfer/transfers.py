"""Opens the dialogs of export and import, and runs what they ask for."""

from pathlib import Path

import shiboken6
from PySide6.QtWidgets import QDialog, QWidget

from core.errors import CancelledByUserError
from core.translation import _, ngettext
from desktop.async_dialogs import choose_file, finished
from desktop.builds.presenter import BuildsPresenter
from desktop.builds.projects.transfer.calls import TransferCalls
from desktop.builds.projects.transfer.export_dialog import ExportDialog
from desktop.builds.projects.transfer.import_dialog import ImportDialog
from desktop.figures import number
from desktop.notifications import Kind
from desktop.tabs import TabContext


class Transfers:
    """Projects from files and into files, one dialog at a time.

    Attributes:
        parent: The dialogs stand over it; set once the view is made.
        dialog: The dialog that is open, None without one.
    """

    def __init__(self, context: TabContext, presenter: BuildsPresenter) -> None:
        self._context, self._presenter = context, presenter
        self._calls = TransferCalls(context)
        self.parent: QWidget | None = None
        self.dialog: ExportDialog | ImportDialog | None = None

    def close(self) -> None:
        """Put away what is open."""
        if self.dialog is not None:
            self.dialog.done(QDialog.DialogCode.Rejected)

    async def export(self) -> None:
        """Ask which projects to export and where to, and write them as a job."""
        rows = self._presenter.projects.rows
        if self._open_already() or not rows:
            return
        dialog = self.dialog = ExportDialog(self.parent, rows, self._presenter.project_id)
        try:
            wanted = await finished(dialog)
            ids, triggers = dialog.ids, dialog.triggers.isChecked()
        finally:
            self._put_away(dialog)
        if not wanted:
            return
        target = await choose_file(
            self.parent,
            title=_("Export projects"),
            filter_text=_file_filter(),
            save=True,
            start="projects.json",
            suffix="json",
        )
        if target is not None:
            await self._write(ids, Path(target), triggers)

    async def bring_in(self) -> None:
        """Ask for a file, show what it holds, and import what is chosen of it."""
        if self._open_already():
            return
        source = await choose_file(
            self.parent, title=_("Choose a file of projects"), filter_text=_file_filter()
        )
        if source is None:
            return
        plan = await self._calls.examine(Path(source))
        if self._open_already():
            return
        context = self._context
        dialog = self.dialog = ImportDialog(
            self.parent, context.theme, context.tasks, self._calls, plan
        )
        try:
            await finished(dialog)
            report = dialog.report
        finally:
            self._put_away(dialog)
        if report is not None and report.created:
            await self._presenter.refresh_projects()
            self._presenter.choose_project(report.created[0].project_id)

    def _open_already(self) -> bool:
        if self.dialog is not None:
            self.dialog.raise_()
        return self.dialog is not None

    def _put_away(self, dialog: QDialog) -> None:
        self.dialog = None
        if shiboken6.isValid(dialog):
            dialog.deleteLater()

    async def _write(self, ids: tuple[int, ...], target: Path, triggers: bool) -> None:
        notify = self._context.notifications.notify
        try:
            count = await self._calls.export(ids, target, triggers=triggers)
        except CancelledByUserError as error:
            notify(error.title)
            return
        told = ngettext("{count} project was exported", "{count} projects were exported", count)
        notify(told.format(count=number(count)), str(target), Kind.SUCCESS)


def _file_filter() -> str:
    return _("Projects (*.json);;All files (*)")
