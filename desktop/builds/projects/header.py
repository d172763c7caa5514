"""The head of the right side: which project it is, and what to do with it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from core.projects.schemas import ProjectRow
from core.translation import _
from desktop.builds.history.buttons import mirror
from desktop.builds.projects.words import place_line
from desktop.theme import Metric, Role, Theme
from desktop.widgets.elided_label import ElidedLabel

_HEIGHT = 54


class ProjectHeader(QWidget):
    """Name, branch, folder and command of the chosen project, and what to do with it."""

    def __init__(self, theme: Theme, *, edit: QAction, schedule: QAction, run: QAction) -> None:
        super().__init__()
        self.setProperty("kind", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(_HEIGHT)
        self.name = ElidedLabel()
        self.name.setProperty("kind", "title")
        self.name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.where = ElidedLabel()
        self.where.setProperty("kind", "muted")
        self.where.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.edit_button = QPushButton(_("Edit"))
        self.run_button = QPushButton(theme.icon("play-fill", Role.ON_ACCENT), _("Run build"))
        self.run_button.setProperty("kind", "primary")
        self.run_button.setIconSize(QSize(20, 14))
        self.schedule_button = QPushButton(_("Schedule"))
        mirror(self.edit_button, edit)
        mirror(self.schedule_button, schedule)
        mirror(self.run_button, run)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * Metric.GRID, 0, 2 * Metric.GRID, 0)
        layout.setSpacing(Metric.GRID)
        layout.addWidget(self.name)
        layout.addWidget(self.where, 1)
        layout.addSpacing(Metric.GRID)
        layout.addWidget(self.edit_button)
        layout.addWidget(self.schedule_button)
        layout.addWidget(self.run_button)

    def show_project(self, project: ProjectRow | None) -> None:
        """Show a project, or none."""
        self.name.setText(project.name if project else "")
        self.where.setText(place_line(project) if project else "")
