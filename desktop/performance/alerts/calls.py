"""What the page asks of the core."""

from collections.abc import Sequence

from core.events import Changed, Event
from core.performance.alerts.schemas import AlertCleared, AlertRaised, AlertRow, AlertRule
from core.security.operations import Operation
from desktop.performance.calls import PageCalls
from desktop.tabs import TabContext


class AlertCalls(PageCalls):
    """Alerts, and the rules after which they are raised."""

    async def alerts(self) -> tuple[AlertRow, ...]:
        """Return the last alerts, also those that are over."""
        return await self.ask(lambda p, actor: p.alerts.list_of(actor))

    async def open_alerts(self) -> tuple[AlertRow, ...]:
        """Return the alerts that are not over."""
        return await self.ask(lambda p, actor: p.alerts.open(actor))

    async def acknowledge(self, alert_id: int) -> None:
        """Take note of an alert."""
        await self.ask(lambda p, actor: p.alerts.acknowledge(actor, alert_id=alert_id))

    async def rules(self) -> tuple[AlertRule, ...]:
        """Return the rule of each kind."""
        return await self.ask(lambda p, actor: p.alerts.rules(actor))

    async def change_rules(self, rules: Sequence[AlertRule]) -> tuple[AlertRule, ...]:
        """Put rules in force."""
        return await self.ask(lambda p, actor: p.alerts.change_rules(actor, rules=rules))

    @property
    def note_refusal(self) -> str:
        """Why alerts may not be noted; empty where they may."""
        return self.refusal(Operation.ALERTS_ACKNOWLEDGE)

    @property
    def rules_refusal(self) -> str:
        """Why rules may not be changed; empty where they may."""
        return self.refusal(Operation.ALERTS_RULES)


def is_about_alerts(event: Event) -> bool:
    """Tell whether alerts may be others after an event."""
    if isinstance(event, Changed):
        return "alerts" in event.topics
    return isinstance(event, (AlertRaised, AlertCleared))


async def count_open(context: TabContext) -> int:
    """Return how many alerts are open that nobody noted."""
    found = await AlertCalls(context).open_alerts()
    return sum(one.acknowledged_at is None for one in found)
