"""Shows tables and views of a file that anybody may have written: what there is, and rows.

What a view asks for may take hours, even to be understood: it is done within limits, and the
process ends where one is exceeded.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import apsw

from core.database.quoting import quoted
from core.performance.child.conversation import Conversation
from core.performance.child.names import Names, module_of, owners
from core.performance.child.opening import opened
from core.performance.child.protocol import Request

MOST_TABLES = 20_000
MOST_COLUMNS = 200
LONGEST_TEXT = 200
LONGEST_BLOB_BYTES = 16
TOO_LONG_S = 5.0

_MOST_NAMES_CHARACTERS = 4_000_000
_MOST_ROWS_CHARACTERS = 2_000_000
_MOST_MEMORY_BYTES = 256 * 1024 * 1024
_LARGEST_READ_BYTES = 4 * 1024 * 1024
_GRACE_S = 2.0
_BUSY_WAIT_S = 2.0

_LIMITS = {
    apsw.SQLITE_LIMIT_ATTACHED: 0,
    apsw.SQLITE_LIMIT_WORKER_THREADS: 0,
    apsw.SQLITE_LIMIT_VDBE_OP: 1_000_000,
}
# Virtual tables prepare what they write with; the connection itself writes nothing.
_ALLOWED = frozenset(
    {
        apsw.SQLITE_READ,
        apsw.SQLITE_SELECT,
        apsw.SQLITE_RECURSIVE,
        apsw.SQLITE_INSERT,
        apsw.SQLITE_UPDATE,
        apsw.SQLITE_DELETE,
    }
)
_PRAGMAS = frozenset({"data_version", "table_xinfo"})

# A column of pragma_table_xinfo is hidden as 1 where SELECT * leaves it out.
_TABLES = (
    "SELECT CAST(name AS BLOB), type, coalesce(rootpage, 0) = 0,"
    " CASE WHEN coalesce(rootpage, 0) = 0"
    " THEN CAST(substr(sql, 1, 2 * length(name) + 1000) AS BLOB) END,"
    " CASE WHEN rootpage > 0"
    " THEN (SELECT count(*) FROM pragma_table_xinfo(s.name, 'main') WHERE hidden <> 1) END"
    " FROM main.sqlite_schema AS s WHERE type IN ('table', 'view') ORDER BY name COLLATE NOCASE"
)
_ONE = (
    "SELECT type, coalesce(rootpage, 0) > 0 FROM main.sqlite_schema"
    " WHERE name = ? AND type IN ('table', 'view')"
)
_COLUMNS = "SELECT CAST(name AS BLOB) FROM pragma_table_xinfo(?, 'main') WHERE hidden <> 1"


def tables(request: Request, tell: Conversation) -> dict[str, Any]:
    """Return ``tables``: the name, kind and number of columns of each table and view.

    At most ``MOST_TABLES``, in the order of their names; the number is None where telling it
    would run what others wrote.
    """
    apsw.hard_heap_limit(_MOST_MEMORY_BYTES)
    mode = str(request.arguments.get("mode", "ro"))
    with opened(request.path, tell, mode=mode, busy_wait_s=_BUSY_WAIT_S) as connection:
        names = Names(connection)
        found: dict[str, tuple[str, int | None]] = {}
        virtual: dict[str, str] = {}
        room = _MOST_NAMES_CHARACTERS
        for raw, kind, unstored, sql, columns in connection.execute(_TABLES):
            name = names.text(raw)
            room -= len(name)
            if room < 0 or len(found) == MOST_TABLES:
                break
            if kind == "table" and unstored:
                virtual[name] = module_of(names.text(sql))
            found[name] = ("virtual" if name in virtual else str(kind), columns)
    belong = owners(found, virtual)
    return {
        "tables": [
            {"name": name, "kind": "shadow" if name in belong else kind, "columns": columns}
            for name, (kind, columns) in found.items()
        ]
    }


def preview(request: Request, tell: Conversation) -> dict[str, Any]:
    """Return rows of ``table`` from the number ``first`` on, at most ``limit``.

    ``columns`` are names, ``left_out`` how many more there are; ``more`` tells whether there
    are rows after these. A cell is None, its whole text, or for what is cut and for BLOBs a
    list of "text" or "blob", the beginning (in hexadecimal digits of a BLOB), and the size in
    bytes.

    Where there are no rows to be shown ``why`` is "missing", "too_long", or "refused" with
    ``message``: what SQLite says. The process ends after "too_long".
    """
    apsw.hard_heap_limit(_MOST_MEMORY_BYTES)
    arguments = request.arguments
    # Half a surrogate is in no file, but may be asked for.
    table = str(arguments["table"]).encode("utf-8", "replace").decode()
    first, limit = arguments["first"], arguments["limit"]
    seconds = float(arguments.get("seconds", TOO_LONG_S))
    mode = str(arguments.get("mode", "ro"))
    with opened(request.path, tell, mode=mode, busy_wait_s=_BUSY_WAIT_S) as connection:
        names = Names(connection)
        found = connection.execute(_ONE, (table,)).fetchone()
        if found is None:
            return {"why": "missing"}
        for name, value in _LIMITS.items():
            connection.limit(name, value)
        connection.authorizer = _authorize
        try:
            with _limited(connection, tell, seconds) as over:
                return _rows(connection, names, table, bool(found[1]), first, limit)
        except apsw.InterruptError:
            tell.check()
            if not over.is_set():
                raise
            return {"why": "too_long"}
        except (apsw.SQLError, apsw.AuthError, apsw.TooBigError, apsw.NoMemError) as error:
            return {"why": "refused", "message": str(error)[:1_000]}
        except MemoryError:
            return {"why": "refused", "message": "out of memory"}


def _rows(
    connection: apsw.Connection, names: Names, table: str, stored: bool, first: int, limit: int
) -> dict[str, Any]:
    raw = [name for (name,) in connection.execute(_COLUMNS, (table,))]
    columns = [names.text(name) for name in raw[:MOST_COLUMNS]]
    readable = all(names.raw(name) == own for name, own in zip(columns, raw, strict=False))
    if not raw:
        # There is no table without columns: this tells what is wrong with it.
        connection.execute(_of_view(table, 0, 0), {"most": 0, "first": 0}).fetchall()
    if stored and readable:
        sql = _of_table(table, columns)
    else:
        sql = _of_view(table, len(columns), len(raw))
    rows: list[list[Any]] = []
    room, more = _MOST_ROWS_CHARACTERS, False
    for row in connection.execute(sql, {"most": limit + 1, "first": first}):
        more = len(rows) == limit or room < 0
        if more:
            break
        cells = [_cell(names, *row[at : at + 3]) for at in range(0, len(row), 3)]
        room -= sum(len(cell if isinstance(cell, str) else cell[1]) for cell in cells if cell)
        rows.append(cells)
    left_out = len(raw) - len(columns)
    return {"columns": columns, "left_out": left_out, "rows": rows, "more": more}


def _of_table(table: str, columns: Sequence[str]) -> str:
    """Return the query that reads no more of a cell than is shown, in the order of rows."""
    cells = ", ".join(_parts(quoted(column)) for column in columns)
    rows = f"main.{quoted(table)} NOT INDEXED LIMIT :most OFFSET :first"
    return f"SELECT {cells} FROM {rows}"  # noqa: S608  # names are quoted


def _of_view(table: str, shown: int, columns: int) -> str:
    """Return the query that works out each cell once, whatever its column is called."""
    every = ", ".join(f"c{number}" for number in range(columns))
    cells = ", ".join(_parts(f"c{number}") for number in range(shown)) or "*"
    rows = f"* FROM main.{quoted(table)} LIMIT :most OFFSET :first"
    head = f"WITH shown {f'({every})' if every else ''} AS MATERIALIZED"
    return f"{head} (SELECT {rows}) SELECT {cells} FROM shown"  # noqa: S608  # as above


def _parts(column: str) -> str:
    """Return what is asked for of a cell: its type, its size, and what is shown of it."""
    small = f"WHEN octet_length({column}) > {_LARGEST_READ_BYTES} THEN NULL"
    return (
        f"typeof({column}), octet_length({column}), CASE typeof({column})"
        f" WHEN 'text' THEN CASE {small}"
        f" ELSE CAST(substr({column}, 1, {LONGEST_TEXT}) AS BLOB) END"
        f" WHEN 'blob' THEN CASE {small} ELSE substr({column}, 1, {LONGEST_BLOB_BYTES}) END"
        f" ELSE {column} END"
    )


def _cell(names: Names, kind: str, size: int, value: Any) -> Any:
    if kind == "null":
        return None
    if kind == "blob":
        return ["blob", (value or b"").hex(), size]
    if kind != "text":
        return str(value)
    text = names.text(value)
    return text if len(value or b"") == size else ["text", text, size]


def _authorize(action: int, first: str | None, second: str | None, *_where: str | None) -> int:
    """Let pass what reads rows, and the version that full-text tables ask for."""
    if action == apsw.SQLITE_FUNCTION:
        loads = (second or "").lower() == "load_extension"
        return apsw.SQLITE_DENY if loads else apsw.SQLITE_OK
    if action == apsw.SQLITE_PRAGMA:
        harmless = (first or "").lower() in _PRAGMAS
        return apsw.SQLITE_OK if harmless else apsw.SQLITE_DENY
    return apsw.SQLITE_OK if action in _ALLOWED else apsw.SQLITE_DENY


@contextmanager
def _limited(
    connection: apsw.Connection, tell: Conversation, seconds: float
) -> Iterator[threading.Event]:
    """Within, stop what takes too long; the event tells that it did.

    What cannot be stopped, such as making a plan, ends with the process.
    """
    over = threading.Event()

    def stop() -> None:
        over.set()
        connection.interrupt()

    def give_up() -> None:
        tell.say({"result": {"why": "too_long"}})
        os._exit(0)

    timers = [threading.Timer(seconds, stop), threading.Timer(seconds + _GRACE_S, give_up)]
    for timer in timers:
        timer.start()
    try:
        yield over
    finally:
        for timer in timers:
            timer.cancel()
