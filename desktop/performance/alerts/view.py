"""How the page is laid out: open alerts first, then all that were."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from core.performance.alerts.schemas import AlertKind, AlertRow
from core.translation import _
from desktop.figures import brief, exact
from desktop.performance.alerts import words
from desktop.performance.alerts.card import AlertCard
from desktop.performance.scroll import GAP, ScrollPage
from desktop.performance.table_card import TableCard
from desktop.performance.words import NONE
from desktop.theme import Role, Theme
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.marks import Mark, button, label
from desktop.widgets.paged_table import Column
from desktop.widgets.tips import plain_tip

_MOST_ROWS = 12


class AlertsView(ScrollPage):
    """The page.

    Args:
        note_refusal: Why alerts may not be noted; empty where they may.
        rules_refusal: Why rules may not be changed; empty where they may.

    Signals:
        noted: An alert is to be noted; carries its id.
        rules_wanted: The thresholds are to be seen and changed.
    """

    noted = Signal(int)
    rules_wanted = Signal()

    def __init__(self, theme: Theme, *, note_refusal: str, rules_refusal: str) -> None:
        super().__init__(_("Alerts"))
        self._theme, self._refusal = theme, note_refusal
        # Of a kind one is open at a time; what is not stored yet has no id of its own.
        self.cards: dict[AlertKind, AlertCard] = {}
        self.rules_button = button(_("Thresholds…"), self.rules_wanted.emit)
        self.rules_button.setToolTip(
            plain_tip(rules_refusal or _("From which figures on alerts are raised"))
        )
        self.rules_button.setDisabled(bool(rules_refusal))
        head = QHBoxLayout()
        head.addWidget(label(_("Alerts"), "title"))
        head.addStretch(1)
        head.addWidget(self.rules_button)
        self.error = ErrorPanel(theme)
        self.calm = _calm(theme)
        self._open = QVBoxLayout()
        self._open.setSpacing(GAP)
        self.history = TableCard[AlertRow](
            theme, _("History"), _columns(), key=lambda row: (row.id, row.kind),
            most=_MOST_ROWS, empty=_("No alert was raised yet."),
        )  # fmt: skip
        self.add(head)
        self.add(self.error)
        self.add(self.calm)
        self.add(self._open)
        self.add(self.history)
        self.calm.hide()

    def show_alerts(self, alerts: Sequence[AlertRow]) -> None:
        """Show the alerts as they are by now."""
        opened = {alert.kind: alert for alert in alerts if alert.open}
        if list(opened) != list(self.cards):
            self._replace(opened.values())
        for kind, alert in opened.items():
            self.cards[kind].show_alert(alert)
        self.calm.setVisible(not opened)
        self.history.show_rows(alerts)

    def _replace(self, alerts: Iterable[AlertRow]) -> None:
        for card in self.cards.values():
            self._open.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = {}
        for alert in alerts:
            card = AlertCard(self._theme, alert, self._refusal)
            card.noted.connect(self.noted)
            self.cards[alert.kind] = card
            self._open.addWidget(card)


def _columns() -> tuple[Column[AlertRow], ...]:
    return (
        Column("state", _("State"), lambda row: words.state_badge(row).word, width=110,
            badge=words.state_badge),
        Column("title", _("What"), lambda row: row.title, width=0, strong=True,
            tip=lambda row: row.words),
        Column("raised_at", _("Raised"), lambda row: brief(row.raised_at), muted=True,
            width=160, tip=lambda row: exact(row.raised_at), value=lambda row: row.raised_at),
        Column("lasted", _("Lasted"), words.lasted, right=True, width=90),
        Column("value", _("At worst"), lambda row: words.value_words(row.kind, row.value),
            right=True, width=96, value=lambda row: row.value, tip=words.value_tip),
        Column("threshold", _("Told from"),
            lambda row: words.value_words(row.kind, row.threshold), right=True, width=96,
            value=lambda row: row.threshold),
        Column("noted", _("Noted by"), lambda row: row.acknowledged_by or NONE, width=140,
            tip=words.noted),
    )  # fmt: skip


def _calm(theme: Theme) -> QFrame:
    card = QFrame()
    card.setProperty("kind", "card")
    title, text = _("Nothing is wrong"), _("No figure is over its threshold.")
    card.setAccessibleName(title)
    card.setAccessibleDescription(text)
    row = QHBoxLayout(card)
    row.setContentsMargins(16, 14, 16, 14)
    row.setSpacing(12)
    row.addWidget(Mark(theme, "check-circle", Role.SUCCESS, 22))
    row.addWidget(label(title, "heading"))
    row.addWidget(label(text, "muted"), 1)
    return card
