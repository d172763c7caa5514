"""An open alert on a card: what is wrong, why it matters, and taking note of it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from core.performance.alerts.schemas import AlertRow
from core.translation import _
from desktop.performance.alerts import words
from desktop.theme import Role, Theme
from desktop.widgets.marks import Mark, button, label
from desktop.widgets.state_badge import StateBadge
from desktop.widgets.tips import plain_tip

_TOP = Qt.AlignmentFlag.AlignTop


class AlertCard(QFrame):
    """One alert.

    Args:
        refusal: Why it may not be noted; empty where it may.

    Signals:
        noted: The person takes note of it; carries its id.
    """

    noted = Signal(int)

    def __init__(self, theme: Theme, alert: AlertRow, refusal: str) -> None:
        super().__init__()
        self.alert = alert
        self.setProperty("kind", "card")
        self.badge = StateBadge(theme, words.state_badge(alert))
        self.title = label(alert.title, "heading")
        self.words = label(alert.words, wrap=True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.facts = label("", "muted", wrap=True)
        self.button = button(_("Acknowledge"), lambda: self.noted.emit(self.alert.id))
        self.button.setDisabled(bool(refusal))
        self.button.setToolTip(plain_tip(refusal or _("Say that you have seen it")))
        role = Role.FAILURE if words.is_grave(alert) else Role.WARNING
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.title)
        head.addWidget(self.badge)
        head.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.words)
        column.addWidget(self.facts)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(12)
        row.addWidget(Mark(theme, "warning", role, 20), 0, _TOP)
        row.addLayout(column, 1)
        row.addWidget(self.button, 0, _TOP)
        self.show_alert(alert)

    def show_alert(self, alert: AlertRow) -> None:
        """Show the same alert as it is by now."""
        self.alert = alert
        self.setAccessibleName(alert.title)
        self.setAccessibleDescription(alert.words)
        self.title.setText(alert.title)
        self.words.setText(alert.words)
        self.badge.set_badge(words.state_badge(alert))
        noted = words.noted(alert)
        self.facts.setText("\n".join(filter(None, (words.facts(alert), noted))))
        self.button.setVisible(alert.acknowledged_at is None)
