"""Engines: how every connection to a SQLite file is opened and set up."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from sqlalchemy import URL, Connection, ExceptionContext, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolResetState

from core.database import interrupting, pools
from core.database.library import version, wal_is_safe
from core.paths import is_there
from core.settings import Durability

BUSY_TIMEOUT_MS = 100
READERS = 5

# The name of the execution option that says how a connection begins: "IMMEDIATE",
# "DEFERRED", or None to run each statement by itself.
BEGIN_OPTION = "sqlite_begin"


def file_uri(path: Path, mode: str) -> str:
    """Return the SQLite URI of a file."""
    return f"{_address(path)}?mode={mode}"


def _address(path: Path) -> str:
    """Return a path so that ``#``, ``?``, spaces and bytes that are no text are harmless."""
    return "file:" + quote_from_bytes(os.fsencode(path))


def writer_engine(path: Path, durability: Durability) -> AsyncEngine:
    """Return the engine of the single writer: a fair queue in front of SQLite's one lock."""
    pragmas = _managed_pragmas(durability)
    return _engine(path, "rw", 1, "IMMEDIATE", pragmas, interruptible=False)


def reader_engine(path: Path, durability: Durability) -> AsyncEngine:
    """Return the pool that reads; it cannot write, and what is cancelled stops at once."""
    pragmas = [*_managed_pragmas(durability), "query_only=ON"]
    return _engine(path, "rw", READERS, "DEFERRED", pragmas)


def foreign_engine(path: Path, *, immutable: bool = False) -> AsyncEngine:
    """Return a pool on a file that must not be touched: it cannot write, nor leave files.

    Args:
        immutable: The folder cannot be written either, so SQLite must not look for a WAL.
    """
    pragmas = [f"busy_timeout={BUSY_TIMEOUT_MS}", "trusted_schema=OFF", "query_only=ON"]
    query = {"immutable": "1"} if immutable else {}
    return _engine(path, mode_without_trace(path), READERS, "DEFERRED", pragmas, query)


def measured_engines(path: Path, pragmas: Sequence[str]) -> tuple[AsyncEngine, AsyncEngine]:
    """Return a reader and a writer as a workspace has them, but for the PRAGMAs."""
    return (
        _engine(path, "rw", READERS, "DEFERRED", [*pragmas, "query_only=ON"]),
        _engine(path, "rw", 1, "IMMEDIATE", [*pragmas], interruptible=False),
    )


def mode_without_trace(path: Path) -> str:
    """Return the mode in which looking at a file leaves no file beside it.

    A database with a write-ahead log needs that log even for reading, and only a connection
    that may write removes it at the end; where there is a log or journal already, one that
    may write could change the database by it.
    """
    beside = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))
    if os.access(path, os.W_OK) and not any(map(is_there, beside)):
        return "rw"
    return "ro"


def connect_bare(path: Path, mode: str) -> sqlite3.Connection:
    """Open a plain driver connection, for looking at a file or creating one; blocks."""
    return sqlite3.connect(
        file_uri(path, mode), uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000
    )


def _managed_pragmas(durability: Durability) -> list[str]:
    journal = "WAL" if wal_is_safe(version()) else "TRUNCATE"
    return [
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        f"journal_mode={journal}",
        f"synchronous={durability.value.upper()}",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "cell_size_check=ON",
        "mmap_size=0",
        "cache_size=-16000",
        "journal_size_limit=67108864",
    ]


def _engine(
    path: Path,
    mode: str,
    size: int,
    begin: str,
    pragmas: list[str],
    query: dict[str, str] | None = None,
    *,
    interruptible: bool = True,
) -> AsyncEngine:
    url = URL.create(
        "sqlite+aiosqlite",
        database=_address(path),
        query={"mode": mode, "uri": "true", **(query or {})},
    )
    connector = interrupting.connect if interruptible else interrupting.connect_to_write
    engine = create_async_engine(
        url,
        poolclass=pools.CountedPool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=None,
        pool_reset_on_return="rollback",
        hide_parameters=True,
        connect_args={"async_creator_fn": connector},
    )
    event.listen(engine.sync_engine, "connect", _set_up(pragmas))
    event.listen(engine.sync_engine, "begin", _begin(begin))
    event.listen(engine.sync_engine, "handle_error", _keep_though_cancelled)
    event.listen(engine.sync_engine.pool, "reset", _roll_back)
    pools.count(engine)
    return engine


def _set_up(pragmas: list[str]) -> Callable[[Any, Any], None]:
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return on_connect


def _keep_though_cancelled(failure: ExceptionContext) -> None:
    """Keep a connection whose user was cancelled: SQLAlchemy takes that for its loss.

    What it was asked for ends in its thread, and it is rolled back behind that.
    """
    if isinstance(failure.original_exception, asyncio.CancelledError):
        failure.is_disconnect = False


def _roll_back(connection: Any, _record: Any, state: PoolResetState) -> None:
    """End what a refused COMMIT left open: SQLAlchemy takes that for an end as well."""
    if (
        state.transaction_was_reset
        and state.asyncio_safe
        and connection.driver_connection.in_transaction
    ):
        connection.rollback()


def _begin(default: str) -> Callable[[Connection], None]:
    def on_begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get(BEGIN_OPTION, default)
        if mode is not None:
            connection.exec_driver_sql(f"BEGIN {mode}")

    return on_begin
