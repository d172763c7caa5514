"""Makes backups by themselves: a duty of the leader of a workspace.

When the next one is due stands in the workspace, so that one that was missed while nobody had
it open is made as soon as somebody has; many that were missed are one.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime, tzinfo
from typing import Any

from core.database.fields.times import utc_now
from core.database.leases import Fence, LeaseLostError
from core.errors import AppError, CancelledByUserError
from core.events import Changed, Event
from core.performance.backups.rules import (
    LONGEST_PROBLEM,
    RULES_TOPIC,
    Due,
    Failure,
    store_due,
    stored_due,
    stored_rules,
)
from core.performance.backups.schemas import BackupRules, BackupsChanged
from core.performance.backups.stages import stage
from core.performance.target import Target
from core.schedules import LocalZone, next_time

# So long at the most until a clock that jumped, or a machine that slept, is noticed.
LONGEST_WAIT_S = 30.0
RETRY_S = 10.0

_log = logging.getLogger(__name__)


class BackupSchedule:
    """Watches the rules while this process leads.

    Args:
        make: Makes a backup by the rules, and removes those that are to go.
        now: Returns the time.
        zone: Of the times in the rules.
    """

    def __init__(
        self,
        target: Target,
        make: Callable[[BackupRules], Coroutine[Any, Any, None]],
        *,
        now: Callable[[], datetime] = utc_now,
        zone: tzinfo | None = None,
    ) -> None:
        self._target = target
        self._make = make
        self._now = now
        self._zone = zone or LocalZone()
        self._wake = asyncio.Event()
        # What came out and could not be stored yet: it is not done once more.
        self._unnoted: Due | None = None

    async def keep_backed_up(self, fence: Fence) -> None:
        """Make backups when they are due, until cancelled or another process leads."""
        unsubscribe = self._target.bus.subscribe(self._on_event)
        self._unnoted = None
        try:
            while True:
                self._wake.clear()
                try:
                    pause = await self.turn(fence)
                except LeaseLostError:
                    return
                except AppError as error:
                    _log.warning("Scheduled backups wait: %s", error.as_text())
                    pause = RETRY_S
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
        finally:
            unsubscribe()

    async def turn(self, fence: Fence) -> float:
        """Make a backup if one is due; return after how many seconds to look again.

        Raises:
            LeaseLostError: Another process leads now.
            DatabaseError: The rules cannot be read, or what is due not be noted.
        """
        async with self._target.database.read() as session:
            rules, due = await stored_rules(session), await stored_due(session)
        if self._unnoted is not None:
            due = self._unnoted
            await self._note(fence, due)
        if not rules.enabled:
            if due is not None and due.next_at is not None:
                # Turned on again, it does not make up for the time between.
                await self._note(fence, Due(expression=rules.expression, next_at=None))
            return LONGEST_WAIT_S
        if due is None or due.next_at is None or due.expression != rules.expression:
            met, failure = (None, None) if due is None else (due.met_at, due.failure)
            due = await self._planned(fence, rules, met, failure)
        elif due.is_due(self._now()):
            failure = await self._contained(rules, due.failure)
            due = await self._planned(fence, rules, due.next_at, failure)
        else:
            following = next_time(rules.expression, self._now(), due.met_at, self._zone)
            # The clock was put back, perhaps.
            if following is not None and following < (due.next_at or following):
                due = await self._planned(fence, rules, due.met_at, due.failure)
        return self._pause(due)

    async def _planned(
        self, fence: Fence, rules: BackupRules, met: datetime | None, failure: Failure | None
    ) -> Due:
        at = next_time(rules.expression, self._now(), met, self._zone)
        due = Due(expression=rules.expression, next_at=at, met_at=met, failure=failure)
        await self._note(fence, due)
        return due

    async def _note(self, fence: Fence, due: Due) -> None:
        self._unnoted = due
        async with self._target.database.unit_of_work(fence=fence, patient=True) as unit:
            await store_due(unit.session, due)
            unit.publish(BackupsChanged(self._target.path))
            await unit.commit()
        self._unnoted = None

    async def _contained(self, rules: BackupRules, before: Failure | None) -> Failure | None:
        """Make one; return the failure, if it is one: the next one is tried all the same.

        An alert tells of it. Where a person cancels it, what was before still holds.
        """
        try:
            # Whoever leads no more is told so, also where the backup came to its end.
            await stage(self._make(rules))
        except CancelledByUserError as error:
            _log.info("A scheduled backup was cancelled: %s", error.as_text())
            return before
        except AppError as error:
            _log.error("A scheduled backup failed: %s", error.as_text())
            why = " ".join(filter(None, (error.title, error.detail, error.hint)))
            count = 1 + (before.count if before else 0)
            return Failure(count=count, problem=why[:LONGEST_PROBLEM], at=self._now())
        return None

    def _pause(self, due: Due) -> float:
        if due.next_at is None:
            return LONGEST_WAIT_S
        left = (due.next_at - self._now()).total_seconds()
        return min(max(left, 0.05), LONGEST_WAIT_S)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Changed) and RULES_TOPIC in event.topics:
            self._wake.set()
