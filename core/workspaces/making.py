"""Makes the file of a new workspace, with its schema."""

import asyncio
import errno
import os
from contextlib import closing
from pathlib import Path

from core.database.engine import connect_bare, writer_engine
from core.database.failures import told_in_words
from core.database.library import APPLICATION_ID
from core.errors import DatabaseOpenError
from core.files import name_beside
from core.migrations import service as migrations
from core.paths import is_text, shown
from core.settings import Durability
from core.translation import _


def check_name(path: Path) -> None:
    """Let pass what can be the name of a new workspace; blocks.

    Raises:
        DatabaseOpenError: It is no text, or too long; the words say so.
    """
    detail = ""
    if not is_text(path):
        detail = _("Its name, or that of a folder above, is no UTF-8 text.")
    elif not _has_room(path):
        detail = _("Its name is too long: up to 26 characters are added to it at work.")
    if detail:
        raise DatabaseOpenError(
            _("“{name}” could not be made.").format(name=shown(path.name)),
            detail=detail,
            hint=_("Choose another name."),
        )


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


def _has_room(path: Path) -> bool:
    """Tell whether the longest name that a new file has for a while is not too long."""
    partial = name_beside(path)
    try:
        partial.with_name(partial.name + "-journal").lstat()
    except OSError as error:
        return error.errno != errno.ENAMETOOLONG
    return True


def _create_file(path: Path) -> None:
    """Make an empty database with what must be set before its first table."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(connect_bare(path, "rw")) as connection:
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
