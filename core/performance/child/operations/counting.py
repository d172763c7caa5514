"""Counts rows, no more of them than somebody wants to know of."""

import contextlib
import time
from typing import Any

import apsw

from core.database.quoting import quoted
from core.performance.child.conversation import Conversation
from core.performance.child.opening import opened
from core.performance.child.protocol import Request

MOST_SECONDS = 30.0


def census(request: Request, tell: Conversation) -> dict[str, Any]:
    """Return for ``tables``, pairs of a name and a limit, how many rows there are up to it.

    ``counts`` are as many, or fewer where it would take longer than ``MOST_SECONDS``; None is
    a table that cannot be read. ``unread`` are pairs of a damaged one and what SQLite says.
    """
    tables = request.arguments["tables"]
    counts: list[int | None] = []
    unread: list[tuple[str, str]] = []
    until = time.monotonic() + MOST_SECONDS
    mode = str(request.arguments.get("mode", "ro"))
    with opened(request.path, tell, mode=mode) as connection:
        for number, (name, limit) in enumerate(tables):
            tell.check()
            tell.progress(number / len(tables), "counting")
            if time.monotonic() >= until:
                break
            try:
                counts.append(_count(connection, str(name), int(limit)))
            except apsw.CorruptError as error:
                counts.append(None)
                unread.append((name, str(error)))
    return {"counts": counts, "unread": unread}


def _count(connection: apsw.Connection, name: str, limit: int) -> int | None:
    limited = f"SELECT 1 FROM {quoted(name)} LIMIT ?"  # noqa: S608  # it is quoted
    sql = f"SELECT count(*) FROM ({limited})"  # noqa: S608
    with contextlib.suppress(apsw.SQLError):
        found = connection.execute(sql, (limit,)).fetchone()
        return int(str(found[0])) if found else None
    return None
