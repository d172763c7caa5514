"""Moves the write-ahead log into the database, and tells whether there is to be one."""

from typing import Any

import apsw

from core.performance.child.conversation import Conversation
from core.performance.child.opening import opened
from core.performance.child.protocol import Request

_MODES = ("passive", "full", "restart", "truncate")
_AFTERWARDS_WAIT_MS = 2_000
_READ_VERSION, _OF_LOGS = 19, b"\x02"


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


def journal(request: Request, tell: Conversation) -> dict[str, Any]:
    """Return the journal mode that the file itself notes.

    SQLite tells none where it may not look for a log: https://sqlite.org/fileformat.html 1.3.3.
    """
    with opened(request.path, tell, mode=str(request.arguments["mode"])) as connection:
        _there, version = connection.read("main", 0, _READ_VERSION, 1)
    return {"mode": "wal" if version == _OF_LOGS else "delete"}


def emptied(connection: apsw.Connection) -> bool:
    """Move the log into the database and cut it; False where readers kept it from that."""
    connection.set_busy_timeout(_AFTERWARDS_WAIT_MS)
    busy, _log, _moved = _checkpoint(connection, "truncate")
    return not busy


def _checkpoint(connection: apsw.Connection, mode: str) -> tuple[int, int, int]:
    rows = connection.execute(f"PRAGMA main.wal_checkpoint({mode})").fetchall()
    busy, log, moved = (int(str(figure)) for figure in rows[0])
    return busy, log, moved
