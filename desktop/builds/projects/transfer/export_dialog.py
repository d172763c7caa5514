"""The dialog that asks which projects to export."""

from collections.abc import Sequence

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.projects.schemas import ProjectRow
from core.translation import _
from desktop.theme import Metric
from desktop.widgets.footer import Footer
from desktop.widgets.marks import button, label

_SIZE = (460, 520)


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
        self.ticks: dict[int, QCheckBox] = {}
        for project in projects:
            tick = QCheckBox(project.name.replace("&", "&&"))
            tick.setChecked(ticked is None or project.id == ticked)
            tick.toggled.connect(self._follow)
            self.ticks[project.id] = tick
        self.triggers = QCheckBox(_("With their triggers"))
        self.triggers.setChecked(True)
        self.export_button = button(_("Export…"), self.accept, "primary")
        self.export_button.setDefault(True)
        self._lay_out()
        self._follow()

    @property
    def ids(self) -> tuple[int, ...]:
        """The projects that are ticked."""
        return tuple(one for one, tick in self.ticks.items() if tick.isChecked())

    def _tick(self, on: bool) -> None:
        for tick in self.ticks.values():
            tick.setChecked(on)

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
        body.addWidget(self._make_list(), 1)
        body.addWidget(self.triggers)
        body.addWidget(label(_(
            "Values of secrets are in no export; those of plain variables are."
        ), "muted", wrap=True))  # fmt: skip
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(body, 1)
        outer.addWidget(Footer(button(_("Cancel"), self.reject), self.export_button))

    def _make_list(self) -> QScrollArea:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Metric.GRID // 2)
        for tick in self.ticks.values():
            column.addWidget(tick)
        column.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName(_("Projects to export"))
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inner)
        return area
