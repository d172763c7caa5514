"""The statements of a database: their figures, the slow ones, and plans in words."""

import logging
import time
from collections.abc import Iterable, Mapping

from sqlalchemy.exc import DBAPIError

from core.database.audit_trail import Deed, Subject
from core.database.monitor import SlowRun, StatementFigures
from core.database.monitor.figures import PlanLine
from core.errors import DatabaseError
from core.performance.statements.pasted import explain_pasted
from core.performance.statements.plans import Asked, described, explain
from core.performance.statements.schemas import (
    Explained,
    Plan,
    SlowStatement,
    StatementKind,
    StatementRow,
    Statements,
)
from core.performance.target import Target
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import permitted

# Tables grow, and indexes come and go.
_PLANS_HOLD_S = 60.0

_Key = tuple[str, tuple[PlanLine, ...]]

_log = logging.getLogger(__name__)


class StatementService:
    """What statements cost in one open database, and how SQLite goes about them.

    Args:
        target: The database.
    """

    def __init__(self, target: Target) -> None:
        self.gate = target.gate
        self._target = target
        self._monitor = target.database.monitor
        self._plans: dict[_Key, Plan] = {}
        self._plans_until = 0.0

    @permitted(Operation.PERFORMANCE_READ)
    async def list_of(self, actor: Actor) -> Statements:
        """Return the figures of all statements that this process ran, the costliest first.

        Plans are missing of statements that ran once and quickly, and while the schema cannot
        be read.
        """
        snapshot = self._monitor.snapshot()
        plans = await self._explained((_key(one), one) for one in snapshot.statements)
        rows = tuple(_row(one, plans) for one in snapshot.statements)
        return Statements(rows, snapshot.since, snapshot.dropped, snapshot.total)

    @permitted(Operation.PERFORMANCE_READ)
    async def slow(
        self, actor: Actor, *, fingerprint: str | None = None
    ) -> tuple[SlowStatement, ...]:
        """Return the last runs that were slow, of all statements or of one, newest first."""
        runs = [
            run
            for run in self._monitor.slow()
            if fingerprint is None or run.fingerprint.name == fingerprint
        ]
        plans = await self._explained((_key(run), run) for run in runs)
        return tuple(_slow(run, plans) for run in runs)

    @permitted(Operation.PERFORMANCE_READ)
    async def plan_of(self, actor: Actor, *, fingerprint: str) -> Plan | None:
        """Return the plan of a statement; None where it has none, or is not known any more.

        Where it was not asked for while the statement ran, it is now, without its values; None
        where it cannot be made without them.

        Raises:
            AppError: The database cannot be read.
        """
        found = [
            one
            for one in self._monitor.snapshot().statements
            if one.fingerprint.name == fingerprint
        ]
        if not found or not found[0].fingerprint.plannable:
            return None
        key = _key(found[0])
        if key is not None and (plan := (await self._explained([(key, found[0])])).get(key)):
            return plan
        try:
            async with self._target.database.read(snapshot=True) as session:
                return await explain(session, found[0].fingerprint.plannable)
        except DBAPIError as error:
            _log.debug("no plan of %s: %s", fingerprint, error)
            return None

    @permitted(Operation.PERFORMANCE_READ)
    async def explain(self, actor: Actor, *, script: str) -> tuple[Explained, ...]:
        """Explain the statements of a text, for this database; none of them is run.

        Raises:
            AppError: The database cannot be read.
        """
        return await explain_pasted(self._target.database, script)

    @permitted(Operation.STATEMENTS_RESET)
    async def reset(self, actor: Actor) -> None:
        """Forget all figures and slow runs, and count anew.

        Raises:
            AppError: It could not be entered into the audit trail.
        """
        if self._target.managed:
            subject = Subject("database", "", self._target.name)
            await self._target.database.record(
                Deed(actor, Operation.STATEMENTS_RESET.key, subject)
            )
        self._monitor.reset()
        self._plans.clear()

    async def _explained(
        self, subjects: Iterable[tuple[_Key | None, StatementFigures | SlowRun]]
    ) -> Mapping[_Key, Plan]:
        """Return the plans that were asked for while the statements ran, in words."""
        now = time.monotonic()
        if now >= self._plans_until:
            self._plans.clear()
            self._plans_until = now + _PLANS_HOLD_S
        missing = {
            key: Asked(subject.fingerprint.plannable, key[1])
            for key, subject in subjects
            if key is not None and key not in self._plans
        }
        try:
            if missing:
                async with self._target.database.read(snapshot=True) as session:
                    plans = await described(session, list(missing.values()))
                self._plans.update(zip(missing, plans, strict=True))
        except DatabaseError as error:
            # The figures are worth seeing also while another program has the file.
            _log.debug("no plans of statements: %s", error)
        return dict(self._plans)


def _key(subject: StatementFigures | SlowRun) -> _Key | None:
    return None if subject.plan is None else (subject.fingerprint.name, subject.plan)


def _row(figures: StatementFigures, plans: Mapping[_Key, Plan]) -> StatementRow:
    key = _key(figures)
    plan = plans.get(key) if key is not None else None
    return StatementRow(
        fingerprint=figures.fingerprint.name,
        text=figures.fingerprint.text,
        kind=StatementKind(figures.fingerprint.kind.value),
        count=figures.count,
        total_ms=figures.total_s * 1000,
        mean_ms=figures.total_s * 1000 / max(figures.count, 1),
        p50_ms=figures.p50_s * 1000,
        p95_ms=figures.p95_s * 1000,
        p99_ms=figures.p99_s * 1000,
        max_ms=figures.longest_s * 1000,
        rows=figures.rows,
        errors=figures.errors,
        last_at=figures.last_at,
        verdict=plan.verdict if plan else None,
        plan_words=plan.words if plan else "",
        cancelled=figures.cancelled,
    )


def _slow(run: SlowRun, plans: Mapping[_Key, Plan]) -> SlowStatement:
    key = _key(run)
    return SlowStatement(
        id=run.id,
        fingerprint=run.fingerprint.name,
        text=run.fingerprint.text,
        at=run.at,
        duration_ms=run.duration_s * 1000,
        rows=run.rows,
        parameter_types=run.parameter_types,
        caller=run.caller,
        plan=plans.get(key) if key is not None else None,
    )
