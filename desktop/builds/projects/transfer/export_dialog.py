"""The dialog that asks which projects to export."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.projects.schemas import ProjectRow
from core.translation import _
from desktop.theme import Metric
from desktop.widgets.footer import Footer
from desktop.widgets.marks import button, label

_SIZE = (460, 520)
_ID = Qt.ItemDataRole.UserRole


class ExportDialog(QDialog):
    """Ticks for all projects.

    Args:
        ticked: The project that is ticked at first; all where None.
    """

    def __init__(
        self, parent: QWidget | None, projects: Sequence[ProjectRow], ticked: int | None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Export projects"))
        self.resize(*_SIZE)
        self.list = QListWidget()
        self.list.setAccessibleName(_("Projects to export"))
        for project in projects:
            item = QListWidgetItem(project.name)
            item.setData(_ID, project.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            on = ticked is None or project.id == ticked
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.itemChanged.connect(self._follow)
        self.triggers = QCheckBox(_("With their triggers"))
        self.triggers.setChecked(True)
        self.export_button = button(_("Export…"), self.accept, "primary")
        self.export_button.setDefault(True)
        self._lay_out()
        self._follow()

    @property
    def ids(self) -> tuple[int, ...]:
        """The projects that are ticked."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return tuple(
            int(item.data(_ID)) for item in items if item.checkState() is Qt.CheckState.Checked
        )

    def _tick(self, on: bool) -> None:
        state = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        for row in range(self.list.count()):
            self.list.item(row).setCheckState(state)

    def _follow(self) -> None:
        self.export_button.setEnabled(bool(self.ids))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label(_("Which projects"), "heading"), 1)
        head.addWidget(button(_("All"), lambda: self._tick(True), "link"))
        head.addWidget(button(_("None"), lambda: self._tick(False), "link"))
        body = QVBoxLayout()
        body.setContentsMargins(20, 16, 20, 16)
        body.setSpacing(Metric.GRID)
        body.addLayout(head)
        body.addWidget(self.list, 1)
        body.addWidget(self.triggers)
        body.addWidget(label(_(
            "Values of secrets are in no export; those of plain variables are."
        ), "muted", wrap=True))  # fmt: skip
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(body, 1)
        outer.addWidget(Footer(button(_("Cancel"), self.reject), self.export_button))
