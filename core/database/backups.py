"""Backups: a whole copy of an open database, checked, hashed, and named when it is good."""

import asyncio
import hashlib
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from core.completion import to_the_end
from core.database.engine import BEGIN_OPTION, connect_bare, writer_engine
from core.database.failures import told_in_words
from core.database.fields.times import utc_now
from core.errors import DatabaseError
from core.files import create_atomically, name_beside, name_for_good
from core.progress import Progress
from core.settings import Durability
from core.translation import _

_LOOK_EVERY_S = 0.1
_CHUNK_BYTES = 1024 * 1024


async def back_up(database: Path, target: Path, *, progress: Progress) -> None:
    """Copy a database into a new file beside a manifest with its hash, or leave nothing.

    Other processes go on reading and writing meanwhile; the copy is one state.

    Args:
        database: The file to copy; it may be open.
        target: The file to make, in a folder that exists.
        progress: Told how much is copied; a cancellation stops the copying at once.

    Raises:
        DatabaseError: It could not be copied, the copy is not whole, or there is a file of
            that name already.
        OSError: The copy or its manifest could not be written.
    """
    partial = name_beside(target)
    try:
        # Made here, since SQLite would let others read it.
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with told_in_words(database):
            await _copy(database, partial, progress)
        progress.report(1.0, _("Checking the backup"))
        digest = await to_the_end(asyncio.to_thread(_checked, partial))
        manifest = {
            "database": database.name,
            "made_at": utc_now().isoformat(),
            "bytes": partial.stat().st_size,
            "sha256": digest,
        }
        await to_the_end(asyncio.to_thread(_put_in_place, partial, target, manifest))
    finally:
        for suffix in ("", "-journal"):
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)


async def _copy(database: Path, partial: Path, progress: Progress) -> None:
    async with _connected(database) as connection:
        copying = asyncio.ensure_future(
            connection.exec_driver_sql("VACUUM INTO ?", (str(partial),))
        )
        whole = max(_size(database), 1)
        try:
            while not (await asyncio.wait([copying], timeout=_LOOK_EVERY_S))[0]:
                progress.report(min(_size(partial) / whole, 0.99))
        except asyncio.CancelledError:
            await to_the_end(_interrupted(connection, copying))
            raise
        copying.result()


async def _interrupted(connection: AsyncConnection, copying: asyncio.Future[Any]) -> None:
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    # Again and again: an interrupt before the statement has begun does nothing.
    while not copying.done():
        await driver.interrupt()
        await asyncio.wait({copying}, timeout=_LOOK_EVERY_S)
    await asyncio.gather(copying, return_exceptions=True)


@asynccontextmanager
async def _connected(database: Path) -> AsyncIterator[AsyncConnection]:
    engine = writer_engine(database, Durability.FULL)
    try:
        async with engine.connect() as connection:
            yield await connection.execution_options(**{BEGIN_OPTION: None})
    finally:
        await to_the_end(engine.dispose())


def _checked(copy: Path) -> str:
    """Return the SHA-256 of a copy that is whole; blocks."""
    with closing(connect_bare(copy, "rw")) as connection:
        answer = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != ("ok",):
        raise DatabaseError(
            _("The backup is not whole, so it was not kept."),
            detail=str(answer[0]),
            hint=_("The database may be damaged, or the disk. Check both."),
        )
    digest = hashlib.sha256()
    # No connection is open on it by now, so reading it plainly drops no locks.
    # Windows flushes only what may be written.
    with copy.open("rb+") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
        os.fsync(file.fileno())
    return digest.hexdigest()


def _put_in_place(partial: Path, target: Path, manifest: dict[str, object]) -> None:
    told = target.with_name(target.name + ".json")
    try:
        create_atomically(told, json.dumps(manifest, indent=2).encode())
    except FileExistsError as error:
        raise _exists(target) from error
    try:
        name_for_good(partial, target)
    except OSError as error:
        told.unlink(missing_ok=True)
        if isinstance(error, FileExistsError):
            raise _exists(target) from error
        raise


def _exists(target: Path) -> DatabaseError:
    return DatabaseError(
        _("There is a backup “{name}” already.").format(name=target.name),
        hint=_("It was left alone. Try again in a moment, or choose another name."),
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
