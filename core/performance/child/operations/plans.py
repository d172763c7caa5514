"""Asks SQLite for its plans of statements that anybody may have written; runs none of them.

Making a plan cannot be interrupted, and a few lines are enough for one that takes hours: so
that is done here, within limits, and the process ends where one is exceeded.
"""

import itertools
import os
import threading
from typing import Any

import apsw

from core.performance.child.conversation import Conversation
from core.performance.child.opening import opened
from core.performance.child.protocol import Request

TOO_LONG_S = 3.0
_BUSY_WAIT_S = 2.0
_MOST_MEMORY_BYTES = 256 * 1024 * 1024
_MOST_LINES = 500

_LIMITS = {
    apsw.SQLITE_LIMIT_SQL_LENGTH: 200_000,
    apsw.SQLITE_LIMIT_LENGTH: 20_000_000,
    apsw.SQLITE_LIMIT_ATTACHED: 0,
    apsw.SQLITE_LIMIT_WORKER_THREADS: 0,
    apsw.SQLITE_LIMIT_VDBE_OP: 1_000_000,
}
_ALLOWED = frozenset(
    {
        apsw.SQLITE_READ,
        apsw.SQLITE_SELECT,
        apsw.SQLITE_FUNCTION,
        apsw.SQLITE_RECURSIVE,
        apsw.SQLITE_INSERT,
        apsw.SQLITE_UPDATE,
        apsw.SQLITE_DELETE,
    }
)


def plans(request: Request, tell: Conversation) -> dict[str, Any]:
    """Return for each of ``statements``, pairs of SQL and its number of ``?``, its plan.

    ``plans`` are objects with ``lines`` of id, parent and detail, or with ``error``: what
    SQLite says, empty where it took longer than ``TOO_LONG_S``. After such a one the process
    ends, and the list is shorter than that of the statements.
    """
    apsw.hard_heap_limit(_MOST_MEMORY_BYTES)
    found: list[dict[str, Any]] = []
    mode = str(request.arguments.get("mode", "ro"))
    with opened(request.path, tell, mode=mode, busy_wait_s=_BUSY_WAIT_S) as connection:
        connection.execute("PRAGMA query_only=ON")
        connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
        for limit, value in _LIMITS.items():
            connection.limit(limit, value)
        connection.authorizer = _authorize
        for sql, parameters in request.arguments["statements"]:
            tell.check()
            guard = threading.Timer(TOO_LONG_S, _give_up, (tell, found))
            guard.start()
            try:
                plan = _plan(connection, str(sql), int(parameters))
            finally:
                guard.cancel()
            found.append(plan)
    return {"plans": found}


def _plan(connection: apsw.Connection, sql: str, parameters: int) -> dict[str, Any]:
    try:
        lines = connection.execute(sql, (None,) * parameters, explain=2)
        rows = list(itertools.islice(lines, _MOST_LINES))
    except (apsw.BusyError, apsw.LockedError, apsw.CorruptError, apsw.NotADBError):
        raise  # of the file, not of the statement
    except (apsw.Error, ValueError, OverflowError) as error:
        return {"error": str(error) or type(error).__name__}
    except MemoryError:
        return {"error": "out of memory"}
    return {"lines": [[row[0], row[1], row[3]] for row in rows]}


def _authorize(action: int, first: str | None, second: str | None, *_where: str | None) -> int:
    """Let pass what reads or changes rows, and the version that full-text tables ask for."""
    if action == apsw.SQLITE_FUNCTION:
        loads = (second or "").lower() == "load_extension"
        return apsw.SQLITE_DENY if loads else apsw.SQLITE_OK
    if action == apsw.SQLITE_PRAGMA:
        harmless = (first or "").lower() == "data_version"
        return apsw.SQLITE_OK if harmless else apsw.SQLITE_DENY
    return apsw.SQLITE_OK if action in _ALLOWED else apsw.SQLITE_DENY


def _give_up(tell: Conversation, found: list[dict[str, Any]]) -> None:
    tell.say({"result": {"plans": [*found, {"error": ""}]}})
    os._exit(0)
