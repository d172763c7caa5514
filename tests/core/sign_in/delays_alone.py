"""A database with the tables of the delays alone, made within milliseconds."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlmodel import SQLModel

from core.database.database import Database
from core.events import EventBus
from core.settings import Durability


@asynccontextmanager
async def delays_alone() -> AsyncIterator[Database]:
    """Give a database in a temporary file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "delays.db"
        path.touch()
        database = Database.managed(path, Durability.NORMAL, EventBus())
        names = ("sign_in_delays", "audit_entries", "changes")
        tables = [SQLModel.metadata.tables[name] for name in names]
        try:
            async with database.writer.begin() as connection:
                await connection.run_sync(SQLModel.metadata.create_all, tables=tables)
            yield database
        finally:
            await database.close()
