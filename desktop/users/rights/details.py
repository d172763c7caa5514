"""The rights of one person: each with its last use, and the roles in single projects."""

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from core.rights.schemas import ProjectRoleRow, RightsRow
from core.security.actors import Role
from core.translation import _
from desktop.figures import ago, exact
from desktop.theme import Metric, Theme
from desktop.users.rights import words
from desktop.users.roles import role_badge, role_words
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.marks import button, icon_button, label, separator
from desktop.widgets.state_badge import StateBadge
from desktop.widgets.tips import explain, plain_tip

_LEAST_WIDTH = 340


class RightsDetails(QFrame):
    """What is known of the person chosen in the list.

    Signals:
        give_wanted: A role in a project is to be given to the person shown.
        revoke_wanted: A role in a project is to be taken away; carries the row of it.
    """

    give_wanted = Signal()
    revoke_wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.row: RightsRow | None = None
        self._refusal = ""
        self.setProperty("kind", "pane")
        self.setMinimumWidth(_LEAST_WIDTH)
        self.setAccessibleName(_("Rights of the person chosen"))
        self.nobody = label(
            _("Choose a person to see each right and when it was last used."),
            "muted",
            wrap=True,
        )
        self.nobody.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nobody.setContentsMargins(32, 0, 32, 0)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.give_button = button(_("Give a role in a project…"), self.give_wanted.emit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.nobody, 1)
        layout.addWidget(self.area, 1)
        self._foot = self._make_foot()
        layout.addWidget(self._foot)
        self.show_row(None)

    def refuse(self, reason: str) -> None:
        """Say why nothing can be changed; empty where it can."""
        self._refusal = reason
        self._allow()

    def show_row(self, row: RightsRow | None) -> None:
        """Show another person, or nobody; the place is kept for the same one."""
        same = row is not None and self.row is not None and row.user_id == self.row.user_id
        if same and row == self.row:
            return
        self.row = row
        self.nobody.setVisible(row is None)
        self.area.setVisible(row is not None)
        self._foot.setVisible(row is not None)
        self._allow()
        if row is None:
            return
        place = self.area.verticalScrollBar().value() if same else 0
        self.area.setWidget(self._page(row))
        self.area.verticalScrollBar().setValue(place)

    def _allow(self) -> None:
        reason = self._refusal
        if not reason and self.row is not None and self.row.role is Role.ADMINISTRATOR:
            reason = _("An administrator may do everything in every project already.")
        self.give_button.setEnabled(not reason)
        self.give_button.setToolTip(plain_tip(reason))

    def _make_foot(self) -> QFrame:
        foot = QFrame()
        foot.setProperty("kind", "footer")
        row = QHBoxLayout(foot)
        row.setContentsMargins(16, 8, 16, 8)
        row.addWidget(self.give_button)
        row.addStretch(1)
        return foot

    def _page(self, row: RightsRow) -> QWidget:
        page = QWidget()
        page.setProperty("kind", "pane")
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(Metric.GRID)
        name = ElidedLabel(row.display_name or row.username)
        name.setProperty("kind", "title")
        column.addWidget(name)
        column.addLayout(self._badges(row))
        column.addWidget(separator())
        column.addWidget(label(_("Roles in single projects"), "heading"))
        if not row.projects:
            column.addWidget(label(_("None."), "muted"))
        for one in row.projects:
            column.addLayout(self._project(one))
        column.addWidget(separator())
        column.addLayout(self._heading(row))
        for use in row.rights:
            column.addLayout(self._right(words.right_words(use.operation), use.last_used_at))
        if not row.rights:
            column.addWidget(label(_("None beyond the roles in projects."), "muted"))
        column.addStretch(1)
        return page

    def _badges(self, row: RightsRow) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(StateBadge(self._theme, role_badge(row.role)))
        factor = StateBadge(self._theme, words.factor_badge(row))
        factor.setToolTip(_("Second factor"))
        line.addWidget(label(_("Second factor"), "muted"))
        line.addWidget(factor)
        line.addStretch(1)
        return line

    def _heading(self, row: RightsRow) -> QHBoxLayout:
        line = QHBoxLayout()
        line.addWidget(label(_("Rights and their last use"), "heading"))
        line.addStretch(1)
        if row.rights:
            unused = label(_("{count} unused").format(count=words.unused(row)), "muted")
            explain(unused, _("Not used for 90 days, or never"))
            line.addWidget(unused)
        return line

    def _right(self, right: str, at: datetime | None) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(Metric.GRID)
        line.addWidget(ElidedLabel(right), 1)
        badge = StateBadge(self._theme, words.use_badge(at))
        badge.setToolTip(plain_tip(words.moment_tip(at)))
        line.addWidget(badge)
        return line

    def _project(self, one: ProjectRoleRow) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(Metric.GRID)
        text = QVBoxLayout()
        text.setSpacing(1)
        role = _("{project}: {role}").format(project=one.project, role=role_words(one.role))
        text.addWidget(ElidedLabel(role))
        granted = ElidedLabel(
            _("by {name}, {ago}").format(name=one.granted_by, ago=ago(one.granted_at))
        )
        granted.setProperty("kind", "muted")
        granted.setToolTip(plain_tip(exact(one.granted_at)))
        text.addWidget(granted)
        line.addLayout(text, 1)
        line.addWidget(StateBadge(self._theme, words.use_badge(one.last_used_at)))
        take = icon_button(
            self._theme, "trash", _("Take this role away"), lambda: self.revoke_wanted.emit(one)
        )
        take.setEnabled(not self._refusal)
        if self._refusal:
            take.setToolTip(plain_tip(self._refusal))
        line.addWidget(take)
        return line
