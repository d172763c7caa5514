"""Takes the curve of a running build in: rows, peaks and the position in one transaction."""

import asyncio
import logging
from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.repository import BuildRepository
from core.builds.running.results import Usage
from core.builds.running.samples import MOST_ROWS, RECORD, SampleBatch, SampleReader, joined
from core.builds.schemas import BuildSampleRow, SamplesGrown
from core.builds.tables import Build, BuildSample
from core.database.database import Database
from core.database.leases import Fence
from core.database.tables import table_of
from core.errors import DatabaseError

TOPIC = "build_samples"
LOOK_EVERY_S = 0.5

_SAMPLE = table_of(BuildSample)

_log = logging.getLogger(__name__)


async def samples_of(session: AsyncSession, build_id: int) -> list[BuildSampleRow]:
    """Return the curve of a build; rows that hold no numbers are left out."""
    columns = (_SAMPLE.c.offset_ms, _SAMPLE.c.cpu, _SAMPLE.c.memory, _SAMPLE.c.processes)
    query = select(*columns).where(_SAMPLE.c.build_id == build_id)
    found = await session.execute(query.order_by(_SAMPLE.c.offset_ms).limit(2 * MOST_ROWS))
    return [
        BuildSampleRow(row[0], float(row[1]), row[2], row[3])
        for row in found
        if all(isinstance(value, int | float) for value in row)
    ]


class CurveWriter:
    """Stores the samples of one build while it runs.

    Args:
        build: The stored build; its numbers were checked.
        folder: Its folder, the border to the supervisor.
    """

    def __init__(self, database: Database, fence: Fence, build: Build, folder: Path) -> None:
        assert build.id is not None
        self._build_id = build.id
        self._database = database
        self._fence = fence
        self._reader = SampleReader(folder, build.samples_offset // RECORD.size)
        self._cpu_peak = _number(build.cpu_peak)
        self._memory_peak = int(_number(build.memory_peak))
        self._ending = asyncio.Event()

    async def keep_taking_in(self) -> None:
        """Store what is sampled until ``end``; what finds no room is tried again later.

        Raises:
            LeaseLostError: Another process leads now and follows this build.
        """
        while not self._ending.is_set():
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._ending.wait()
            except TimeoutError:
                await self._take_in()

    def end(self) -> None:
        """Let ``keep_taking_in`` return."""
        self._ending.set()

    async def last(self) -> SampleBatch | None:
        """Return what is left at the end of the build, once little is."""
        while True:
            batch = await asyncio.to_thread(self._reader.next, last=True)
            if batch is None or not batch.more or not await self._store(batch):
                return batch

    async def add(
        self, session: AsyncSession, batch: SampleBatch | None, usage: Usage | None = None
    ) -> dict[str, object]:
        """Store rows within a transaction of the caller; return what the build keeps of all.

        Args:
            usage: What was used in all, where that is known: then it counts.
        """
        values: dict[str, object] = {}
        if batch is not None:
            await self._insert(session, batch)
            values = {
                "samples_offset": batch.taken * RECORD.size,
                "cpu_ms": batch.last.cpu_us // 1_000,
                "cpu_peak": max(self._cpu_peak, *(row.cpu for row in batch.rows)),
                "memory_peak": max(self._memory_peak, *(row.memory for row in batch.rows)),
            }
        if usage is not None:
            values["cpu_ms"] = usage.cpu_ms
            values["cpu_peak"] = usage.cpu_peak
            values["memory_peak"] = usage.memory_peak
        return values

    async def close(self) -> None:
        """Close the file, once nobody reads it any more."""
        await asyncio.to_thread(self._reader.close)

    async def _take_in(self) -> bool:
        """Store the next rows; tell whether there were any, and they are stored."""
        batch = await asyncio.to_thread(self._reader.next)
        return batch is not None and await self._store(batch)

    async def _store(self, batch: SampleBatch) -> bool:
        try:
            async with self._database.unit_of_work(fence=self._fence, patient=True) as unit:
                values = await self.add(unit.session, batch)
                await BuildRepository(unit.session).set_progress(self._build_id, values)
                unit.changed(TOPIC)
                unit.publish(SamplesGrown(self._build_id))
                await unit.commit()
        except DatabaseError as error:
            _log.info("Samples of build %d wait: %s", self._build_id, error.title)
            return False
        self._reader.accept(batch)
        self._cpu_peak = max(self._cpu_peak, *(row.cpu for row in batch.rows))
        self._memory_peak = max(self._memory_peak, *(row.memory for row in batch.rows))
        return True

    async def _insert(self, session: AsyncSession, batch: SampleBatch) -> None:
        if batch.halve:
            stored = await samples_of(session, self._build_id)
            of_build = _SAMPLE.c.build_id == self._build_id
            await session.execute(delete(_SAMPLE).where(of_build))
            if stored:
                await session.execute(insert(_SAMPLE), self._values(joined(stored)))
        # The build may have changed what it was read from: then the first of two counts.
        query = sqlite_insert(_SAMPLE).on_conflict_do_nothing()
        await session.execute(query, self._values(batch.rows))

    def _values(
        self, rows: list[BuildSampleRow] | tuple[BuildSampleRow, ...]
    ) -> list[dict[str, object]]:
        return [
            {
                "build_id": self._build_id,
                "offset_ms": row.offset_ms,
                "cpu": row.cpu,
                "memory": row.memory,
                "processes": row.processes,
            }
            for row in rows
        ]


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
