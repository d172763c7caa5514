"""The few changes that are made to a file, each with the SQL that makes it.

A change is an object of JSON: ``change`` names its kind, the rest are its names and modes. Its
text is always made here, by what quotes it, and never taken from elsewhere.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.database.quoting import quoted

JOURNAL_MODES = ("wal", "delete", "truncate", "persist")
AUTO_VACUUM_MODES = ("none", "full", "incremental")
PAGE_SIZES = tuple(2**power for power in range(9, 17))

CREATE_INDEX = "create_index"
DROP_INDEX = "drop_index"
JOURNAL_MODE = "journal_mode"
AUTO_VACUUM = "auto_vacuum"
PAGE_SIZE = "page_size"


def statements_of(change: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the statements of a change, which are complete without their names' schema.

    Raises:
        ValueError: It is none of the known ones.
    """
    kind = change["change"]
    if kind == CREATE_INDEX:
        terms = ", ".join(map(_term, change["terms"]))
        name, table = quoted(str(change["name"])), quoted(str(change["table"]))
        return (f"CREATE INDEX {name} ON {table} ({terms})",)
    if kind == DROP_INDEX:
        return (f"DROP INDEX {quoted(str(change['name']))}",)
    if kind == JOURNAL_MODE and change["mode"] in JOURNAL_MODES:
        return (f"PRAGMA journal_mode = {change['mode']}",)
    if kind == AUTO_VACUUM and change["mode"] in AUTO_VACUUM_MODES:
        return (f"PRAGMA auto_vacuum = {change['mode']}", "VACUUM")
    if kind == PAGE_SIZE and change["size"] in PAGE_SIZES:
        return (f"PRAGMA page_size = {change['size']}", "VACUUM")
    raise ValueError(str(kind))


def _term(term: Sequence[Any]) -> str:
    column, down, collation = term
    order = " DESC" if down else ""
    by = f" COLLATE {quoted(str(collation))}" if collation else ""
    return f"{quoted(str(column))}{by}{order}"
