"""The head of the right side: which project it is, and what to do with it."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from core.projects.schemas import ProjectRow
from core.translation import _
from desktop.builds.history.buttons import mirror
from desktop.builds.projects.words import place_line
from desktop.theme import Metric, Role, Theme
from desktop.widgets.elided_label import ElidedLabel

_HEIGHT = 54
_MORE = 30


class _MenuButton(QPushButton):
    """A button that the arrow key down presses, too, as it does where a menu opens."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Open with the arrow."""
        if event.key() == Qt.Key.Key_Down:
            self.click()
        else:
            super().keyPressEvent(event)


class ProjectHeader(QWidget):
    """Name, branch, folder and command of the chosen project, and what to do with it.

    Args:
        other_runs: Other ways to run a build, in the menu beside the button that does.
    """

    def __init__(
        self,
        theme: Theme,
        *,
        edit: QAction,
        schedule: QAction,
        run: QAction,
        other_runs: Sequence[QAction],
    ) -> None:
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
        self.run_button.setProperty("part", "left")
        self.run_button.setIconSize(QSize(20, 14))
        self.more_button = self._make_more(theme, other_runs)
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
        both = QHBoxLayout()
        both.setSpacing(1)
        both.addWidget(self.run_button)
        both.addWidget(self.more_button)
        layout.addLayout(both)

    def _make_more(self, theme: Theme, actions: Sequence[QAction]) -> QPushButton:
        """Return the arrow beside the button that runs; down, Space and a click open it."""
        more = _MenuButton()
        more.setIcon(theme.icon("caret-down", Role.ON_ACCENT))
        more.setIconSize(QSize(12, 12))
        more.setProperty("kind", "primary")
        more.setProperty("part", "right")
        more.setFixedWidth(_MORE)
        more.setAccessibleName(_("Other ways to run a build"))
        more.setToolTip(_("Run with other settings, or retry a build"))
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.addActions(list(actions))
        more.clicked.connect(self._open_menu)
        return more

    def _open_menu(self) -> None:
        corner = self.more_button.mapToGlobal(self.more_button.rect().bottomRight())
        width = self._menu.sizeHint().width()
        self._menu.popup(corner - QPoint(width - 1, -4))

    def show_project(self, project: ProjectRow | None) -> None:
        """Show a project, or none."""
        self.name.setText(project.name if project else "")
        self.where.setText(place_line(project) if project else "")
