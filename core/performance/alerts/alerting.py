"""Judges each sample, and stores the alerts that it raises or ends."""

import asyncio
import contextlib
import dataclasses
import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from core.completion import end_logged
from core.database.leases import Fence
from core.errors import AppError
from core.events import Changed, Event
from core.performance.alerts.hysteresis import Judge
from core.performance.alerts.repository import AlertRepository, unstored_row
from core.performance.alerts.rules import DEFAULTS, for_disk, stored_rules
from core.performance.alerts.schemas import (
    AlertCleared,
    AlertKind,
    AlertRaised,
    AlertRow,
    AlertRule,
)
from core.performance.alerts.window import Figure
from core.performance.backups.schemas import BackupsChanged
from core.performance.maintenance.schemas import MaintenanceChanged
from core.performance.metrics.ring import Sample
from core.performance.metrics.sampler import Clocks
from core.performance.metrics.schemas import Metric
from core.performance.target import Target

TOPIC = "alerts"
RULES_TOPIC = "alert_rules"
AGAIN_AFTER_S = 10.0
PATIENCE_S = 5.0
_WATCHED = frozenset({RULES_TOPIC, "maintenance"})

_OF_METRICS = {
    AlertKind.DISK_LOW: Metric.DISK_FREE,
    AlertKind.ERROR_RATE: Metric.STATEMENT_ERRORS,
    AlertKind.WAL_LARGE: Metric.WAL_BYTES,
    AlertKind.LONG_TRANSACTION: Metric.LONGEST_TRANSACTION,
    AlertKind.CPU_HIGH: Metric.CPU,
    AlertKind.MEMORY_HIGH: Metric.MEMORY,
}

_log = logging.getLogger(__name__)


