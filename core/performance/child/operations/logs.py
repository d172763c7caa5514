"""Moves the write-ahead log into the database."""

from typing import Any

import apsw

from core.performance.child.conversation import Conversation
from core.performance.child.opening import opened
from core.performance.child.protocol import Request

_MODES = ("passive", "full", "restart", "truncate")
_AFTERWARDS_WAIT_MS = 2_000


def checkpoint(request: Request, tell: Conversation) -> dict[str, Any]:
    """Return what ``PRAGMA wal_checkpoint`` tells.

    ``busy`` is whether others kept it from being complete; ``log`` how many pages the log
    has and ``moved`` how many of them are in the database now, -1 where there is no log.
    """
    how = str(request.arguments["checkpoint"])
    if how not in _MODES:
        raise ValueError(how)
    with opened(request.path, tell, mode="rw") as connection:
        tell.progress(None, "emptying_log")
        busy, log, moved = _checkpoint(connection, how)
        tell.check()
        return {"busy": bool(busy), "log": log, "moved": moved}


def emptied(connection: apsw.Connection) -> bool:
    """Move the log into the database and cut it; False where readers kept it from that."""
    connection.set_busy_timeout(_AFTERWARDS_WAIT_MS)
    busy, _log, _moved = _checkpoint(connection, "truncate")
    return not busy


def _checkpoint(connection: apsw.Connection, mode: str) -> tuple[int, int, int]:
    rows = connection.execute(f"PRAGMA main.wal_checkpoint({mode})").fetchall()
    busy, log, moved = (int(str(figure)) for figure in rows[0])
    return busy, log, moved
