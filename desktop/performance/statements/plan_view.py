"""A plan as a tree in words: for each step a chip, what it means, and SQLite's own line."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.performance.statements.schemas import Plan, PlanStep
from core.translation import ngettext
from desktop.figures import number
from desktop.performance.statements.index_making import IndexMaker
from desktop.performance.statements.suggested import SuggestedIndex
from desktop.performance.words import verdict_badge
from desktop.theme import FontRole
from desktop.widgets.marks import label
from desktop.widgets.state_badge import StateBadge

MOST_STEPS = 60
_INDENT = 20
_DEEPEST = 8
_TOP = Qt.AlignmentFlag.AlignTop


class PlanView(QFrame):
    """Shows a plan, or why there is none.

    Args:
        maker: Makes the index that it suggests.
        most: So many steps are shown; how many there are more is told.
    """

    def __init__(self, maker: IndexMaker, most: int = MOST_STEPS) -> None:
        super().__init__()
        self._theme, self._maker, self._most = maker.context.theme, maker, most
        self.plan: Plan | None = None
        self.suggested: SuggestedIndex | None = None
        self._body: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)
        self.none = label("", "muted", wrap=True)
        self.words = label("", wrap=True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._layout.addWidget(self.none)
        self._layout.addWidget(self.words)
        self.say("")

    def say(self, text: str) -> None:
        """Say something in the place of a plan."""
        self.plan = None
        self.words.hide()
        self._suggest(None)
        self._put(None)
        self.none.setText(text)
        self.none.setVisible(bool(text))

    def show_plan(self, plan: Plan) -> None:
        """Show a plan; nothing is made anew for the one that is shown already."""
        if plan == self.plan and self._body is not None:
            return
        self.plan = plan
        self.none.hide()
        self.words.setText(plan.words)
        self.words.show()
        self._suggest(plan)
        self._put(self._made(plan))

    def _suggest(self, plan: Plan | None) -> None:
        if self.suggested is None and plan is not None and plan.suggestion is not None:
            self.suggested = SuggestedIndex(self._maker)
            self._layout.insertWidget(self._layout.indexOf(self.words) + 1, self.suggested)
        if self.suggested is not None:
            self.suggested.show_plan(plan)

    def _put(self, body: QWidget | None) -> None:
        if self._body is not None:
            self._layout.removeWidget(self._body)
            self._body.hide()
            self._body.deleteLater()
        self._body = body
        if body is not None:
            self._layout.addWidget(body)

    def _made(self, plan: Plan) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        depths = _depths(plan)
        for step in plan.steps[: self._most]:
            column.addLayout(self._step(step, depths[step.id]))
        more = len(plan.steps) - self._most
        if more > 0:
            told = ngettext("and {count} step more", "and {count} steps more", more)
            column.addWidget(label(told.format(count=number(more)), "muted"))
        return body

    def _step(self, step: PlanStep, depth: int) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(_INDENT * min(depth, _DEEPEST), 0, 0, 0)
        row.setSpacing(10)
        badge = StateBadge(self._theme, verdict_badge(step.verdict, step.rows))
        row.addWidget(badge, 0, _TOP)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(label(step.words, wrap=True))
        own = label(step.detail, "muted", wrap=True)
        own.setFont(self._theme.font(FontRole.MONO))
        words.addWidget(own)
        row.addLayout(words, 1)
        return row


def _depths(plan: Plan) -> dict[int, int]:
    depths: dict[int, int] = {}
    for step in plan.steps:
        depths[step.id] = depths.get(step.parent, -1) + 1
    return depths
