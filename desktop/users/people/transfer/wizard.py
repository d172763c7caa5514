"""The import wizard: a file and its columns, a check without storing, and the import."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.translation import _, ngettext
from core.users.transfer.schemas import (
    Existing,
    FileOptions,
    ImportMode,
    ImportOptions,
    ImportReport,
)
from desktop.async_dialogs import choose_file
from desktop.figures import number
from desktop.tasks import TaskRunner
from desktop.theme import Metric, Theme, set_kind
from desktop.users.people.transfer.calls import Fields, TransferCalls
from desktop.users.people.transfer.columns_page import ColumnsPage
from desktop.users.people.transfer.report_page import ReportView
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.form import ChoiceField, Form
from desktop.widgets.marks import button, label
from desktop.widgets.tips import plain_tip

_SIZE = (900, 640)
COLUMNS, CHECK, DONE = range(3)

Work = Callable[[], Coroutine[Any, Any, None]]


class ImportWizard(QDialog):
    """Leads from a file to people, with nothing stored before the last step.

    Signals:
        stepped: Another page is shown, or the same with other contents.
    """

    stepped = Signal()

    def __init__(
        self, parent: QWidget | None, theme: Theme, tasks: TaskRunner, calls: TransferCalls
    ) -> None:
        super().__init__(parent)
        self._tasks, self._calls = tasks, calls
        self._fields: Fields = ()
        self._work: asyncio.Task[Any] | None = None
        self.file: Path | None = None
        self.report: ImportReport | None = None
        self.setWindowTitle(_("Import people"))
        self.resize(*_SIZE)
        self.title = label("", "title")
        self.lead = label("", "muted", wrap=True)
        self.columns = ColumnsPage(theme)
        self.columns.file_wanted.connect(lambda: self._tasks.run(self._choose()))
        self.columns.path_typed.connect(self._take_typed)
        self.columns.options_changed.connect(self._read_again)
        self.columns.mapping_changed.connect(self._follow)
        self.options = Form()
        self._add_options()
        self.options.changed.connect(lambda _name: self._check_again())
        self.check = ReportView(theme)
        self.done_report = ReportView(theme)
        self.error = ErrorPanel(theme)
        self.busy_bar = QProgressBar()
        self.busy_bar.setRange(0, 0)
        self.busy_bar.setAccessibleName(_("Working"))
        self.back_button = button(_("Back"), self._back)
        self.next_button = button("", self._next, "primary")
        self.close_button = button(_("Cancel"), self.reject)
        self.save_button = button(_("Save refused rows…"), self._save)
        self.why = label("", "warning", wrap=True)
        self.pages = QStackedWidget()
        self._lay_out()
        self._show_page(COLUMNS)

    @property
    def busy(self) -> bool:
        """Whether the core is at work."""
        return self._work is not None and not self._work.done()

    async def take_file(self, path: Path, options: FileOptions | None = None) -> None:
        """Show what a file holds."""
        try:
            self._fields = self._fields or await self._calls.import_fields()
            preview = await self._calls.preview(path, options)
        except AppError as error:
            self.columns.show_error(error)
        else:
            self.file = path
            self.columns.show_preview(str(path), preview, self._fields)
        self._follow()
        self.stepped.emit()

    def reject(self) -> None:
        """Give up; work that is under way is cancelled first."""
        if self.busy and self._work is not None:
            self._work.cancel()
            self.lead.setText(_("Stopped. People who were stored before that stay."))
            return
        super().reject()

    # The steps

    def _next(self) -> None:
        page = self.pages.currentIndex()
        if page == COLUMNS:
            self._show_page(CHECK)
            self._check_again()
        elif page == CHECK:
            self._start(self._import)
        else:
            self.accept()

    def _back(self) -> None:
        self.error.clear()
        self._show_page(COLUMNS)

    def _check_again(self) -> None:
        if self.pages.currentIndex() == CHECK:
            self._start(self._check)

    def _read_again(self, options: FileOptions) -> None:
        if self.file is not None:
            self._tasks.latest((self, "preview"), self.take_file(self.file, options))

    async def _check(self) -> None:
        self.check.show_report(None, ())
        report = await self._ask(self._calls.dry_run)
        if report is not None:
            self.check.show_report(report, self._fields)
            self.columns.mark(report)

    async def _import(self) -> None:
        report = await self._ask(self._calls.bring_in)
        if report is not None:
            self.report = report
            self.done_report.show_report(report, self._fields)
            self._show_page(DONE)

    async def _ask(
        self, ask: Callable[[Path, dict[str, str], ImportOptions], Awaitable[ImportReport]]
    ) -> ImportReport | None:
        assert self.file is not None
        self.error.clear()
        try:
            return await ask(self.file, self.columns.mapping(), self._chosen_options())
        except AppError as error:
            self._tell(error)
        return None

    def _tell(self, error: AppError) -> None:
        if shiboken6.isValid(self):
            self.error.show_error(error)

    def _start(self, work: Work) -> None:
        if self.busy and self._work is not None:
            self._work.cancel()
        self._work = self._tasks.run(self._watched(work))
        self._follow()

    async def _watched(self, work: Work) -> None:
        try:
            await work()
        finally:
            if shiboken6.isValid(self) and self._work is asyncio.current_task():
                self._work = None
                self._follow()
                self.stepped.emit()

    def _take_typed(self, path: str) -> None:
        file = Path(path).expanduser()
        self._tasks.latest((self, "preview"), self.take_file(file))

    async def _choose(self) -> None:
        found = await choose_file(
            self,
            title=_("Choose a file with people"),
            filter_text=_("People (*.csv *.tsv *.txt *.json *.jsonl);;All files (*)"),
        )
        if found is not None:
            await self.take_file(Path(found))

    def _save(self) -> None:
        self._tasks.run(self._save_refusals())

    async def _save_refusals(self) -> None:
        report = self.done_report.report or self.check.report
        if report is None or self.file is None:
            return
        target = await choose_file(
            self,
            title=_("Save the refused rows"),
            filter_text=_("Tables (*.csv);;All files (*)"),
            save=True,
            start=str(self.file.with_name(f"{self.file.stem}-refused.csv")),
            suffix="csv",
        )
        if target is None:
            return
        try:
            await self._calls.save_refusals(report, Path(target))
        except AppError as error:
            self._tell(error)

    # What is shown

    def _chosen_options(self) -> ImportOptions:
        preview = self.columns.preview
        values = self.options.values()
        return ImportOptions(
            file=preview.file if preview is not None else FileOptions(),
            mode=ImportMode(values["mode"]),
            existing=Existing(values["existing"]),
        )

    def _show_page(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self.title.setText((_("File and columns"), _("Check"), _("Done"))[page])
        self.lead.setText(
            (
                _("Choose a file and say what each of its columns holds. Nothing is stored"
                  " before the last step."),
                _("This is what the import would do. Nothing is stored yet."),
                self._outcome(),
            )[page]
        )  # fmt: skip
        self._follow()
        self.next_button.setFocus()
        self.stepped.emit()

    def _outcome(self) -> str:
        report = self.report
        if report is None:
            return ""
        if not report.stored:
            return _("Nothing was stored, since rows were refused.") if report.refused else (
                _("There was nothing to store."))  # fmt: skip
        count = report.created + report.updated
        text = ngettext("{count} person was stored.", "{count} people were stored.", count)
        return text.format(count=number(count))

    def _follow(self) -> None:
        """Let the buttons fit what is shown."""
        page, busy = self.pages.currentIndex(), self.busy
        self.busy_bar.setVisible(busy)
        self.back_button.setVisible(page == CHECK)
        self.back_button.setEnabled(not busy)
        self.next_button.setText((_("Check"), _("Import"), _("Close"))[page])
        reason = self._not_yet(page)
        self.next_button.setEnabled(not reason and not busy)
        self.next_button.setToolTip(plain_tip(reason))
        self.why.setText(reason if page == CHECK and not busy else "")
        self.close_button.setVisible(page != DONE)
        self.close_button.setText(_("Stop") if busy else _("Cancel"))
        shown = self.check if page == CHECK else self.done_report
        refused = page != COLUMNS and shown.report is not None and shown.report.refused > 0
        self.save_button.setVisible(refused and not busy)
        set_kind(self.next_button, "primary")

    def _not_yet(self, page: int) -> str:
        if page == COLUMNS:
            if self.columns.preview is None:
                return _("Choose a file first.")
            return self.columns.problem_of_mapping()
        if page == CHECK:
            report = self.check.report
            if report is None:
                return _("The check was stopped. Go back to check again.")
            whole = self._chosen_options().mode is ImportMode.ALL_OR_NOTHING
            if whole and report.refused:
                return _("All or nothing: correct the refused rows, or import row by row.")
            if not report.created and not report.updated:
                return _("There is nobody to import.")
        return ""

    def _add_options(self) -> None:
        self.options.add("mode", _("Where rows are refused"), ChoiceField([
            (ImportMode.ALL_OR_NOTHING, _("All or nothing, in one transaction")),
            (ImportMode.ROW_BY_ROW, _("Import the good rows, leave out the others")),
        ]))  # fmt: skip
        self.options.add("existing", _("Who is there already"), ChoiceField([
            (Existing.REFUSE, _("Refuse the row")),
            (Existing.SKIP, _("Skip the row")),
            (Existing.UPDATE, _("Update the person")),
        ]), beside=True)  # fmt: skip

    def _lay_out(self) -> None:
        checking = QWidget()
        column = QVBoxLayout(checking)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * Metric.GRID)
        column.addWidget(self.options)
        column.addWidget(self.check, 1)
        for page in (self.columns, checking, self.done_report):
            self.pages.addWidget(page)
        body = QVBoxLayout()
        body.setContentsMargins(20, 16, 20, 16)
        body.setSpacing(12)
        body.addWidget(self.title)
        body.addWidget(self.lead)
        body.addWidget(self.error)
        body.addWidget(self.pages, 1)
        body.addWidget(self.busy_bar)
        footer = QFrame()
        footer.setProperty("kind", "footer")
        row = QHBoxLayout(footer)
        row.setContentsMargins(20, 12, 20, 12)
        row.addWidget(self.save_button)
        row.addWidget(self.why, 1)
        for made in (self.close_button, self.back_button, self.next_button):
            row.addWidget(made)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(body, 1)
        layout.addWidget(footer)
