"""Writes the log of one build: batches of chunks, within the cap, whatever the disk does."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.logs import store
from core.builds.logs.chunks import Chunk
from core.builds.repository import BuildRepository
from core.builds.tables import Build
from core.database.database import Database
from core.database.leases import Fence
from core.errors import DatabaseError, DiskFullError
from core.events import EventBus, NoticeRaised
from core.translation import _

TOPIC = "build_logs"
RETRY_S = 0.5

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class LogBatch:
    """Chunks that are stored together, with what was found in them.

    ``counts`` is how much the log holds with these chunks: errors, warnings, bytes.
    """

    chunks: Sequence[Chunk]
    marks: list[store.Mark] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


class LogWriter:
    """Stores batches in order; each commit also says how far the spool was taken in.

    Args:
        cap_bytes: How much raw log is kept at the most; the middle is dropped.
    """

    def __init__(
        self, database: Database, bus: EventBus, fence: Fence, build: Build, cap_bytes: int
    ) -> None:
        assert build.id is not None
        self._build_id = build.id
        self._database = database
        self._bus = bus
        self._fence = fence
        self._cap_bytes = cap_bytes
        self._stored_bytes = build.log_bytes - build.dropped_bytes
        self._dropped = {
            "dropped_first": build.dropped_first,
            "dropped_lines": build.dropped_lines,
            "dropped_bytes": build.dropped_bytes,
        }

    async def write(self, batch: LogBatch) -> None:
        """Commit a batch, as soon as there is room."""
        await self.when_there_is_room(lambda: self._commit(batch))

    async def when_there_is_room(self, commit: Callable[[], Awaitable[None]]) -> None:
        """Try a commit until the disk is not full; the spool keeps what comes meanwhile."""
        told = False
        while True:
            try:
                await commit()
            except DiskFullError as error:
                if not told:
                    told = True
                    detail = _("Running builds wait for room; nothing of their logs is lost.")
                    self._bus.publish(NoticeRaised(error.title, detail, error.hint))
                await asyncio.sleep(RETRY_S)
            else:
                return

    async def regroup(self) -> None:
        """Join the small chunks that a slow build left; each join is a short transaction."""
        after: int | None = -1
        try:
            while after is not None:
                async with self._database.read(snapshot=True) as session:
                    run, after = await store.small_run(session, self._build_id, after)
                if run and not await self._join(run):
                    return
        except DatabaseError as error:
            _log.warning("Log of build %d was not regrouped: %s", self._build_id, error.title)

    async def _join(self, run: Sequence[Row[Any]]) -> bool:
        whole = await asyncio.to_thread(store.regrouped, run)
        await asyncio.to_thread(lambda: whole.data)
        async with self._database.unit_of_work(fence=self._fence, patient=True) as unit:
            joined = await store.replace(unit.session, self._build_id, run, whole)
            if joined:
                await unit.commit()
            return joined

    async def add(self, session: AsyncSession, batch: LogBatch) -> tuple[int, dict[str, int]]:
        """Store a batch within a transaction of the caller.

        Returns:
            How much is stored, and what was dropped, once that transaction is committed.
        """
        dropped = dict(self._dropped)
        stored = self._stored_bytes + sum(len(chunk.raw) for chunk in batch.chunks)
        await store.append(session, self._build_id, batch.chunks, batch.marks)
        if stored > self._cap_bytes:
            first, lines, size = await store.drop_middle(
                session,
                self._build_id,
                head_bytes=self._cap_bytes // 2,
                excess=stored - self._cap_bytes,
            )
            stored -= size
            if not dropped["dropped_bytes"]:
                dropped["dropped_first"] = first
            dropped["dropped_lines"] += lines
            dropped["dropped_bytes"] += size
        last = batch.chunks[-1]
        progress = {
            **batch.counts,
            **dropped,
            "log_lines": last.first_line + last.line_count,
            "log_chunks": last.sequence + 1,
            "log_open": not last.ends_line,
            "spool_segment": last.end.segment,
            "spool_offset": last.end.offset,
            "spool_skip": last.end.skip,
        }
        await BuildRepository(session).set_progress(self._build_id, progress)
        return stored, dropped

    async def _commit(self, batch: LogBatch) -> None:
        async with self._database.unit_of_work(fence=self._fence, patient=True) as unit:
            kept = await self.add(unit.session, batch)
            unit.changed(TOPIC)
            await unit.commit()
        self._stored_bytes, self._dropped = kept
