"""Reads and writes the runs of maintenance."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.tables import table_of
from core.performance.maintenance.figures import read_back
from core.performance.maintenance.schemas import MaintenanceRow, RunState, Task
from core.performance.tables import MaintenanceRun

_RUNS = table_of(MaintenanceRun)
# Stands in the place of the statements that take it back.
_TAKEN_BACK = json.dumps("taken back")


class RunsRepository:
    """The runs of one file, in one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put(self, values: dict[str, Any]) -> int:
        """Store a run, or what it is now, by its ``uid``; return its id."""
        adding = insert(_RUNS).values(**values)
        changes = {name: adding.excluded[name] for name in values if name != "uid"}
        adding = adding.on_conflict_do_update(index_elements=["uid"], set_=changes)
        found = await self._session.execute(adding.returning(_RUNS.c.id))
        return int(found.scalar_one())

    async def newest(self, limit: int, tasks: Collection[Task] = ()) -> list[Row[Any]]:
        """Return rows, of all tasks where none are named, the newest first."""
        query = select(_RUNS).order_by(_RUNS.c.started_at.desc(), _RUNS.c.id.desc())
        if tasks:
            query = query.where(_RUNS.c.task.in_([task.value for task in tasks]))
        return list(await self._session.execute(query.limit(limit)))

    async def newest_of_each(self) -> list[Row[Any]]:
        """Return the newest row of each task and state, the newest first."""
        last = select(func.max(_RUNS.c.id)).group_by(_RUNS.c.task, _RUNS.c.state)
        query = select(_RUNS).where(_RUNS.c.id.in_(last))
        return list(await self._session.execute(query.order_by(_RUNS.c.id.desc())))

    async def get(self, run_id: int) -> Row[Any] | None:
        """Return a run; None where there is none."""
        return (await self._session.execute(select(_RUNS).where(_RUNS.c.id == run_id))).first()

    async def running(self) -> list[Row[Any]]:
        """Return those that are said to be running."""
        query = select(_RUNS).where(_RUNS.c.state == RunState.RUNNING.value)
        return list(await self._session.execute(query))

    async def end(self, uid: str, state: RunState, message: str) -> None:
        """Store how a run ended whose process died."""
        values = {"state": state.value, "message": message}
        if state is not RunState.SUCCEEDED:
            values["undo"] = "[]"
        dead = update(_RUNS).where(_RUNS.c.uid == uid, _RUNS.c.state == RunState.RUNNING.value)
        await self._session.execute(dead.values(**values))

    async def taken_back(self, run_id: int) -> None:
        """Store that what a run did is taken back, and cannot be once more."""
        done = update(_RUNS).where(_RUNS.c.id == run_id)
        await self._session.execute(done.values(undo=_TAKEN_BACK))

    async def remove_old(self, kept: int) -> None:
        """Remove all but the newest, the last of each task and state, and what has an undo."""
        newest = select(_RUNS.c.id).order_by(_RUNS.c.id.desc()).limit(kept)
        last = select(func.max(_RUNS.c.id)).group_by(_RUNS.c.task, _RUNS.c.state)
        old = _RUNS.c.id.not_in(newest) & _RUNS.c.id.not_in(last)
        await self._session.execute(
            delete(_RUNS).where(old, _RUNS.c.undo.in_(("", "[]", _TAKEN_BACK)))
        )

    async def succeeded(self, task: Task, limit: int) -> list[Row[Any]]:
        """Return the newest runs of a task that came to a good end."""
        query = select(_RUNS).where(
            _RUNS.c.task == task.value, _RUNS.c.state == RunState.SUCCEEDED.value
        )
        query = query.order_by(_RUNS.c.started_at.desc()).limit(limit)
        return list(await self._session.execute(query))


def as_row(row: Row[Any]) -> MaintenanceRow | None:
    """Return a stored run for showing; None where another program wrote it."""
    try:
        task, state = Task(row.task), RunState(row.state)
    except ValueError:
        return None
    return MaintenanceRow(
        id=row.id,
        task=task,
        state=state,
        subject=row.subject,
        started_at=row.started_at,
        duration_ms=row.duration_ms,
        actor=row.actor,
        origin=row.origin,
        before=read_back(row.before),
        after=read_back(row.after),
        findings=texts(row.findings),
        message=row.message,
        can_undo=state is RunState.SUCCEEDED and bool(texts(row.undo)),
        taken_back=row.undo == _TAKEN_BACK,
    )


def texts(stored: str) -> tuple[str, ...]:
    """Return a stored list of texts; none where what is stored makes no sense."""
    try:
        found = json.loads(stored)
    except (ValueError, RecursionError):
        return ()
    return tuple(map(str, found)) if isinstance(found, list) else ()
