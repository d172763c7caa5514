"""Reads a file as the core does, and notes the plan of each query."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.engine import BEGIN_OPTION, reader_engine
from core.settings import Durability

Reading = tuple[AsyncSession, list[str]]


@asynccontextmanager
async def reading_with_plans(path: Path) -> AsyncIterator[Reading]:
    """Give a session, and the plans of what it reads as they come."""
    engine = reader_engine(path, Durability.NORMAL)
    plans: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def explain(
        connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> None:
        if statement.startswith("SELECT"):
            found = connection.connection.cursor()
            found.execute("EXPLAIN QUERY PLAN " + statement, parameters)
            plans.extend(row[3] for row in found.fetchall())
            found.close()

    async with AsyncSession(engine) as session:
        await session.connection(execution_options={BEGIN_OPTION: None})
        yield session, plans
    await engine.dispose()
