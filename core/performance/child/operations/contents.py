"""Looks through a file that nobody else uses: whether it is whole, and what is in it."""

import re
from pathlib import Path
from typing import Any

import apsw

from core.database.quoting import quoted
from core.performance.child.conversation import Conversation
from core.performance.child.opening import opened
from core.performance.child.protocol import Code, OperationError

_MOST_TABLES = 1_000
_MOST_FINDINGS = 100
_LONGEST = 200

# Rows that break the rules of their own table are no damage: a true copy has them as well.
# https://sqlite.org/pragma.html#pragma_integrity_check
_OF_ROWS = r"(NULL|TEXT|NUMERIC|non-[A-Z]+) value in |CHECK constraint failed in "

_REVISION = "SELECT version_num FROM main.alembic_version"
_UID = "SELECT value FROM main.workspace_settings WHERE name = 'uid'"


def looked_through(
    path: Path, tell: Conversation, first: float, last: float, *, own: bool = False
) -> list[str]:
    """Return what rows have against the rules of their tables.

    Args:
        own: SQLite has just made this file here, so nobody made it to harm us.
        first, last: How much of the whole work is done before and after.

    Raises:
        OperationError: The file is not whole.
    """
    pages = 1

    def step(connection: apsw.Connection) -> None:
        read, _highest = connection.status(apsw.SQLITE_DBSTATUS_CACHE_MISS)
        tell.progress(first + (last - first) * min(read / max(pages, 1), 1.0))

    with opened(path, tell, mode="immutable", on_step=step) as connection:
        if own:
            # The check looks at all cells as well; that of each page read costs a third more.
            connection.execute("PRAGMA cell_size_check=OFF")
        pages = connection.pragma("page_count")
        rows = connection.execute(f"PRAGMA integrity_check({_MOST_FINDINGS})")
        found = [str(text)[:_LONGEST] for (text,) in rows if text != "ok"]
    damage = [text for text in found if not re.match(_OF_ROWS, text)]
    if damage:
        raise OperationError(Code.CORRUPT, "; ".join(damage)[:1_000])
    return found


def facts_of(path: Path, tell: Conversation) -> dict[str, Any]:
    """Return what a file is: whose, of which schema, and how many rows its tables have."""
    with opened(path, tell, mode="immutable") as connection:
        tables = [
            str(name)
            for (name,) in connection.execute(
                "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0"
                " AND length(name) <= ? ORDER BY name LIMIT ?",
                (_LONGEST, _MOST_TABLES),
            )
        ]
        return {
            "application_id": connection.pragma("application_id"),
            "page_size": connection.pragma("page_size"),
            "revision": _one(connection, _REVISION) if "alembic_version" in tables else "",
            "workspace": _one(connection, _UID) if "workspace_settings" in tables else "",
            "rows": {name: _count(connection, name, tell) for name in tables},
        }


def _one(connection: apsw.Connection, query: str) -> str:
    """Return the first value of a query, as short text."""
    try:
        row = connection.execute(query).fetchone()
    except apsw.SQLError:
        return ""  # another table of that name
    return str(row[0])[:_LONGEST] if row else ""


def _count(connection: apsw.Connection, table: str, tell: Conversation) -> int:
    tell.check()
    query = f"SELECT count(*) FROM main.{quoted(table)}"  # noqa: S608  # quoted
    row = connection.execute(query).fetchone()
    return int(str(row[0])) if row else 0
