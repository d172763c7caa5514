"""Reads and writes the benchmarks that were run."""

import json
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.tables import table_of
from core.performance.benchmarks.schemas import (
    BenchmarkKind,
    BenchmarkResult,
    BenchmarkRow,
    BenchmarkSettings,
    BenchmarkState,
    Machine,
)
from core.performance.tables import BenchmarkRun

_RUNS = table_of(BenchmarkRun)
_RESULT = TypeAdapter(BenchmarkResult)
_MACHINE = TypeAdapter(Machine)


class BenchmarksRepository:
    """The benchmarks of one file, in one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, values: dict[str, Any]) -> BenchmarkRow:
        """Store a benchmark that has ended."""
        found = await self._session.execute(insert(_RUNS).values(**values).returning(_RUNS))
        row = as_row(found.one())
        assert row is not None
        return row

    async def newest(self, limit: int) -> list[BenchmarkRow]:
        """Return benchmarks, the newest first; without those that another program wrote."""
        query = select(_RUNS).order_by(_RUNS.c.started_at.desc(), _RUNS.c.id.desc())
        found = await self._session.execute(query.limit(limit))
        return [row for row in map(as_row, found) if row is not None]

    async def find(self, run_id: int) -> BenchmarkRow | None:
        """Return one benchmark, None where there is none that can be read."""
        found = (await self._session.execute(select(_RUNS).where(_RUNS.c.id == run_id))).first()
        return None if found is None else as_row(found)

    async def remove(self, run_id: int) -> bool:
        """Delete a benchmark; tell whether it was there."""
        gone = delete(_RUNS).where(_RUNS.c.id == run_id).returning(_RUNS.c.id)
        return (await self._session.execute(gone)).first() is not None


def stored(
    settings: BenchmarkSettings, result: BenchmarkResult | None, machine: Machine
) -> dict[str, str]:
    """Return the columns that are JSON."""
    return {
        "settings": settings.model_dump_json(),
        "result": "" if result is None else json.dumps(asdict(result)),
        "machine": json.dumps(asdict(machine)),
    }


def checked_result(value: object) -> BenchmarkResult:
    """Return a result that came as JSON has it.

    Raises:
        ValueError: It is none.
    """
    return _RESULT.validate_python(value)


def as_row(row: Row[Any]) -> BenchmarkRow | None:
    """Return a stored benchmark for showing; None where it makes no sense."""
    try:
        return BenchmarkRow(
            id=row.id,
            kind=BenchmarkKind(row.kind),
            settings=BenchmarkSettings.model_validate_json(row.settings),
            result=_RESULT.validate_json(row.result) if row.result else None,
            state=BenchmarkState(row.state),
            message=row.message,
            label=row.label,
            started_at=row.started_at,
            actor=row.actor,
            sqlite_version=row.sqlite_version,
            machine=_MACHINE.validate_json(row.machine),
        )
    except (ValidationError, ValueError):
        return None
