"""Shows alerts and takes note of who has seen them; keeps their rules."""

from collections.abc import Sequence
from datetime import UTC, datetime

from core.database.audit_trail import Deed, Subject, differences
from core.errors import NotFoundError
from core.performance.alerts.alerting import RULES_TOPIC, TOPIC, Alerting
from core.performance.alerts.repository import AlertRepository
from core.performance.alerts.rules import (
    DEFAULTS,
    as_values,
    checked,
    store_rules,
    stored_rules,
)
from core.performance.alerts.schemas import AlertKind, AlertRow, AlertRule
from core.performance.target import Target
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import permitted
from core.translation import _

MOST = 1_000


class AlertService:
    """The alerts of one database."""

    def __init__(self, target: Target, alerting: Alerting) -> None:
        self.gate = target.gate
        self._target = target
        self._alerting = alerting

    @permitted(Operation.PERFORMANCE_READ)
    async def list_of(self, actor: Actor, *, limit: int = 200) -> tuple[AlertRow, ...]:
        """Return alerts, also those that are over, the newest first.

        Args:
            limit: At most so many, and never more than 1,000.
        """
        stored: list[AlertRow] = []
        if await self._target.has_records():
            records = await self._target.records()
            async with records.read() as session:
                stored = await AlertRepository(session).newest(min(max(limit, 0), MOST))
        return (*self._alerting.unstored, *stored)

    @permitted(Operation.PERFORMANCE_READ)
    async def open(self, actor: Actor) -> tuple[AlertRow, ...]:
        """Return the alerts that are not over, the newest first."""
        stored: list[AlertRow] = []
        if await self._target.has_records():
            records = await self._target.records()
            async with records.read() as session:
                stored = await AlertRepository(session).open()
        return (*self._alerting.unstored, *stored)

    @permitted(Operation.ALERTS_ACKNOWLEDGE)
    async def acknowledge(self, actor: Actor, *, alert_id: int) -> AlertRow:
        """Take note of an alert; the first who does so is remembered.

        Raises:
            NotFoundError: It is gone, or not stored yet.
        """
        records = await self._target.records() if await self._target.has_records() else None
        if records is None:
            raise _gone()
        async with records.unit_of_work() as unit:
            repository = AlertRepository(unit.session)
            before = await repository.find(alert_id)
            if before is None:
                raise _gone()
            if before.acknowledged_at is not None:
                return before
            await repository.acknowledge(alert_id, actor.user, datetime.now(UTC))
            after = await repository.find(alert_id)
            if self._target.keeper is None:
                subject = Subject("alert", str(alert_id), before.kind.value)
                unit.record(Deed(actor, Operation.ALERTS_ACKNOWLEDGE.key, subject))
            unit.changed(TOPIC)
            await unit.commit()
        return after or before

    @permitted(Operation.PERFORMANCE_READ)
    async def rules(self, actor: Actor) -> tuple[AlertRule, ...]:
        """Return the rule of each kind; only workspaces have backups on schedule."""
        rules = dict(DEFAULTS)
        if await self._target.has_records():
            records = await self._target.records()
            async with records.read() as session:
                rules = await stored_rules(session)
        if self._target.keeper is not None:
            del rules[AlertKind.BACKUP_FAILED]
        return tuple(rules.values())

    @permitted(Operation.ALERTS_RULES)
    async def change_rules(
        self, actor: Actor, *, rules: Sequence[AlertRule]
    ) -> tuple[AlertRule, ...]:
        """Put rules in force; kinds that are not named get their usual rule.

        Raises:
            ValidationError: A rule makes no sense; the fields are named after the kinds.
        """
        wanted = checked(rules)
        records = await self._target.records()
        async with records.unit_of_work() as unit:
            before = await stored_rules(unit.session)
            await store_rules(unit.session, wanted.values())
            if self._target.keeper is None:
                changes = differences(as_values(before.values()), as_values(wanted.values()))
                subject = Subject("alert_rules", "", "")
                unit.record(Deed(actor, Operation.ALERTS_RULES.key, subject, changes))
            unit.changed(RULES_TOPIC)
            await unit.commit()
        return tuple(wanted.values())


def _gone() -> NotFoundError:
    return NotFoundError(
        _("This alert cannot be found."),
        hint=_("Look at the list again: it may have been removed, or not be stored yet."),
    )
