"""The page itself: follows what is raised and over, and takes notes and thresholds."""

from collections.abc import Sequence

import shiboken6

from core.errors import AppError
from core.events import Event
from core.performance.alerts.schemas import AlertRule
from core.translation import _
from desktop.feed import Feed
from desktop.notifications import Kind
from desktop.performance.alerts.calls import AlertCalls, is_about_alerts
from desktop.performance.alerts.rules_form import RulesForm
from desktop.performance.alerts.view import AlertsView
from desktop.performance.page import GoTo, Page
from desktop.tabs import TabContext
from desktop.widgets.holder import page_holder
from desktop.widgets.single_window import SingleWindow

_EVERY_S = 15.0


class AlertsPage(Page):
    """What went wrong."""

    def __init__(self, context: TabContext, _go_to: GoTo) -> None:
        self._context = context
        self.calls = AlertCalls(context)
        self.view = AlertsView(
            context.theme,
            note_refusal=self.calls.note_refusal,
            rules_refusal=self.calls.rules_refusal,
        )
        self.form = SingleWindow[RulesForm]()
        self.holder = page_holder(context.theme, self.view, _("Alerts"))
        self.feed = Feed(
            context.tasks, self.holder, self.calls.alerts, self.view.show_alerts,
            every_s=_EVERY_S,
        )  # fmt: skip
        super().__init__(self.holder, self.feed)
        run = context.tasks.run
        self.view.noted.connect(lambda alert_id: run(self.acknowledge(alert_id)))
        self.view.rules_wanted.connect(lambda: run(self.edit_rules()))

    # The protocol of a page

    def on_event(self, event: Event) -> None:
        """Ask again after what changes alerts."""
        if is_about_alerts(event):
            self.feed.again()

    def focus_main(self) -> None:
        """Give the keyboard to the first open alert, to the history, or to the page."""
        first = next(iter(self.view.cards.values()), None)
        table = self.view.history.table
        (first.button if first else self.view if table.isHidden() else table).setFocus()

    def close(self) -> None:
        """Ask nothing more, and put the form away."""
        super().close()
        self.form.close()

    # What the person asks for

    async def acknowledge(self, alert_id: int) -> None:
        """Take note of an alert."""
        self.view.error.clear()
        try:
            await self.calls.acknowledge(alert_id)
        except AppError as error:
            self.view.error.show_error(error)
        self.feed.again()

    async def edit_rules(self) -> None:
        """Open the window with the thresholds."""
        self.view.error.clear()
        try:
            rules = await self.calls.rules()
        except AppError as error:
            self.view.error.show_error(error)
            return
        if not shiboken6.isValid(self.view):
            return
        self.form.open(lambda: self._make_form(rules))

    def _make_form(self, rules: Sequence[AlertRule]) -> RulesForm:
        context = self._context
        form = RulesForm(self.view, context.theme, context.tasks, self.calls, rules)
        form.saved.connect(self._tell_saved)
        return form

    def _tell_saved(self, _rules: object) -> None:
        self._context.notifications.notify(_("The thresholds are saved."), kind=Kind.SUCCESS)
