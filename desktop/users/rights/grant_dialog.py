"""Asks for the project and the role that somebody is to be given there."""

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.projects.schemas import ProjectRow
from core.rights.schemas import RightsRow
from core.security.actors import Role
from core.translation import _
from desktop.users.roles import role_words
from desktop.widgets.marks import button, label

_WIDTH = 440


class GrantDialog(QDialog):
    """A project and a role above the one that the person has everywhere."""

    def __init__(
        self, parent: QWidget | None, person: RightsRow, projects: Sequence[ProjectRow]
    ) -> None:
        super().__init__(parent)
        self._projects = tuple(projects)
        self._roles = [role for role in Role if not person.role.covers(role)]
        title = _("Give “{name}” a role in a project").format(name=person.username)
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH)
        self.project = QComboBox()
        self.project.setAccessibleName(_("Project"))
        self.project.addItems([row.name for row in self._projects])
        self.role = QComboBox()
        self.role.setAccessibleName(_("Role"))
        self.role.addItems([role_words(role) for role in self._roles])
        self.give_button = button(_("Give"), self.accept, "primary")
        self.give_button.setDefault(True)
        if not self._projects:
            self.give_button.setEnabled(False)
            self.give_button.setToolTip(_("There is no project yet."))
        self._lay_out(title, person)

    @property
    def project_id(self) -> int:
        """The project that was chosen."""
        return self._projects[self.project.currentIndex()].id

    @property
    def chosen_role(self) -> Role:
        """The role that was chosen."""
        return self._roles[self.role.currentIndex()]

    def _lay_out(self, title: str, person: RightsRow) -> None:
        form = QFormLayout()
        form.setSpacing(10)
        form.addRow(_("Project"), self.project)
        form.addRow(_("Role"), self.role)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(button(_("Cancel"), self.reject))
        buttons.addWidget(self.give_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(label(title, "title", wrap=True))
        hint = _("It holds in this project beside the role “{role}” everywhere.")
        layout.addWidget(label(hint.format(role=role_words(person.role)), "muted", wrap=True))
        layout.addLayout(form)
        layout.addLayout(buttons)