class Alerting:
    """Raises alerts while it is this process's turn: the leader's, in a workspace.

    What cannot be stored, since the disk is full or the database is locked, is told
    nevertheless, and stored as soon as that is possible.
    """

    def __init__(self, target: Target, clocks: Clocks) -> None:
        self._target = target
        self._clocks = clocks
        self._rules: Mapping[AlertKind, AlertRule] = {}
        self._judges: dict[AlertKind, Judge] = {}
        self._details: dict[AlertKind, str] = {}
        self._problems: float | None = None
        self._broken_keys: float | None = None
        self._backups: float | None = None
        self._unstored: dict[AlertKind, AlertRow] = {}
        # The worst figure of each that turned and is not stored yet.
        self._turned: dict[AlertKind, float | None] = {}
        self._outdated = True
        self._busy = False
        self._wake = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Watch a file that is not ours; in a workspace the leader does."""
        if self._target.keeper is not None:
            self._watching = asyncio.create_task(self.keep_watching())
            ended = end_logged(_log, "Alerts are not raised any more")
            self._watching.add_done_callback(ended)

    async def stop(self) -> None:
        """Watch no longer."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._watching = None

    @property
    def ready(self) -> bool:
        """Whether samples are judged."""
        return bool(self._judges)

    @property
    def settled(self) -> bool:
        """Whether all that is known is judged and stored."""
        return self.ready and not self._outdated and not self._turned and not self._busy

    @property
    def unstored(self) -> tuple[AlertRow, ...]:
        """The alerts that are open and could not be stored yet; their ``id`` is 0."""
        return tuple(self._unstored.values())

    def note(self, sample: Sample, failures: int) -> None:
        """Judge a sample.

        Args:
            failures: How often the database did not answer within the last minute.
        """
        now = self._clocks.monotonic()
        found: dict[AlertKind, Figure | None] = {
            kind: sample.values.get(metric) for kind, metric in _OF_METRICS.items()
        }
        found[AlertKind.SLOW_STATEMENTS] = sample.slowest_ms
        found[AlertKind.CONNECTION_FAILURES] = failures
        found[AlertKind.INTEGRITY_FAILED] = self._problems
        found[AlertKind.KEYS_BROKEN] = self._broken_keys
        found[AlertKind.BACKUP_FAILED] = self._backups
        for kind, judge in self._judges.items():
            if kind is AlertKind.DISK_LOW:
                judge.follow(for_disk(self._rules[kind], sample.disk_total))
            if judge.judge(found[kind], now):
                self._turn(kind, judge.worst)

    async def keep_watching(self, fence: Fence | None = None) -> None:
        """Raise and end alerts until cancelled.

        Raises:
            LeaseLostError: Another process leads now.
        """
        unsubscribe = self._target.bus.subscribe(self._note_event)
        self._outdated = True
        try:
            while True:
                self._wake.clear()
                self._busy = True
                done = await self._work(fence)
                self._busy = False
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None if done else AGAIN_AFTER_S):
                        await self._wake.wait()
        finally:
            unsubscribe()
            self._judges, self._unstored, self._turned = {}, {}, {}

    async def _work(self, fence: Fence | None) -> bool:
        """Do what is to be done, and tell whether all of it succeeded."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                if self._outdated:
                    self._outdated = False
                    await self._load()
        except (AppError, TimeoutError) as error:
            self._outdated = True
            _log.info("Alerts of %s cannot be read for now: %r", self._target.path, error)
        for kind in tuple(self._turned):
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._store(kind, fence)
            except (AppError, TimeoutError) as error:
                _log.info("An alert of %s is not stored yet: %r", self._target.path, error)
                self._tell_unstored(kind)
        return not self._outdated and not self._turned

    async def _load(self) -> None:
        """Read the rules, what is open, and what the last check found."""
        rules, raised = dict(DEFAULTS), set[AlertKind]()
        if await self._target.has_records():
            records = await self._target.records()
            async with records.read() as session:
                repository = AlertRepository(session)
                rules = await stored_rules(session)
                raised = {alert.kind for alert in await repository.open()}
                self._problems, detail = await repository.problems()
                self._details[AlertKind.INTEGRITY_FAILED] = detail
                self._broken_keys, detail = await repository.broken_keys()
                self._details[AlertKind.KEYS_BROKEN] = detail
                self._backups, detail = await repository.failed_backups()
                self._details[AlertKind.BACKUP_FAILED] = detail
        raised |= {kind for kind, judge in self._judges.items() if judge.raised}
        self._rules = rules
        self._judges = {
            kind: self._judge_of(rule, raised=kind in raised)
            for kind, rule in rules.items()
            if rule.enabled
        }
        for kind in raised - self._judges.keys():
            self._turned.setdefault(kind)

    def _judge_of(self, rule: AlertRule, *, raised: bool) -> Judge:
        """Return who judges by a rule: who did already knows what was, and the worst of it."""
        judge = self._judges.get(rule.kind)
        by_another = raised and rule.kind not in self._turned
        if judge is None or (by_another and not judge.raised):
            return Judge(rule, raised=raised)
        judge.follow(rule)
        return judge

    async def _store(self, kind: AlertKind, fence: Fence | None) -> None:
        rule, worst, now = self._raised_by(kind), self._turned.get(kind), datetime.now(UTC)
        if rule is None and not await self._target.has_records():
            self._turned.pop(kind, None)
            self._end_unstored(kind, now)
            return
        records = await self._target.records()
        async with records.unit_of_work(fence=fence) as unit:
            repository = AlertRepository(unit.session)
            if rule is not None:
                value = rule.raise_at if worst is None else worst
                detail = self._details.get(kind, "")
                row = await repository.raise_(rule, value, detail, now)
                await repository.remove_old(now)
            else:
                row = await repository.clear(kind, worst, now)
            unit.changed(TOPIC)
            await unit.commit()
        if (self._raised_by(kind) is None) is (rule is None):  # else it turned again meanwhile
            self._turned.pop(kind, None)
        if rule is not None:
            self._tell_stored(kind, row)
        else:
            self._tell_cleared(kind, row, now)

    def _raised_by(self, kind: AlertKind) -> AlertRule | None:
        """Return the rule by which an alert is to be open; None where none is."""
        judge = self._judges.get(kind)
        return judge.rule if judge is not None and judge.raised else None

    def _tell_stored(self, kind: AlertKind, row: AlertRow | None) -> None:
        told = self._unstored.pop(kind, None)
        if row is not None and told is None:
            self._target.bus.publish(AlertRaised(row, self._target.path))

    def _tell_cleared(self, kind: AlertKind, row: AlertRow | None, now: datetime) -> None:
        self._end_unstored(kind, now)
        if row is not None:
            self._target.bus.publish(AlertCleared(row, self._target.path))

    def _end_unstored(self, kind: AlertKind, now: datetime) -> None:
        """End an alert that was told and never stored."""
        told = self._unstored.pop(kind, None)
        if told is not None:
            over = dataclasses.replace(told, cleared_at=now)
            self._target.bus.publish(AlertCleared(over, self._target.path))

    def _tell_unstored(self, kind: AlertKind) -> None:
        rule, worst, now = self._raised_by(kind), self._turned.get(kind), datetime.now(UTC)
        if rule is None:
            self._end_unstored(kind, now)
        elif kind not in self._unstored:
            value = rule.raise_at if worst is None else worst
            row = unstored_row(rule, value, self._details.get(kind, ""), now)
            self._unstored[kind] = row
            self._target.bus.publish(AlertRaised(row, self._target.path))

    def _turn(self, kind: AlertKind, worst: float | None) -> None:
        if kind is AlertKind.LONG_TRANSACTION:
            owners = [one.owner for one in self._target.database.transactions.open()]
            self._details[kind] = owners[0] if owners else ""
        self._turned[kind] = worst
        self._wake.set()

    def _note_event(self, event: Event) -> None:
        if isinstance(event, MaintenanceChanged | BackupsChanged):
            outdated = event.path == self._target.path
        else:
            outdated = isinstance(event, Changed) and not event.topics.isdisjoint(_WATCHED)
        if outdated:
            self._outdated = True
            self._wake.set()
