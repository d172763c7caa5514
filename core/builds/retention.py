"""Removes logs and artifacts as the rules say; a duty of the leader. The builds stay.

A row never promises what is gone: it says that a log or artifacts were removed in the
transaction that removes the first of them, and files go after that. What a crash left of a
log is removed at the next turn, files by the sweep of artifacts.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.logs.problems import keeping
from core.builds.rules.schemas import BuildRules
from core.builds.rules.service import TOPIC as RULES_TOPIC
from core.builds.rules.stored import stored_rules
from core.database.database import Database
from core.database.fields.times import UtcDateTime, utc_now
from core.database.leases import Fence, LeaseLostError
from core.errors import AppError
from core.events import Changed, Event, EventBus

TOPIC = "builds"
FIRST_AFTER_S = 30.0
EVERY_S = 3_600.0
# What has just ended is looked at, copied and searched; it is left in peace for a while.
SETTLED_AFTER = timedelta(minutes=10)
CHUNKS_AT_ONCE = 64
SAMPLES_AT_ONCE = 5_000
_MIB = 1024 * 1024

_log = logging.getLogger(__name__)

_ENDED = "state IN ('success', 'failed', 'cancelled')"


def _overdue(size: str, removed_at: str, spared: str) -> str:
    """Return the query for what is to go: by rank in its project, age, and size of all."""
    return (
        "WITH kept AS (SELECT id, project_id, state, pinned, finished_at,"  # noqa: S608
        " row_number() OVER (PARTITION BY project_id ORDER BY number DESC) AS place,"
        f" sum({size}) OVER (ORDER BY finished_at DESC, id DESC ROWS UNBOUNDED PRECEDING)"
        f" AS total FROM builds WHERE {_ENDED} AND {removed_at} IS NULL AND {size} > 0)"
        " SELECT id FROM kept WHERE NOT pinned AND finished_at < :settled"
        f" AND {spared} AND (place > :builds OR finished_at < :before OR total > :bytes)"
        " ORDER BY finished_at, id"
    )


def _with_times(query: str, *names: str) -> TextClause:
    times = [bindparam(name, type_=UtcDateTime) for name in names]
    return text(query).bindparams(*times)


_LOGS = _with_times(_overdue("log_bytes", "log_removed_at", "place > 1"), "settled", "before")
_ARTIFACTS = _with_times(
    _overdue(
        "artifact_bytes",
        "artifacts_removed_at",
        "id NOT IN (SELECT max(id) FROM kept WHERE state = 'success' GROUP BY project_id)",
    ),
    "settled",
    "before",
)
# Once all of a log is gone, its build counts no chunks: the index holds what is left over.
HALF_REMOVED = text(
    "SELECT id FROM builds INDEXED BY ix_builds_half_removed"
    " WHERE log_removed_at IS NOT NULL AND log_chunks > 0"
)
_SAY_LOG_REMOVED = _with_times(
    "UPDATE builds SET log_removed_at = :now, version = version + 1, updated_at = :now"  # noqa: S608
    f" WHERE id = :id AND NOT pinned AND log_removed_at IS NULL AND {_ENDED} RETURNING id",
    "now",
)
_SAY_ARTIFACTS_REMOVED = _with_times(
    "UPDATE builds SET artifacts_removed_at = :now, version = version + 1,"  # noqa: S608
    " updated_at = :now WHERE id = :id AND NOT pinned AND artifacts_removed_at IS NULL"
    f" AND {_ENDED} RETURNING id",
    "now",
)
_MARK_ARTIFACTS = _with_times(
    "UPDATE artifacts SET removed_at = :now WHERE build_id = :id AND removed_at IS NULL", "now"
)
_DELETE_MARKS = text("DELETE FROM build_log_marks WHERE build_id = :id")
_DELETE_CHUNKS = text(
    "DELETE FROM build_log_chunks WHERE id IN (SELECT id FROM build_log_chunks"
    " WHERE build_id = :id ORDER BY sequence LIMIT :count) RETURNING id"
)
_COUNT_NO_CHUNKS = text("UPDATE builds SET log_chunks = 0 WHERE id = :id")
_DELETE_SAMPLES = text(
    "DELETE FROM build_samples WHERE build_id = :id AND offset_ms IN (SELECT offset_ms"
    " FROM build_samples WHERE build_id = :id ORDER BY offset_ms LIMIT :count)"
    " RETURNING offset_ms"
)


class Retention:
    """Removes what the rules do not keep; pinned builds and what has not ended keep all.

    With a log go the marks and the curves of its build; the figures stay, and the problems.

    Args:
        sweep: Deletes the files of artifacts of which no row says that they are kept; it is
            done now and then in any case.
    """

    def __init__(
        self, database: Database, bus: EventBus, sweep: Callable[[], Awaitable[int]]
    ) -> None:
        self._database = database
        self._bus = bus
        self._sweep = sweep
        self._wake = asyncio.Event()

    async def keep_removing(self, fence: Fence) -> None:
        """Remove soon, every hour, and when the rules change, until cancelled."""
        unsubscribe = self._bus.subscribe(self._on_event)
        try:
            await self._wait(FIRST_AFTER_S)
            while True:
                try:
                    await self.remove(fence)
                except LeaseLostError:
                    return
                except (AppError, OSError) as error:
                    _log.warning("Old logs and artifacts stay for now: %s", error)
                await self._wait(EVERY_S)
        finally:
            unsubscribe()

    async def remove(self, fence: Fence) -> tuple[int, int]:
        """Remove what is to go by now; return of how many builds logs and artifacts went.

        Raises:
            LeaseLostError: Another process leads.
            DatabaseError: The database cannot be read or written now.
        """
        async with self._database.read(snapshot=True) as session:
            rules = await stored_rules(session)
            now = utc_now()
            logs = await _found(session, _LOGS, now, rules, "logs")
            artifacts = await _found(session, _ARTIFACTS, now, rules, "artifacts")
            halves = list((await session.scalars(HALF_REMOVED)).all())
        for build_id in halves:
            await self._remove_rest(build_id, fence)
        gone = [await self._remove_log(build_id, fence) for build_id in logs]
        without = [await self._remove_artifacts(build_id, fence) for build_id in artifacts]
        counts = sum(gone), sum(without)
        if any(counts):
            _log.info("Removed the logs of %d builds and the artifacts of %d", *counts)
            await self._tell(fence)
        if any(without):
            await self._sweep()
        return counts

    async def _remove_log(self, build_id: int, fence: Fence) -> bool:
        # What only the log tells; of most builds it is known since their end.
        await keeping.find(self._database, build_id, fence)
        async with self._database.unit_of_work(fence=fence, patient=True) as unit:
            values = {"id": build_id, "now": utc_now()}
            if await unit.session.scalar(_SAY_LOG_REMOVED, values) is None:
                return False  # pinned meanwhile, or deleted
            await unit.session.execute(_DELETE_MARKS, {"id": build_id})
            whole = await _delete_some(unit.session, build_id)
            await unit.commit()
        if not whole:
            await self._remove_rest(build_id, fence)
        return True

    async def _remove_rest(self, build_id: int, fence: Fence) -> None:
        """Delete the log of a build that says that it was removed, a piece at a time."""
        whole = False
        while not whole:
            async with self._database.unit_of_work(fence=fence, patient=True) as unit:
                whole = await _delete_some(unit.session, build_id)
                await unit.commit()

    async def _remove_artifacts(self, build_id: int, fence: Fence) -> bool:
        async with self._database.unit_of_work(fence=fence, patient=True) as unit:
            values = {"id": build_id, "now": utc_now()}
            if await unit.session.scalar(_SAY_ARTIFACTS_REMOVED, values) is None:
                return False
            await unit.session.execute(_MARK_ARTIFACTS, values)
            await unit.commit()
        return True

    async def _tell(self, fence: Fence) -> None:
        async with self._database.unit_of_work(fence=fence, patient=True) as unit:
            unit.changed(TOPIC)
            await unit.commit()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Changed) and RULES_TOPIC in event.topics:
            self._wake.set()

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        self._wake.clear()


async def _found(
    session: AsyncSession, query: TextClause, now: datetime, rules: BuildRules, kind: str
) -> list[int]:
    days, builds, mib = (getattr(rules, f"{kind}_{unit}") for unit in ("days", "builds", "mib"))
    if days is None and builds is None and mib is None:
        return []
    values = {
        "settled": now - SETTLED_AFTER,
        "before": None if days is None else now - timedelta(days=days),
        "builds": builds,
        "bytes": None if mib is None else mib * _MIB,
    }
    return list((await session.scalars(query, values)).all())


async def _delete_some(session: AsyncSession, build_id: int) -> bool:
    """Delete pieces of a log and of the curves; return whether nothing of them is left."""
    chunks = {"id": build_id, "count": CHUNKS_AT_ONCE}
    samples = {"id": build_id, "count": SAMPLES_AT_ONCE}
    deleted = len((await session.execute(_DELETE_CHUNKS, chunks)).all())
    curves = len((await session.execute(_DELETE_SAMPLES, samples)).all())
    if deleted == CHUNKS_AT_ONCE or curves == SAMPLES_AT_ONCE:
        return False
    await session.execute(_COUNT_NO_CHUNKS, {"id": build_id})
    return True
