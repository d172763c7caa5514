"""The card of the page of statistics that lists projects with both outcomes."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QTableWidgetItem, QVBoxLayout

from core.builds.statistics.schemas import FlakyProject
from core.translation import _, ngettext
from desktop.figures import ago, number
from desktop.widgets.marks import label
from desktop.widgets.plain_table import plain_table
from desktop.widgets.tips import plain_tip

_MOST_ROWS = 6


class FlakyCard(QFrame):
    """Projects that fail and succeed although nothing was changed.

    Signals:
        chosen: A project was opened; carries its id.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        title = _("Flaky: both outcomes of the same")
        self.setAccessibleName(title)
        self._projects: tuple[FlakyProject, ...] = ()
        self.none = label(_("No project came to both ends with nothing changed."), "muted")
        self.none.setWordWrap(True)
        self.table = plain_table(title, (_("Project"), _("Signs"), _("Last failure")))
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.setColumnWidth(0, 180)
        self.table.activated.connect(
            lambda index: self.chosen.emit(self._projects[index.row()].project_id)
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.addWidget(label(title, "heading"))
        layout.addWidget(self.none)
        layout.addWidget(self.table, 1)
        layout.addStretch(1)

    def show_projects(self, projects: Sequence[FlakyProject]) -> None:
        """Show the flakiest projects."""
        self._projects = tuple(projects[:_MOST_ROWS])
        self.none.setVisible(not self._projects)
        self.table.setVisible(bool(self._projects))
        self.table.setRowCount(len(self._projects))
        for row, one in enumerate(self._projects):
            for column, text in enumerate((one.project, _signs(one), ago(one.last_at))):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(text))
                self.table.setItem(row, column, item)


def _signs(one: FlakyProject) -> str:
    """Return what tells that a project is flaky."""
    parts = []
    if one.snapshots:
        parts.append(
            ngettext(
                "{count} commit with both ends", "{count} commits with both ends", one.snapshots
            ).format(count=number(one.snapshots))
        )
    if one.retries:
        parts.append(
            ngettext(
                "{count} retry that helped", "{count} retries that helped", one.retries
            ).format(count=number(one.retries))
        )
    return ", ".join(parts)
