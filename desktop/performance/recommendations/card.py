"""A recommendation on a card: what to do, why, the figures behind it, and Apply."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from core.performance.advice.schemas import AdviceKind, Recommendation
from core.translation import _
from desktop.performance.jobs import JobPlace
from desktop.performance.words import advice_badge
from desktop.tabs import TabContext
from desktop.theme import FontRole
from desktop.widgets.marks import button, label
from desktop.widgets.state_badge import StateBadge
from desktop.widgets.tips import explain

_TOP = Qt.AlignmentFlag.AlignTop
_LEFT = Qt.AlignmentFlag.AlignLeft
_MARK = 136
_MOST_LINES = 8
_ROOM = 22
_BY_CARE = (AdviceKind.DAMAGE, AdviceKind.FOREIGN_KEY_VIOLATIONS)


class AdviceCard(QFrame):
    """One recommendation.

    Args:
        refusal: Why nothing may be applied by this person; empty where it may.

    Signals:
        wanted: It is to be applied; carries the ``Recommendation``.
        care_wanted: The person goes to the page Maintenance, where they can do it themselves.
    """

    wanted = Signal(object)
    care_wanted = Signal()

    def __init__(self, context: TabContext, one: Recommendation, refusal: str) -> None:
        super().__init__()
        self.one, self._refusal = one, refusal
        self.setProperty("kind", "card")
        self.setAccessibleName(one.title)
        self.setAccessibleDescription(one.reason)
        self.badge = StateBadge(context.theme, advice_badge(one))
        self.reason = label(one.reason, "muted", wrap=True)
        figures = "   ".join(f"{figure.name}: {figure.value}" for figure in one.figures)
        self.figures = label(figures, wrap=True)
        self.sql = QPlainTextEdit("\n".join(one.will_do))
        self.sql.setReadOnly(True)
        self.sql.setTabChangesFocus(True)
        self.sql.setAccessibleName(_("What applying does"))
        self.sql.setFont(context.theme.font(FontRole.MONO))
        lines = min(max(len(one.will_do), 1), _MOST_LINES)
        self.sql.setFixedHeight(self.sql.fontMetrics().lineSpacing() * lines + _ROOM)
        self.why_not = label(one.why_not, "muted", wrap=True)
        self.button = button(_("Apply…"), lambda: self.wanted.emit(self.one))
        self.button.setAccessibleName(_("Apply: {title}").format(title=one.title))
        self.care_button = button(_("Maintenance"), self.care_wanted.emit)
        explain(self.care_button, _("Go to the checks and backups"))
        self.place = JobPlace(context)
        self.place.moved.connect(self._follow)
        self._lay_out()
        self.figures.setHidden(not figures)
        self.sql.setHidden(not one.will_do)
        self.button.setHidden(not one.will_do)
        self.care_button.setHidden(one.kind not in _BY_CARE)
        self.why_not.setHidden(not one.why_not)
        self._follow()

    def _follow(self) -> None:
        why = self._refusal or ("" if self.one.applicable else self.one.why_not)
        why = why or (_("It is running.") if self.place.busy else "")
        self.button.setDisabled(bool(why) or not self.one.applicable)
        explain(self.button, why or _("Shows what will be done, and asks first"))

    def _lay_out(self) -> None:
        title = label(self.one.title, "heading", wrap=True)
        for text in (title, self.reason, self.figures):
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout()
        column.setSpacing(5)
        for part in (title, self.reason, self.figures, self.sql, self.why_not, self.place):
            column.addWidget(part)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(12)
        mark = QWidget()
        mark.setMinimumWidth(_MARK)
        marked = QHBoxLayout(mark)
        marked.setContentsMargins(0, 0, 0, 0)
        marked.addWidget(self.badge, 0, _LEFT)
        row.addWidget(mark, 0, _TOP)
        row.addLayout(column, 1)
        row.addWidget(self.button, 0, _TOP)
        row.addWidget(self.care_button, 0, _TOP)
