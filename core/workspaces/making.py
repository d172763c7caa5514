"""Makes the file of a new workspace, with its schema."""

import asyncio
import os
from contextlib import closing
from pathlib import Path

from core.database.engine import connect_bare, writer_engine
from core.database.failures import told_in_words
from core.database.library import APPLICATION_ID
from core.migrations import service as migrations
from core.settings import Durability


async def make_database(path: Path, durability: Durability, uid: str) -> None:
    """Make a database with the newest schema and without rows.

    Raises:
        OSError: There is a file of that name, or none can be made there.
        AppError: The schema could not be made.
    """
    await asyncio.to_thread(_create_file, path)
    engine = writer_engine(path, durability)
    try:
        with told_in_words(path):
            await migrations.upgrade(engine)
            async with engine.begin() as connection:
                await connection.exec_driver_sql(
                    "INSERT INTO workspace_settings (name, value) VALUES ('uid', ?)", (uid,)
                )
    finally:
        await engine.dispose()


def remove_database(path: Path) -> None:
    """Delete a database that nobody has open; it may be missing, or half made."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _create_file(path: Path) -> None:
    """Make an empty database with what must be set before its first table."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(connect_bare(path, "rw")) as connection:
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
