"""The dialog that shows what a file of projects holds, and imports what is chosen of it."""

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.projects.transfer.schemas import Existing, ProjectImportPlan, ProjectImportReport
from core.translation import _, ngettext
from desktop.builds.projects.transfer.calls import TransferCalls
from desktop.builds.projects.transfer.entry_card import EntryCard
from desktop.figures import number
from desktop.tasks import TaskRunner
from desktop.theme import Metric, Theme
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.footer import Footer
from desktop.widgets.marks import button, label

_SIZE = (720, 560)


class ImportDialog(QDialog):
    """Leads from the plan to the report; nothing is stored before Import is pressed.

    Attributes:
        report: What the import did, None before.

    Signals:
        answered: The core has answered, well or not.
    """

    answered = Signal()

    def __init__(
        self,
        parent: QWidget | None,
        theme: Theme,
        tasks: TaskRunner,
        calls: TransferCalls,
        plan: ProjectImportPlan,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._calls, self._plan = tasks, calls, plan
        self._busy = False
        self.report: ProjectImportReport | None = None
        self.setWindowTitle(_("Import projects"))
        self.resize(*_SIZE)
        self.title = label(
            _("What “{file}” holds").format(file=plan.source), "title", wrap=True
        )
        self.lead = label(_(
            "Projects arrive inactive and their triggers switched off, so that nothing from"
            " elsewhere runs before you have looked at it."
        ), "muted", wrap=True)  # fmt: skip
        self.error = ErrorPanel(theme)
        self.cards = [EntryCard(entry) for entry in plan.projects]
        for card in self.cards:
            card.changed.connect(self._follow)
        self.triggers = QCheckBox(_("With their triggers"))
        self.triggers.setChecked(True)
        self.triggers.setVisible(any(entry.triggers for entry in plan.projects))
        self.told = label("", wrap=True)
        self.cancel_button = button(_("Cancel"), self.reject)
        self.import_button = button("", self._go, "primary")
        self.import_button.setDefault(True)
        self._lay_out()
        self._follow()

    @property
    def chosen(self) -> dict[int, Existing]:
        """By place, what becomes of each entry that is taken."""
        found = ((card.entry.place, card.choice) for card in self.cards)
        return {place: choice for place, choice in found if choice is not None}

    def reject(self) -> None:
        """Close, unless the import is under way."""
        if not self._busy:
            super().reject()

    def _go(self) -> None:
        if self.report is not None:
            self.accept()
        elif not self._busy:
            self._tasks.run(self._import())

    async def _import(self) -> None:
        self._set_busy(True)
        self.error.clear()
        try:
            report = await self._calls.run(
                self._plan, self.chosen, triggers=self.triggers.isChecked()
            )
        except AppError as error:
            if not shiboken6.isValid(self):
                raise
            self.error.show_error(error)
        else:
            if shiboken6.isValid(self):
                self._show_report(report)
        finally:
            if shiboken6.isValid(self):
                self._set_busy(False)
                self.answered.emit()

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        for part in (self.import_button, self.cancel_button):
            part.setDisabled(busy)
        if not busy:
            self._follow()

    def _show_report(self, report: ProjectImportReport) -> None:
        self.report = report
        self.title.setText(_("Done"))
        self.lead.setText(_("Look at each project, then tick “Active” to let its builds run."))
        self.told.setText("\n".join(outcome(report)))
        self.pages.setCurrentIndex(1)
        self.triggers.hide()
        self.cancel_button.hide()

    def _follow(self) -> None:
        count = len(self.chosen)
        if self.report is not None:
            self.import_button.setText(_("Close"))
            return
        text = ngettext("Import {count} project", "Import {count} projects", count)
        self.import_button.setText(text.format(count=number(count)))
        self.import_button.setEnabled(count > 0 and not self._busy)

    def _lay_out(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(20, 0, 20, 0)
        column.setSpacing(Metric.GRID)
        for card in self.cards:
            column.addWidget(card)
        if not self.cards:
            column.addWidget(label(_("There is no project in this file."), "muted"))
        column.addStretch(1)
        self.pages = QStackedWidget()
        done = QWidget()
        below = QVBoxLayout(done)
        below.setContentsMargins(20, 0, 20, 0)
        below.addWidget(self.told)
        below.addStretch(1)
        for page in (_scrolling(inner, self.title), _scrolling(done, self.title)):
            self.pages.addWidget(page)
        head = QVBoxLayout()
        head.setContentsMargins(20, 16, 20, 12)
        head.setSpacing(Metric.GRID)
        for widget in (self.title, self.lead, *self._left_out(), self.error):
            head.addWidget(widget)
        foot = Footer(self.cancel_button, self.import_button)
        foot.add_left(self.triggers)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(head)
        outer.addWidget(self.pages, 1)
        outer.addWidget(foot)

    def _left_out(self) -> list[QWidget]:
        if not self._plan.unknown:
            return []
        names = ", ".join(self._plan.unknown)
        told = _("Not understood and left out: {names}.").format(names=names)
        return [label(told, "warning", wrap=True)]


def outcome(report: ProjectImportReport) -> list[str]:
    """Return line by line what an import did."""
    lines = []
    if report.created:
        names = ", ".join(one.name for one in report.created)
        lines.append(_("Added: {names}").format(names=names))
    if report.replaced:
        names = ", ".join(one.name for one in report.replaced)
        lines.append(_("Replaced: {names}").format(names=names))
    if report.skipped:
        names = ", ".join(report.skipped)
        lines.append(_("Left as they are: {names}").format(names=names))
    if report.triggers:
        text = ngettext(
            "{count} trigger was added, switched off.",
            "{count} triggers were added, switched off.",
            report.triggers,
        )
        lines.append(text.format(count=number(report.triggers)))
    return lines + list(report.notices)


def _scrolling(widget: QWidget, title: QLabel) -> QScrollArea:
    area = QScrollArea()
    area.setAccessibleName(title.text())
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(widget)
    return area
