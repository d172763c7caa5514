"""The card with the weightiest recommendations; it leads to all of them."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.performance.advice.schemas import Advice, Recommendation
from core.translation import _
from desktop.performance.words import advice_badge
from desktop.theme import Theme
from desktop.widgets.marks import button, label
from desktop.widgets.state_badge import StateBadge

_SHOWN = 3
_TOP = Qt.AlignmentFlag.AlignTop


class AdviceCard(QFrame):
    """What would make the database better; hidden where nothing is known of.

    Signals:
        wanted: All recommendations are to be seen.
        shown: It came, or went.
    """

    wanted = Signal()
    shown = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.advice: Advice | None = None
        self.setProperty("kind", "card")
        title = _("Recommendations")
        self.setAccessibleName(title)
        self.all_button = button(_("All recommendations"), self.wanted.emit, "link")
        head = QHBoxLayout()
        head.addWidget(label(title, "heading"))
        head.addStretch(1)
        head.addWidget(self.all_button)
        self._body: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(14, 12, 14, 14)
        self._layout.setSpacing(10)
        self._layout.addLayout(head)
        self._layout.addStretch(1)
        self.hide()

    def show_advice(self, advice: Advice | None) -> None:
        """Show what was found last; None where it was never looked for."""
        if advice == self.advice and self._body is not None:
            return
        self.advice = advice
        if self._body is not None:
            self._layout.removeWidget(self._body)
            self._body.hide()
            self._body.deleteLater()
            self._body = None
        if advice is not None and advice.found:
            self._body = _outdated() if advice.outdated else self._made(advice)
            self._layout.insertWidget(1, self._body)
        self.setVisible(self._body is not None)
        self.shown.emit()

    def _made(self, advice: Advice) -> QWidget:
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(1, 1)
        for line, one in enumerate(advice.found[:_SHOWN]):
            grid.addWidget(StateBadge(self._theme, advice_badge(one)), line, 0, _TOP)
            grid.addLayout(_words(one), line, 1)
        return body


def _outdated() -> QWidget:
    """Return what stands in the place of promises that may not hold any more."""
    return label(
        _("The file was changed or checked since they were found: look again there."),
        "muted",
        wrap=True,
    )


def _words(one: Recommendation) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(2)
    column.addWidget(label(one.title, wrap=True))
    column.addWidget(label(one.reason, "muted", wrap=True))
    return column
