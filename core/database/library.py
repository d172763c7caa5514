"""Which SQLite library this is, and whether its WAL can be trusted."""

import sqlite3

APPLICATION_ID = 0x42424E31  # "BBN1"

# https://sqlite.org/wal.html#walresetbug: fixed in 3.51.3, and in these older lines.
_FIXED_FROM = (3, 51, 3)
_BACKPORTS = ((3, 50, 7), (3, 44, 6))


def version() -> tuple[int, int, int]:
    """Return the version of the library in use."""
    major, minor, patch = (int(part) for part in sqlite3.sqlite_version.split(".")[:3])
    return major, minor, patch


def wal_is_safe(library: tuple[int, int, int]) -> bool:
    """Tell whether two connections may write and checkpoint at the same moment."""
    if library >= _FIXED_FROM:
        return True
    return any(library[:2] == fix[:2] and library >= fix for fix in _BACKPORTS)
