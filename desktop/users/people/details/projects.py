"""The roles of a person in single projects: given and taken away here."""

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStyledItemDelegate, QVBoxLayout, QWidget

from core.projects.schemas import ProjectRow
from core.rights.schemas import ProjectRoleRow
from core.security.actors import Role
from core.security.operations import Operation, may
from core.translation import _
from core.users.schemas import UserRow
from desktop.figures import ago
from desktop.tabs import TabContext
from desktop.users import roles
from desktop.users.people.details.loading import LoadedPage
from desktop.users.people.presenter import PeoplePresenter
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.marks import button, icon_button, label
from desktop.widgets.state_badge import StateBadge
from desktop.widgets.tips import plain_tip


class ProjectRoles(LoadedPage):
    """The page "Projects"."""

    def __init__(self, context: TabContext, presenter: PeoplePresenter) -> None:
        super().__init__(context, presenter)
        self.roles: tuple[ProjectRoleRow, ...] = ()
        self._projects: tuple[ProjectRow, ...] = ()
        self._lines: list[QWidget] = []
        self.project = _combo(_("Project"))
        self.role = _combo(_("Role in the project"))
        self.give_button = button(_("Give role"), self._give)
        self.adder = QWidget()
        adder = QVBoxLayout(self.adder)
        adder.setContentsMargins(0, 8, 0, 0)
        adder.setSpacing(8)
        adder.addWidget(label(_("Give a role in one project"), "heading"))
        adder.addWidget(self.project)
        row = QHBoxLayout()
        row.addWidget(self.role, 1)
        row.addWidget(self.give_button)
        adder.addLayout(row)
        self.adder.hide()
        self.column.insertWidget(self.column.count() - 1, self.adder)

    def clear(self) -> None:
        """Show no roles."""
        self.roles = ()
        self._show()
        self.adder.hide()
        self.say("")

    async def fetch(self, row: UserRow) -> None:
        """Fetch the roles, and the projects in which others can be given."""
        if not may(self.context.actor, Operation.RIGHTS_REVIEW):
            self.say(_("Roles in projects are shown to administrators only."))
            return
        roles = await self.presenter.calls.project_roles(row.id)
        projects = await self.presenter.calls.projects()
        if not self.is_about(row) or self.row is None:
            return
        self.roles, self._projects = roles, projects
        self._show()
        self._offer(self.row)

    def _offer(self, row: UserRow) -> None:
        above = [role for role in Role if not row.role.covers(role)]
        if not above:
            self.say(_("Administrators may do everything in every project."))
        elif not self._projects:
            self.say(_("There are no projects yet."))
        elif not self.roles:
            role = roles.role_words(row.role).lower()
            text = _("No roles in single projects: {role} in all of them.")
            self.say(text.format(role=role))
        else:
            self.say("")
        _fill(self.project, [(one.id, one.name) for one in self._projects])
        _fill(self.role, [(role, roles.role_words(role)) for role in above])
        reason = self.presenter.permits.grant
        self.give_button.setEnabled(not reason)
        self.give_button.setToolTip(plain_tip(reason))
        self.adder.setVisible(bool(above and self._projects))

    def _give(self) -> None:
        project, role = self.project.currentData(), self.role.currentData()
        if self.row is not None and project is not None and role is not None:
            self.context.tasks.run(self._grant(self.row, int(project), Role(role)))

    async def _grant(self, row: UserRow, project_id: int, role: Role | None) -> None:
        await self.presenter.calls.grant(project_id, row.id, role)
        self.refresh()

    def _show(self) -> None:
        for line in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = [self._line(role) for role in self.roles]
        place = self.column.indexOf(self.adder)
        for offset, line in enumerate(self._lines):
            self.column.insertWidget(place + offset, line)

    def _line(self, role: ProjectRoleRow) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addWidget(ElidedLabel(role.project))
        used = _("last used {when}").format(when=ago(role.last_used_at)) if (
            role.last_used_at) else _("never used")  # fmt: skip
        given = _("by {actor}, {when} · {used}").format(
            actor=role.granted_by, when=ago(role.granted_at), used=used
        )
        small = ElidedLabel(given)
        small.setProperty("kind", "muted")
        names.addWidget(small)
        row.addLayout(names, 1)
        row.addWidget(StateBadge(self.context.theme, roles.role_badge(role.role)))
        take = _("Take away the role in {project}").format(project=role.project)
        made = icon_button(self.context.theme, "x", take, lambda: self._revoke(role))
        reason = self.presenter.permits.grant
        made.setEnabled(not reason)
        if reason:
            made.setToolTip(plain_tip(reason))
        row.addWidget(made)
        return line

    def _revoke(self, role: ProjectRoleRow) -> None:
        if self.row is not None:
            self.context.tasks.run(self._grant(self.row, role.project_id, None))


def _combo(name: str) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    made.setItemDelegate(QStyledItemDelegate(made))
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(8)
    return made


def _fill(combo: QComboBox, choices: list[tuple[object, str]]) -> None:
    kept = combo.currentData()
    combo.clear()
    for value, text in choices:
        combo.addItem(text, value)
    combo.setCurrentIndex(max(combo.findData(kept), 0))
