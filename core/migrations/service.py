"""Makes the schema of a workspace from the revisions in ``migrations/``."""

import asyncio
import re
import weakref

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from core import paths
from core.database.engine import BEGIN_OPTION
from core.errors import DatabaseError
from core.translation import _

# Alembic knows one database at a time in a process.
_turns: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock]" = (
    weakref.WeakKeyDictionary()
)
_REVISION_FILE = re.compile(r"(\d{4})_\w+\.py\Z")


def known_revisions() -> tuple[str, ...]:
    """Return the revisions this program has, oldest first, without importing Alembic."""
    names = (file.name for file in (paths.migrations() / "versions").iterdir())
    return tuple(sorted(match[1] for name in names if (match := _REVISION_FILE.match(name))))


async def upgrade(engine: AsyncEngine) -> None:
    """Bring a database to the newest revision, all or nothing.

    Batch rebuilds with foreign keys on delete child rows, so they are off on this
    connection before its transaction begins.
    """
    async with engine.connect() as connection:
        await connection.execution_options(**{BEGIN_OPTION: None})
        await connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        await connection.rollback()
        await connection.execution_options(**{BEGIN_OPTION: "IMMEDIATE"})
        async with connection.begin():
            before = await _broken_references(connection)
            async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
                await connection.run_sync(_run_alembic)
            if await _broken_references(connection) > before:
                raise DatabaseError(
                    _("The schema was not upgraded: rows would refer to others that are gone."),
                    hint=_("The database is as it was. Check it, or restore a backup."),
                )
        await connection.execution_options(**{BEGIN_OPTION: None})
        await connection.exec_driver_sql("PRAGMA foreign_keys=ON")


async def _broken_references(connection: AsyncConnection) -> int:
    """Return how many rows refer to others that are not there."""
    rows = await connection.exec_driver_sql("PRAGMA foreign_key_check")
    return len(rows.all())


def _run_alembic(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(paths.migrations()).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
