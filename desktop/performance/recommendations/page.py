"""The page itself: shows what was found, looks anew, applies and takes back."""

from datetime import datetime

import shiboken6
from PySide6.QtWidgets import QMessageBox

from core.events import Event
from core.performance.advice.schemas import AdviceChanged, Recommendation
from core.performance.maintenance.schemas import MaintenanceChanged, MaintenanceRow
from core.translation import _
from desktop.async_dialogs import ask
from desktop.feed import Feed
from desktop.notifications import Kind
from desktop.performance.page import GoTo, Page
from desktop.performance.recommendations.calls import AdviceCalls, Advised
from desktop.performance.recommendations.view import RecommendationsView
from desktop.performance.recommendations.words import apply_text
from desktop.tabs import TabContext
from desktop.widgets.holder import page_holder

_EVERY_S = 30.0


class RecommendationsPage(Page):
    """What would make the database better."""

    def __init__(self, context: TabContext, go_to: GoTo) -> None:
        self._context = context
        self.calls = AdviceCalls(context)
        self.view = RecommendationsView(context, self.calls.apply_refusal)
        self.holder = page_holder(context.theme, self.view, _("Recommendations"))
        self._renewed: datetime | None = None
        self.feed = Feed(
            context.tasks, self.holder, self.calls.advised, self._show_advised,
            every_s=_EVERY_S,
        )  # fmt: skip
        super().__init__(self.holder, self.feed)
        view, run = self.view, context.tasks.run
        view.care_wanted.connect(lambda: go_to("maintenance"))
        view.find_wanted.connect(lambda: run(self.find()))
        view.apply_wanted.connect(lambda one: run(self.apply(one)))
        view.applied.undo_wanted.connect(lambda row: run(self.undo(row)))

    # The protocol of a page

    def on_event(self, event: Event) -> None:
        """Ask again after something was found, applied or taken back."""
        path = self._context.workspace.info.path
        if isinstance(event, (AdviceChanged, MaintenanceChanged)) and event.path == path:
            self.feed.again()

    def focus_main(self) -> None:
        """Give the keyboard to the first recommendation, or to looking for some."""
        view = self.view
        ready = [card.button for card in view.cards.values() if card.button.isEnabled()]
        look = view.empty.button if view.empty.isVisibleTo(view) else view.button
        (ready[0] if ready else look).setFocus()

    # What the person asks for

    async def find(self) -> None:
        """Look for recommendations."""
        if self.view.place.busy:
            return
        advice = await self.view.place.run(self.calls.find)
        if advice is not None:
            self.view.show_advice(advice)

    def _show_advised(self, advised: Advised) -> None:
        """Show what was found; where that is outdated, look anew, once."""
        self.view.show_advised(advised)
        advice = advised.advice
        if advice is None or not advice.outdated or self.view.busy:
            return
        if advice.at != self._renewed:
            self._renewed = advice.at
            self._context.tasks.run(self.find())

    async def apply(self, one: Recommendation) -> None:
        """Do what a recommendation says, once the person has agreed."""
        card = self.view.cards.get(one.key)
        title = _("{title}?").format(title=one.title)
        if card is None or card.place.busy:
            return
        if not await self._agreed(title, apply_text(one), _("Apply")):
            return
        if not shiboken6.isValid(card):
            return
        done = await card.place.run(lambda ticket: self.calls.apply(one, ticket))
        if done is not None:
            self._tell(one.title, done)
        self.feed.again()

    async def undo(self, row: MaintenanceRow) -> None:
        """Take back what was applied, once the person has agreed."""
        if self.view.applied.place.busy:
            return
        title = _("Take back: {what}?").format(what=row.subject)
        text = _("What was changed is put back as it was before.")
        if not await self._agreed(title, text, _("Take back")):
            return
        done = await self.view.applied.place.run(lambda ticket: self.calls.undo(row, ticket))
        if done is not None:
            self._tell(_("Taken back: {what}").format(what=row.subject), done)
        self.feed.again()

    async def _agreed(self, title: str, text: str, action: str) -> bool:
        chosen, _tick = await ask(
            self.view,
            title=title,
            text=text,
            actions=(
                (action, QMessageBox.ButtonRole.AcceptRole),
                (_("Cancel"), QMessageBox.ButtonRole.RejectRole),
            ),
        )
        return chosen == 0

    def _tell(self, title: str, row: MaintenanceRow) -> None:
        self._context.notifications.notify(title, row.message, kind=Kind.SUCCESS)
