"""Looks for damage: integrity_check, quick_check and foreign_key_check."""

from typing import Any

import apsw

from core.database.quoting import quoted
from core.performance.child.conversation import Conversation
from core.performance.child.opening import STEPS, opened
from core.performance.child.operations.expecting import Expected, expected
from core.performance.child.operations.places import Place, Places, findings_in
from core.performance.child.protocol import Request

MOST_FINDINGS = 500


def quick_check(request: Request, tell: Conversation) -> dict[str, Any]:
    """Return what ``PRAGMA quick_check`` finds, as ``integrity_check`` does."""
    return _check(request, tell, "quick_check")


def integrity_check(request: Request, tell: Conversation) -> dict[str, Any]:
    """Return what ``PRAGMA integrity_check`` finds.

    ``findings`` are at most ``MOST_FINDINGS`` objects with SQLite's ``message``, and the
    ``table`` and ``index`` that it concerns, empty where it does not tell.
    """
    return _check(request, tell, "integrity_check")


def foreign_key_check(request: Request, tell: Conversation) -> dict[str, Any]:
    """Return rows that refer to what is not there.

    ``violations`` are at most ``MOST_FINDINGS`` objects with ``table``, ``rowid`` (None in a
    table without), ``parent`` and ``columns``; ``count`` is of all. ``problems`` are keys that
    cannot be checked: the table, and what SQLite says.
    """
    violations: list[dict[str, Any]] = []
    problems: list[dict[str, str]] = []
    count = 0
    mode = str(request.arguments.get("mode", "ro"))
    with opened(request.path, tell, mode=mode) as connection:
        tables = _with_keys(connection)
        for number, table in enumerate(tables):
            tell.check()
            tell.progress(number / len(tables), "checking")
            try:
                columns = _columns_of_keys(connection, table)
                for _table, row, parent, key in connection.execute(
                    f"PRAGMA main.foreign_key_check({quoted(table)})"
                ):
                    count += 1
                    if len(violations) < MOST_FINDINGS:
                        violations.append(
                            {
                                "table": table,
                                "rowid": row,
                                "parent": parent,
                                "columns": columns.get(key, []),
                            }
                        )
            except apsw.SQLError as error:
                problems.append({"table": table, "message": str(error)})
    return {"violations": violations, "count": count, "problems": problems[:MOST_FINDINGS]}


def _check(request: Request, tell: Conversation, pragma: str) -> dict[str, Any]:
    tell.progress(0.0, "checking")
    mode = str(request.arguments.get("mode", "ro"))
    whole: list[Expected] = []
    steps = [0]

    def step(connection: apsw.Connection) -> None:
        if not whole:
            return
        read, _highest = connection.status(apsw.SQLITE_DBSTATUS_CACHE_MISS)
        if read >= whole[0].pages:
            steps[0] += STEPS
        tell.progress(whole[0].fraction(read, steps[0]))

    found: list[dict[str, str]] = []
    try:
        with opened(request.path, tell, mode=mode, on_step=step) as connection:
            # The check looks at each cell itself: twice takes a quarter longer.
            connection.execute("PRAGMA cell_size_check=OFF")
            whole.append(expected(connection, with_indexes=pragma == "integrity_check"))
            places = Places(connection)
            for (text,) in connection.execute(f"PRAGMA {pragma}({MOST_FINDINGS})"):
                found += [_finding(one, places.of(one)) for one in findings_in(str(text))]
    except (apsw.CorruptError, apsw.NotADBError, UnicodeDecodeError) as error:
        # So damaged that the check itself meets it: that is what it was to find.
        tell.check()
        found.append(_finding(str(error), Place()))
    whole_file = [one["message"] for one in found] == ["ok"]
    return {"findings": [] if whole_file else found[:MOST_FINDINGS]}


def _finding(message: str, place: Place) -> dict[str, str]:
    return {"message": message, "table": place.table, "index": place.its_index}


def _with_keys(connection: apsw.Connection) -> list[str]:
    return [
        str(name)
        for (name,) in connection.execute(
            "SELECT DISTINCT m.name FROM main.sqlite_schema AS m,"
            " pragma_foreign_key_list(m.name, 'main') WHERE m.type = 'table' ORDER BY m.name"
        )
    ]


def _columns_of_keys(connection: apsw.Connection, table: str) -> dict[int, list[str]]:
    columns: dict[int, list[str]] = {}
    for row in connection.execute(f"PRAGMA main.foreign_key_list({quoted(table)})"):
        columns.setdefault(int(row[0]), []).append(str(row[3]))
    return columns
