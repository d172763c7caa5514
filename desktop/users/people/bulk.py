"""What changes of many say: the title of the job, its outcome, and who was left out."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHeaderView,
    QTableWidgetItem,
    QWidget,
)

from core.security.actors import Role
from core.translation import _, ngettext
from core.users.schemas import BulkChange, BulkKind, BulkReport
from desktop.figures import number
from desktop.theme import Theme
from desktop.users import roles
from desktop.users.people import words
from desktop.users.people.dialogs import SmallDialog
from desktop.widgets.marks import button, copy_text, label
from desktop.widgets.plain_table import plain_table
from desktop.widgets.tips import plain_tip

_SIZE = (680, 460)
_MOST_ROWS = 2_000


def job_title(change: BulkChange, count: int) -> str:
    """Return what a job that changes many is called."""
    people = words.people(count)
    titles = {
        BulkKind.SET_ROLE: _("Setting the role of {people}"),
        BulkKind.ACTIVATE: _("Activating {people}"),
        BulkKind.DEACTIVATE: _("Deactivating {people}"),
        BulkKind.ADD_TAG: _("Tagging {people}"),
        BulkKind.REMOVE_TAG: _("Removing a tag from {people}"),
        BulkKind.DELETE: _("Deleting {people}"),
        BulkKind.RESTORE: _("Restoring {people}"),
    }
    return titles[change.kind].format(people=people)


def done_words(change: BulkChange, name: str) -> str:
    """Return what became of one person."""
    match change.kind:
        case BulkKind.SET_ROLE:
            role = roles.role_words(Role(change.value))
            return _("The role of “{name}” is {role} now.").format(name=name, role=role)
        case BulkKind.ADD_TAG:
            return _("“{name}” has the tag “{tag}” now.").format(name=name, tag=change.value)
        case BulkKind.REMOVE_TAG:
            told = _("“{name}” has the tag “{tag}” no more.")
            return told.format(name=name, tag=change.value)
    return {
        BulkKind.ACTIVATE: _("“{name}” can sign in again."),
        BulkKind.DEACTIVATE: _("“{name}” was deactivated."),
        BulkKind.DELETE: _("“{name}” lies in the bin now."),
        BulkKind.RESTORE: _("“{name}” was restored."),
    }[change.kind].format(name=name)


def report_words(report: BulkReport) -> tuple[str, str]:
    """Return what became of many, and what else there is to know."""
    title = ngettext(
        "{count} person was changed.", "{count} people were changed.", report.changed
    ).format(count=number(report.changed))
    details = []
    if report.unchanged:
        so_already = ngettext(
            "{count} was so already.", "{count} were so already.", report.unchanged
        )
        details.append(so_already.format(count=number(report.unchanged)))
    if report.skipped:
        left = len(report.skipped)
        left_out = ngettext("{count} was left out.", "{count} were left out.", left)
        details.append(left_out.format(count=number(left)))
    return title, " ".join(details)


class BulkReportDialog(SmallDialog):
    """Lists who was left out of a change, and why."""

    def __init__(
        self, parent: QWidget | None, theme: Theme, report: BulkReport, change: BulkChange
    ) -> None:
        title, detail = report_words(report)
        super().__init__(parent, title, detail, _("Close"))
        self.resize(*_SIZE)
        self.cancel_button.hide()
        self.report, self.change = report, change
        shown = report.skipped[:_MOST_ROWS]
        headings = [_("User name"), _("Why they were left out")]
        self.table = plain_table(_("Who was left out"), headings)
        self.table.setRowCount(len(shown))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(0, 200)
        theme.changed.connect(self.table.viewport().update)
        for line, one in enumerate(shown):
            reason = " ".join(part for part in (one.reason, one.hint) if part)
            for column, text in enumerate((one.username or words.NONE, reason)):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(text))
                self.table.setItem(line, column, item)
        self.body.addWidget(self.table, 1)
        if len(report.skipped) > len(shown):
            more = _("The first {count} are shown; Copy takes all of them.")
            self.body.addWidget(label(more.format(count=number(len(shown))), "muted"))
        self.copy_button = button(_("Copy"), self.copy)
        self.body.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignLeft)

    def copy(self) -> None:
        """Copy all of them as lines of name and reason."""
        lines = (f"{one.username}\t{one.reason}" for one in self.report.skipped)
        copy_text("\n".join(lines))
