"""A line above the figures while something is wrong; it leads to the alerts."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from core.performance.alerts.schemas import AlertRow
from core.translation import _
from desktop.performance.alerts.words import facts, is_grave, open_count, worst
from desktop.theme import Role, Theme
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.marks import Mark, button, label


class AlertStrip(QFrame):
    """The worst open alert; hidden while there is none.

    Signals:
        wanted: The alerts are to be seen.
    """

    wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.mark = Mark(theme, "warning", Role.WARNING, 18)
        self.title = label("", "heading")
        self.facts = ElidedLabel()
        self.facts.setProperty("kind", "muted")
        self.button = button(_("Show alerts"), self.wanted.emit, "link")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.setSpacing(10)
        row.addWidget(self.mark)
        row.addWidget(self.title)
        row.addWidget(self.facts, 1)
        row.addWidget(self.button)
        self.hide()

    def show_alerts(self, alerts: Sequence[AlertRow]) -> None:
        """Show the worst of the open alerts, or nothing."""
        first = worst(alerts)
        if first is None:
            self.hide()
            return
        self.mark.show_icon("warning", Role.FAILURE if is_grave(first) else Role.WARNING)
        self.title.setText(first.title)
        several = open_count(len(alerts)) if len(alerts) > 1 else ""
        self.facts.setText(" · ".join(filter(None, (facts(first), several))))
        self.setAccessibleName(first.title)
        self.setAccessibleDescription(first.words)
        self.show()
