"""Tells whether what was found out of a file still holds, by what was done to it since."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from core.errors import DatabaseError
from core.performance.maintenance.repository import RunsRepository
from core.performance.maintenance.schemas import RunState, Task
from core.performance.target import Target

CHANGING = frozenset(
    {
        Task.VACUUM,
        Task.INCREMENTAL_VACUUM,
        Task.REINDEX,
        Task.RESTORE,
        Task.ADVICE,
        Task.UNDO,
    }
)
"""What changes which pages a file has, and what they hold."""

CONCERNING = frozenset(Task) - {Task.BACKUP, Task.VERIFY}
"""What changes anything that is recommended."""

_LOOKED_AT = 20

_log = logging.getLogger(__name__)


async def changed_since(target: Target, at: datetime, tasks: Collection[Task]) -> bool:
    """Tell whether one of these ended well after a moment; False where no record is read."""
    try:
        if not await target.has_records():
            return False
        records = await target.records()
        async with records.read() as session:
            runs = await RunsRepository(session).newest(_LOOKED_AT, tasks)
    except DatabaseError as error:
        _log.info("What was done to %s is not known: %s", target.name, error)
        return False
    return any(
        run.state == RunState.SUCCEEDED.value
        and run.started_at + timedelta(milliseconds=run.duration_ms) > at
        for run in runs
    )
