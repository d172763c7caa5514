"""What a database file is like now: sizes and modes, read with its own connection."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from weakref import WeakKeyDictionary

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.database import Database
from core.performance.child.client import run_child
from core.performance.maintenance.schemas import FileFigures
from core.performance.target import Target

_AUTO_VACUUM = {0: "none", 1: "full", 2: "incremental"}
# What is opened so does not change as long as it is open.
_noted: WeakKeyDictionary[Database, str] = WeakKeyDictionary()
_STORED: TypeAdapter[FileFigures] = TypeAdapter(FileFigures)


async def figures_of(target: Target) -> FileFigures:
    """Return the figures of a file; it is not written.

    Raises:
        DatabaseError: It cannot be read.
    """
    database = target.database
    async with database.read() as session:
        # This reads the file; the page size alone would be that of the last look.
        pages = int(await _pragma(session, "page_count"))
        size = int(await _pragma(session, "page_size"))
        free = int(await _pragma(session, "freelist_count"))
        journal = str(await _pragma(session, "journal_mode"))
        vacuum = int(await _pragma(session, "auto_vacuum"))
    if target.immutable:
        journal = await _noted_journal(target)
    path = database.path
    sizes = await asyncio.to_thread(
        lambda: (size_of(path), size_of(path.with_name(path.name + "-wal")))
    )
    return FileFigures(
        file_bytes=sizes[0],
        wal_bytes=sizes[1],
        freelist_bytes=free * size,
        page_size=size,
        page_count=pages,
        journal_mode=journal,
        auto_vacuum=_AUTO_VACUUM.get(vacuum, "none"),
    )


async def _noted_journal(target: Target) -> str:
    """Return what the file itself says: without a look for its log, SQLite says "delete"."""
    if target.database not in _noted:
        answer = await run_child("journal", path=target.path, mode=target.reading_mode)
        _noted[target.database] = str(answer.get("mode", ""))
    return _noted[target.database]


async def _pragma(session: AsyncSession, name: str) -> int | str:
    value: int | str = (await session.execute(text(f"PRAGMA {name}"))).scalar_one()
    return value


def size_of(path: Path) -> int:
    """Return the size of a file in bytes, 0 where there is none; blocks."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def stored(figures: FileFigures | None) -> str:
    """Return figures as they are stored; empty where there are none."""
    return "" if figures is None else json.dumps(asdict(figures))


def read_back(text: str) -> FileFigures | None:
    """Return stored figures; None where there are none, or what is stored makes no sense."""
    try:
        return _STORED.validate_json(text)
    except ValidationError:
        return None
