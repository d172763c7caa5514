"""What each role may do, in words, made of the table that the services ask."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from core.security.actors import Role
from core.translation import _
from desktop.theme import Theme
from desktop.users.rights import words
from desktop.users.roles import role_badge
from desktop.widgets.marks import icon_button, label, separator
from desktop.widgets.state_badge import StateBadge


class Legend(QFrame):
    """A card with a column for each role.

    Signals:
        closed: The person put it away.
    """

    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setAccessibleName(_("What the roles may do"))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 8, 14)
        row.setSpacing(16)
        self.texts: dict[Role, QLabel] = {}
        for role in Role:
            if role is not Role.VIEWER:
                row.addWidget(separator(vertical=True))
            row.addLayout(self._column(theme, role), 2 if role is Role.ADMINISTRATOR else 1)
        close = icon_button(theme, "x", _("Put away"), self.closed.emit)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)

    def _column(self, theme: Theme, role: Role) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(StateBadge(theme, role_badge(role)))
        head.addWidget(label(_beginning(role), "muted"))
        head.addStretch(1)
        text = label(" · ".join(words.rights_of(role)), wrap=True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.texts[role] = text
        column.addLayout(head)
        column.addWidget(text, 1)
        return column


def _beginning(role: Role) -> str:
    return {
        Role.VIEWER: _("may"),
        Role.OPERATOR: _("may that, and"),
        Role.ADMINISTRATOR: _("may all of that, and"),
    }[role]
