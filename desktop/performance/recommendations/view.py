"""How the page is laid out: recommendations, the weightiest first, and what was applied."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from core.performance.advice.schemas import Advice, Recommendation
from core.translation import _
from desktop.performance.jobs import JobPlace
from desktop.performance.recommendations.applied import AppliedCard
from desktop.performance.recommendations.calls import Advised
from desktop.performance.recommendations.card import AdviceCard
from desktop.performance.recommendations.words import looked
from desktop.performance.scroll import GAP, ScrollPage
from desktop.tabs import TabContext
from desktop.theme import Metric, Role
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.marks import Mark, button, label

_EMPTY = 280
_AT_ONCE = 5


class RecommendationsView(ScrollPage):
    """The page.

    Args:
        refusal: Why nothing may be applied; empty where it may.

    Signals:
        find_wanted: It is to be looked anew.
        apply_wanted: Carries the ``Recommendation``.
        care_wanted: The page Maintenance is wanted.
    """

    find_wanted = Signal()
    apply_wanted = Signal(object)
    care_wanted = Signal()

    def __init__(self, context: TabContext, refusal: str) -> None:
        super().__init__(_("Recommendations"))
        self._context, self._refusal = context, refusal
        self.cards: dict[str, AdviceCard] = {}
        self._found: tuple[Recommendation, ...] = ()
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._make_some)
        self.at = label("", "muted")
        self.button = button(_("Look again"), self.find_wanted.emit)
        self.place = JobPlace(context)
        self.place.moved.connect(self._follow)
        self.notes = label("", "muted", wrap=True)
        self.empty = EmptyState(
            context.theme,
            icon="lightbulb",
            title=_("Nobody looked yet"),
            text=_(
                "Tables, indexes, settings and the statements that were run are looked at, and"
                " each recommendation comes with the figures behind it."
            ),
            action=_("Look for recommendations"),
        )
        self.empty.triggered.connect(self.find_wanted)
        self.empty.setMinimumHeight(_EMPTY)
        self.calm = _calm(context)
        self._list = QVBoxLayout()
        self._list.setSpacing(GAP)
        self.applied = AppliedCard(context, refusal)
        self._lay_out()
        self.show_advice(None)

    @property
    def applying(self) -> bool:
        """Whether one of them is being applied."""
        return any(card.place.busy for card in self.cards.values())

    @property
    def busy(self) -> bool:
        """Whether anything goes on here: what is outdated then is told when it has ended."""
        return self.place.busy or self.applied.place.busy or self.applying

    def show_advised(self, advised: Advised) -> None:
        """Show what was found and what was applied."""
        self.applied.show_rows(advised.applied)
        self.show_advice(advised.advice)

    def show_advice(self, advice: Advice | None) -> None:
        """Show what was found; None where nobody looked yet."""
        self.empty.setVisible(advice is None)
        self.button.setVisible(advice is not None)
        self.calm.setVisible(advice is not None and not advice.found)
        self.at.setText(looked(advice) if advice else "")
        notes = advice.notes if advice else ()
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))
        if self.applying:
            return  # what is under way stays in sight; it is asked again afterwards
        self._found = advice.found if advice else ()
        self._put_away()
        self._make_some()

    def _put_away(self) -> None:
        """Put away the cards of what is not found any more, or otherwise."""
        found = {one.key: one for one in self._found}
        for key, card in list(self.cards.items()):
            if card.one != found.get(key):
                self._list.removeWidget(card)
                card.hide()
                card.deleteLater()
                del self.cards[key]

    def _make_some(self) -> None:
        """Make a few of the cards that are missing; the others once the window went on."""
        missing = [one for one in self._found if one.key not in self.cards]
        for one in missing[:_AT_ONCE]:
            self.cards[one.key] = self._make(one)
        shown = [one.key for one in self._found if one.key in self.cards]
        self.cards = {key: self.cards[key] for key in shown}
        for place, card in enumerate(self.cards.values()):
            if self._list.indexOf(card) != place:
                self._list.insertWidget(place, card)
        if missing[_AT_ONCE:]:
            self._soon.start()

    def _make(self, one: Recommendation) -> AdviceCard:
        card = AdviceCard(self._context, one, self._refusal)
        card.wanted.connect(self.apply_wanted)
        card.care_wanted.connect(self.care_wanted)
        return card

    def _follow(self) -> None:
        for part in (self.button, self.empty.button):
            part.setDisabled(self.place.busy)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Metric.GRID)
        head.addWidget(label(_("Recommendations"), "title"))
        head.addWidget(self.at)
        head.addStretch(1)
        head.addWidget(self.button)
        self.add(head)
        for part in (self.place, self.notes, self.empty, self.calm):
            self.add(part)
        self.add(self._list)
        self.add(self.applied)


def _calm(context: TabContext) -> QFrame:
    card = QFrame()
    card.setProperty("kind", "card")
    title = _("Nothing to recommend")
    text = _("No figure of this database supports a change.")
    card.setAccessibleName(title)
    card.setAccessibleDescription(text)
    row = QHBoxLayout(card)
    row.setContentsMargins(16, 14, 16, 14)
    row.setSpacing(12)
    row.addWidget(Mark(context.theme, "check-circle", Role.SUCCESS, 22))
    row.addWidget(label(title, "heading"))
    row.addWidget(label(text, "muted"), 1)
    return card
