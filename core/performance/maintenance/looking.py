"""Looks at a file whether changes are in it, where nobody is left to say so."""

from collections.abc import Sequence

from sqlalchemy import text

from core.performance.changes import (
    AutoVacuum,
    CreateIndex,
    DropIndex,
    JournalMode,
    Undo,
)
from core.performance.maintenance.figures import figures_of
from core.performance.target import Target

_INDEX = text(
    "SELECT count(*) FROM main.sqlite_schema"
    " WHERE type = 'index' AND name = :name AND tbl_name = :table COLLATE NOCASE"
)


async def in_place(target: Target, changes: Sequence[Undo]) -> list[bool]:
    """Tell of each change whether the file is as it makes it.

    Raises:
        DatabaseError: The file cannot be read.
    """
    return [await _is_in_place(target, each) for each in changes]


async def _is_in_place(target: Target, change: Undo) -> bool:
    if isinstance(change, CreateIndex | DropIndex):
        asked = {"name": change.name, "table": change.table}
        async with target.database.read() as session:
            there = bool((await session.execute(_INDEX, asked)).scalar_one())
        return there is isinstance(change, CreateIndex)
    figures = await figures_of(target)
    if isinstance(change, JournalMode):
        return figures.journal_mode == change.mode
    if isinstance(change, AutoVacuum):
        return figures.auto_vacuum == change.mode
    return figures.page_size == change.size
