"""Changes a file as a recommendation says, or takes that back."""

import time
from typing import Any

import apsw

from core.performance.child import ddl
from core.performance.child.conversation import Conversation
from core.performance.child.opening import opened
from core.performance.child.operations.vacuum import pack
from core.performance.child.protocol import Code, OperationError, Request

_PAUSE_S = 0.02
_INDEXES = (ddl.CREATE_INDEX, ddl.DROP_INDEX)
# Only what an index is made of by name; -1 is the rowid, -2 an expression.
_TERMS = (
    "SELECT x.name, x.\"desc\", x.coll FROM pragma_index_xinfo(?, 'main') AS x"
    " WHERE x.key ORDER BY x.seqno"
)
_INDEX = (
    "SELECT l.\"unique\" OR l.partial OR l.origin <> 'c' FROM main.sqlite_schema AS m,"
    " pragma_index_list(m.tbl_name, 'main') AS l"
    " WHERE m.type = 'index' AND m.name = ? AND l.name = m.name"
    " AND m.tbl_name = ? COLLATE NOCASE"
)
_NAME = "SELECT 1 FROM main.sqlite_schema WHERE name = ? COLLATE NOCASE"
_COLUMN = "SELECT 1 FROM pragma_table_xinfo(?, 'main') WHERE name = ? COLLATE NOCASE"


def change(request: Request, tell: Conversation) -> dict[str, Any]:
    """Make ``changes``, see ``ddl``: those of indexes all or none.

    Return ``refused``, empty where they are made: "gone" for an index to be dropped that is
    not there as described, or whose columns or name are not there to make it, "locked" where
    others keep the journal mode as it is. An index to be dropped that is unique or belongs to
    a constraint, or that holds only some rows, is "gone".
    """
    changes: list[dict[str, Any]] = request.arguments["changes"]
    with opened(request.path, tell, mode="rw") as connection:
        if all(each["change"] in _INDEXES for each in changes):
            return {"refused": _change_indexes(connection, changes, tell)}
        for each in changes:
            if not _change_file(connection, each, tell, request.path):
                return {"refused": "locked"}
    return {"refused": ""}


def _change_indexes(
    connection: apsw.Connection, changes: list[dict[str, Any]], tell: Conversation
) -> str:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for each in changes:
            tell.check()
            tell.progress(None, "changing_indexes")
            fits = _is_there if each["change"] == ddl.DROP_INDEX else _has_room
            if not fits(connection, each):
                connection.execute("ROLLBACK")
                return "gone"
            for sql in ddl.statements_of(each):
                connection.execute(sql)
        tell.no_return("writing_indexes")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return ""


def _is_there(connection: apsw.Connection, change: dict[str, Any]) -> bool:
    """Tell whether there is exactly this index, and nothing depends on it."""
    found = connection.execute(_INDEX, (change["name"], change["table"])).fetchone()
    if found is None or found[0]:
        return False
    found = connection.execute(_TERMS, (change["name"],)).fetchall()
    return len(found) == len(change["terms"]) and all(
        (name, bool(down)) == (column, bool(descending))
        # None named means that of the column, which SQLite tells nowhere.
        and str(collation).lower() in ("", str(by).lower())
        for (name, down, by), (column, descending, collation) in zip(
            found, change["terms"], strict=True
        )
    )


def _has_room(connection: apsw.Connection, change: dict[str, Any]) -> bool:
    """Tell whether the columns are there, and the name is free.

    A column that is not there would be taken for a text in quotes.
    """
    if connection.execute(_NAME, (change["name"],)).fetchone() is not None:
        return False
    return all(
        connection.execute(_COLUMN, (change["table"], column)).fetchone() is not None
        for column, _down, _collation in change["terms"]
    )


def _change_file(
    connection: apsw.Connection, change: dict[str, Any], tell: Conversation, path: str
) -> bool:
    first = ddl.statements_of(change)[0]
    if change["change"] == ddl.JOURNAL_MODE:
        return _change_mode(connection, first, str(change["mode"]), tell)
    connection.execute(first)
    pack(connection, tell, path)
    asked, wanted = _wanted(change)
    if connection.pragma(asked) != wanted:
        raise OperationError(Code.OTHER, f"{asked} stayed as it was")
    return True


def _wanted(change: dict[str, Any]) -> tuple[str, int]:
    if change["change"] == ddl.PAGE_SIZE:
        return "page_size", int(change["size"])
    return "auto_vacuum", ddl.AUTO_VACUUM_MODES.index(change["mode"])


def _change_mode(connection: apsw.Connection, sql: str, mode: str, tell: Conversation) -> bool:
    """Change the journal mode; SQLite itself does not wait for others to let go of it."""
    until = time.monotonic() + tell.busy_wait_s
    while True:
        tell.check()
        try:
            rows = connection.execute(sql).fetchall()
        except apsw.BusyError:
            rows = []
        if rows and rows[0][0] == mode:
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(_PAUSE_S)
