"""How far a check of a whole file is: it goes over all pages, then over all rows.

What a row costs in steps of SQLite's machine was measured with 3.53: three and one for each
column, and, where indexes are compared with it, six for each of them. The times by which the
two passes are weighed are those of an ordinary machine.
"""

import contextlib
from typing import NamedTuple

import apsw

from core.database.quoting import quoted

_ROW_STEPS, _INDEX_STEPS = 3, 6
_PAGE_US, _STEP_US, _LOOKUP_US = 8.0, 0.02, 1.3
_LEAST_ROW_BYTES = 8

_TABLES = (
    "SELECT m.name, (SELECT count(*) FROM pragma_table_info(m.name)),"
    " (SELECT count(*) FROM main.sqlite_schema AS i"
    " WHERE i.type = 'index' AND i.tbl_name = m.name)"
    " FROM main.sqlite_schema AS m WHERE m.type = 'table' AND m.rootpage > 0"
)


class Expected(NamedTuple):
    """What a check has before it; ``share`` is the part of the time for the pages."""

    pages: int
    steps: int
    share: float

    def fraction(self, pages: int, steps: int) -> float:
        """Return how much is done, after so many pages read and steps of the second pass."""
        over_pages = min(pages / max(self.pages, 1), 1.0)
        over_rows = min(steps / max(self.steps, 1), 1.0)
        return min(self.share * over_pages + (1 - self.share) * over_rows, 0.99)


def expected(connection: apsw.Connection, *, with_indexes: bool) -> Expected:
    """Return what a check has before it, as far as that is quickly known."""
    pages = int(str(connection.pragma("page_count")))
    most_rows = pages * int(str(connection.pragma("page_size"))) // _LEAST_ROW_BYTES
    steps = lookups = 0
    with contextlib.suppress(apsw.Error, UnicodeDecodeError):  # the check itself will tell
        for name, columns, indexes in connection.execute(_TABLES).fetchall():
            rows = min(_rows(connection, str(name)), most_rows)
            compared = int(str(indexes)) if with_indexes else 0
            steps += rows * (_ROW_STEPS + int(str(columns)) + _INDEX_STEPS * compared)
            lookups += rows * compared
    over_pages = pages * _PAGE_US
    over_rows = steps * _STEP_US + lookups * _LOOKUP_US
    return Expected(pages, steps, over_pages / max(over_pages + over_rows, 1.0))


def _rows(connection: apsw.Connection, table: str) -> int:
    """Return the largest row id, which is quicker than to count; 0 where there is none."""
    try:
        found = connection.execute(f"SELECT max(rowid) FROM main.{quoted(table)}").fetchall()  # noqa: S608
    except apsw.SQLError:  # a table without row ids
        return 0
    return max(int(str(found[0][0] or 0)), 0)
