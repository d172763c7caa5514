"""Statistics for the planner, and indexes built anew: ANALYZE, optimize and REINDEX.

Table by table and index by index, each in a transaction of its own: others write in between,
and a cancellation keeps what is done, which is whole in itself.
"""

from typing import Any

import apsw

from core.database.quoting import quoted
from core.performance.child.conversation import Conversation
from core.performance.child.opening import opened
from core.performance.child.protocol import Request

# https://sqlite.org/pragma.html#pragma_optimize: all tables, and ANALYZE where it may help;
# with 1 what would be done is returned instead.
_OPTIMIZE = 0x10002
_MOST = 500


def analyze(request: Request, tell: Conversation) -> dict[str, Any]:
    """Count all rows and values of indexes; return how many tables that was."""
    query = (
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    with opened(request.path, tell, mode="rw") as connection:
        return {"done": _each(connection, tell, query, "ANALYZE", "analysing")}


def reindex(request: Request, tell: Conversation) -> dict[str, Any]:
    """Build all indexes anew from their tables; return how many that was."""
    query = "SELECT name FROM main.sqlite_schema WHERE type = 'index' ORDER BY tbl_name, name"
    with opened(request.path, tell, mode="rw") as connection:
        return {"done": _each(connection, tell, query, "REINDEX", "reindexing")}


def optimize(request: Request, tell: Conversation) -> dict[str, Any]:
    """Do what SQLite thinks may help; return its statements."""
    with opened(request.path, tell, mode="rw") as connection:
        tell.progress(None, "analysing")
        todo = [str(sql) for (sql,) in connection.execute(f"PRAGMA optimize({_OPTIMIZE | 1})")]
        connection.execute(f"PRAGMA optimize({_OPTIMIZE})").fetchall()
        return {"done": len(todo), "statements": todo[:_MOST]}


def _each(
    connection: apsw.Connection, tell: Conversation, query: str, verb: str, phase: str
) -> int:
    names = [str(name) for (name,) in connection.execute(query)]
    for number, name in enumerate(names):
        tell.check()
        tell.progress(number / len(names), phase)
        connection.execute(f"{verb} main.{quoted(name)}")
    return len(names)
