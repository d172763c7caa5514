"""Tells of alerts wherever one is in the window: in the status bar, and once in a card."""

from collections.abc import Callable, Sequence

from core.errors import AppError
from core.events import Event
from core.performance.alerts.schemas import AlertCleared, AlertKind, AlertRaised, AlertRow
from core.security.actors import Actor
from core.translation import _
from desktop.core_thread import WorkspaceClient
from desktop.notifications import Choice, Kind, Notifications
from desktop.performance.alerts.calls import is_about_alerts
from desktop.performance.alerts.words import is_grave, open_count, worst
from desktop.refresher import Refresher
from desktop.status_bar import StatusBar
from desktop.tasks import TaskRunner

_PAUSE_S = 1.0


class AlertNews:
    """Follows the alerts of one open database.

    Args:
        show: Leads to the alerts.
    """

    def __init__(
        self,
        client: WorkspaceClient,
        actor: Actor,
        tasks: TaskRunner,
        status: StatusBar,
        notifications: Notifications,
        show: Callable[[], object],
    ) -> None:
        self._client, self._actor = client, actor
        self._status, self._notifications, self._show = status, notifications, show
        self._told: dict[AlertKind, int] = {}
        self._refresh = Refresher(tasks, self._fetch, _PAUSE_S)

    def start(self) -> None:
        """Show what is open already; a card tells only of what is raised from now on."""
        self._refresh.ask()

    def on_event(self, event: Event) -> None:
        """Take an event of the core."""
        if is_about_alerts(event):
            self._refresh.ask()
        if not isinstance(event, AlertRaised | AlertCleared):
            return
        if event.path == self._client.info.path:
            self._withdraw(event.alert)
            if isinstance(event, AlertRaised):
                self._tell(event.alert)

    def _tell(self, alert: AlertRow) -> None:
        kind = Kind.ERROR if is_grave(alert) else Kind.WARNING
        choice = Choice(_("Show alerts"), self._show)
        told = self._notifications.notify(alert.title, alert.words, kind, (choice,))
        self._told[alert.kind] = told

    def _withdraw(self, alert: AlertRow) -> None:
        """Put the card of an alert away that is over, or worse by now."""
        told = self._told.pop(alert.kind, None)
        if told is not None:
            self._notifications.dismiss(told)

    async def _fetch(self) -> None:
        try:
            found = await self._client.run(
                lambda workspace: workspace.performance.alerts.open(self._actor)
            )
        except AppError:
            return  # that the database does not answer is told in the same place
        self._show_worst(found)

    def _show_worst(self, alerts: Sequence[AlertRow]) -> None:
        first = worst(alerts)
        if first is None:
            self._status.show_alert("")
            return
        tip = first.words if len(alerts) == 1 else f"{first.words}\n{open_count(len(alerts))}"
        self._status.show_alert(first.title, tip, grave=is_grave(first))
