"""Reads and writes alerts in the database that keeps them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.tables import table_of
from core.performance.alerts.hysteresis import worse
from core.performance.alerts.schemas import AlertKind, AlertRow, AlertRule
from core.performance.alerts.words import title, words
from core.performance.backups.rules import stored_due
from core.performance.maintenance.repository import texts
from core.performance.maintenance.schemas import RunState, Task
from core.performance.tables import Alert, MaintenanceRun

KEPT = timedelta(days=365)
"""How long alerts that are over are kept."""

_ALERTS = table_of(Alert)
_RUNS = table_of(MaintenanceRun)
_OPEN = _ALERTS.c.cleared_at.is_(None)
_TELLING = (Task.INTEGRITY_CHECK.value, Task.QUICK_CHECK.value, Task.RESTORE.value)


class AlertRepository:
    """The alerts of one database, in one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def newest(self, limit: int) -> list[AlertRow]:
        """Return alerts, the newest first."""
        query = select(_ALERTS).order_by(_ALERTS.c.raised_at.desc(), _ALERTS.c.id.desc())
        return _rows(list(await self._session.execute(query.limit(limit))))

    async def open(self) -> list[AlertRow]:
        """Return those that are not over, the newest first."""
        query = select(_ALERTS).where(_OPEN).order_by(_ALERTS.c.raised_at.desc())
        return _rows(list(await self._session.execute(query)))

    async def find(self, alert_id: int) -> AlertRow | None:
        """Return one alert; None where there is none."""
        query = select(_ALERTS).where(_ALERTS.c.id == alert_id)
        return next(iter(_rows(list(await self._session.execute(query)))), None)

    async def raise_(
        self, rule: AlertRule, value: float, detail: str, now: datetime
    ) -> AlertRow | None:
        """Open an alert; None where one of its kind is open already."""
        adding = insert(_ALERTS).values(
            kind=rule.kind.value,
            value=value,
            threshold=rule.raise_at,
            detail=detail,
            raised_at=now,
            acknowledged_by="",
        )
        found = await self._session.execute(
            adding.on_conflict_do_nothing().returning(_ALERTS.c.id)
        )
        alert_id = found.scalar_one_or_none()
        return None if alert_id is None else await self.find(int(alert_id))

    async def clear(
        self, kind: AlertKind, value: float | None, now: datetime
    ) -> AlertRow | None:
        """End the open alert of a kind; None where there is none.

        Args:
            value: The worst figure since then; None where none is known.
        """
        found = next((row for row in await self.open() if row.kind is kind), None)
        if found is None:
            return None
        # Also where the clock was put back meanwhile.
        values: dict[str, Any] = {"cleared_at": max(now, found.raised_at)}
        if value is not None:
            values["value"] = worse(kind, found.value, value)
        await self._session.execute(
            update(_ALERTS).where(_ALERTS.c.id == found.id).values(values)
        )
        return await self.find(found.id)

    async def acknowledge(self, alert_id: int, who: str, now: datetime) -> None:
        """Enter that somebody took note, unless somebody did before."""
        await self._session.execute(
            update(_ALERTS)
            .where(_ALERTS.c.id == alert_id, _ALERTS.c.acknowledged_at.is_(None))
            .values(acknowledged_at=now, acknowledged_by=who)
        )

    async def remove_old(self, now: datetime) -> None:
        """Remove what has long been over."""
        await self._session.execute(delete(_ALERTS).where(_ALERTS.c.cleared_at < now - KEPT))

    async def problems(self) -> tuple[float | None, str]:
        """Return how many problems the last check found, and the first of them.

        A quick check that finds nothing says nothing of what an integrity check found, as it
        compares no index with its table; a restore says that all is well again. None where
        none of them was made.
        """
        at = func.max(_RUNS.c.started_at)  # SQLite returns the rest of that row with it
        newest = (
            select(_RUNS.c.task, _RUNS.c.findings, at)
            .where(_RUNS.c.task.in_(_TELLING), _RUNS.c.state == RunState.SUCCEEDED.value)
            .group_by(_RUNS.c.task)
            .order_by(at.desc())
        )
        runs = list(await self._session.execute(newest))
        for run in runs:
            findings = () if run.task == Task.RESTORE.value else texts(run.findings)
            if findings:
                return float(len(findings)), findings[0]
            if run.task != Task.QUICK_CHECK.value:
                break
        return (0.0 if runs else None), ""

    async def broken_keys(self) -> tuple[float | None, str]:
        """Return how many rows the last check of foreign keys told of, and its words.

        As ``problems``: None where none was made, and none are known after a restore.
        """
        tasks = (Task.FOREIGN_KEY_CHECK.value, Task.RESTORE.value)
        newest = (
            select(_RUNS.c.task, _RUNS.c.findings, _RUNS.c.message)
            .where(_RUNS.c.task.in_(tasks), _RUNS.c.state == RunState.SUCCEEDED.value)
            .order_by(_RUNS.c.started_at.desc(), _RUNS.c.id.desc())
        )
        run = (await self._session.execute(newest.limit(1))).first()
        if run is None:
            return None, ""
        if run.task == Task.RESTORE.value:
            return 0.0, ""
        return float(len(texts(run.findings))), run.message

    async def failed_backups(self) -> tuple[float, str]:
        """Return how many scheduled backups failed one after another, and why the last did.

        None did any more once a person made a backup.
        """
        due = await stored_due(self._session)
        failure = due.failure if due is not None else None
        if failure is None:
            return 0.0, ""
        made = select(_RUNS.c.id).where(
            _RUNS.c.task == Task.BACKUP.value,
            _RUNS.c.state == RunState.SUCCEEDED.value,
            _RUNS.c.started_at > failure.at,
        )
        if await self._session.scalar(made.limit(1)) is not None:
            return 0.0, ""
        return float(failure.count), failure.problem


def unstored_row(rule: AlertRule, value: float, detail: str, now: datetime) -> AlertRow:
    """Return an alert that could not be stored; its ``id`` is 0."""
    return AlertRow(
        id=0,
        kind=rule.kind,
        title=title(rule.kind),
        words=words(rule.kind, value, rule.raise_at, detail),
        value=value,
        threshold=rule.raise_at,
        raised_at=now,
        cleared_at=None,
        acknowledged_at=None,
        acknowledged_by="",
    )


def _rows(rows: list[Row[Any]]) -> list[AlertRow]:
    """Return stored alerts for showing, without those that another program wrote."""
    kinds = {kind.value: kind for kind in AlertKind}
    return [_row(row, kinds[row.kind]) for row in rows if row.kind in kinds]


def _row(row: Row[Any], kind: AlertKind) -> AlertRow:
    return AlertRow(
        id=row.id,
        kind=kind,
        title=title(kind),
        words=words(kind, row.value, row.threshold, row.detail),
        value=row.value,
        threshold=row.threshold,
        raised_at=row.raised_at,
        cleared_at=row.cleared_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
    )
