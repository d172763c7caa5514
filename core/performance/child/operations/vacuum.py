"""Gives free pages back: VACUUM, and incremental_vacuum.

VACUUM first builds a packed copy in a temporary file, which can be cancelled, then copies it
back over the database in one transaction, which cannot (https://sqlite.org/lang_vacuum.html).
SQLite does not tell when the second begins, but its very last statement before that is known:
the one that copies the entries of views and triggers. The authorizer sees it prepared.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from core.performance.child.conversation import Conversation
from core.performance.child.opening import opened
from core.performance.child.operations.logs import emptied
from core.performance.child.protocol import Request

BUILT, COPIED = 0.5, 0.9
_LOOK_EVERY_S = 0.1
_PAGES_AT_ONCE = 1_000

# The columns that no earlier statement of VACUUM reads.
_LAST = (apsw.SQLITE_READ, "sqlite_master", "tbl_name", "main")


def vacuum(request: Request, tell: Conversation) -> dict[str, Any]:
    """Pack the file; return whether its log could be emptied after that."""
    whole = 1

    def step(connection: apsw.Connection) -> None:
        # Each page of the old file is read once.
        read, _highest = connection.status(apsw.SQLITE_DBSTATUS_CACHE_MISS)
        tell.progress(min(read / whole, 1.0) * BUILT)

    with opened(request.path, tell, mode="rw", on_step=step) as connection:
        whole = max(_used(connection), 1)
        return {"log_emptied": pack(connection, tell, request.path)}


def pack(connection: apsw.Connection, tell: Conversation, path: str) -> bool:
    """Run VACUUM, to its end once that cannot be cancelled; tell if the log was emptied."""
    tell.progress(0.0, "building")
    size = _used(connection) * connection.pragma("page_size")
    with _no_return_told(connection, tell, Path(path), size):
        connection.execute("VACUUM")
    tell.progress(COPIED, "emptying_log")
    return emptied(connection)


def _used(connection: apsw.Connection) -> int:
    """Return how many pages are not free."""
    return connection.pragma("page_count") - connection.pragma("freelist_count")  # type: ignore[no-any-return]


@contextmanager
def _no_return_told(
    connection: apsw.Connection, tell: Conversation, path: Path, size: int
) -> Iterator[None]:
    """Within, say when the copying back begins, and how far it is."""
    over = threading.Event()
    follower = threading.Thread(target=_follow, args=(tell, path, size, over), daemon=True)

    def authorize(*action: object) -> int:
        operation, *names, _trigger = action
        if (operation, *names) == _LAST and not follower.is_alive():
            tell.no_return("copying_back")
            follower.start()
        return apsw.SQLITE_OK

    connection.authorizer = authorize
    try:
        yield
    finally:
        connection.authorizer = None
        over.set()
        if follower.is_alive():
            follower.join()


def _follow(tell: Conversation, path: Path, size: int, over: threading.Event) -> None:
    """Tell how much went into the log or journal, by which all of it has to go."""
    beside = [path.with_name(path.name + suffix) for suffix in ("-wal", "-journal")]
    before = sum(map(_size, beside))
    while not over.wait(_LOOK_EVERY_S):
        written = max(sum(map(_size, beside)) - before, 0)
        tell.progress(BUILT + (COPIED - BUILT) * min(written / max(size, 1), 1.0))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def incremental_vacuum(request: Request, tell: Conversation) -> dict[str, Any]:
    """Give free pages back some at a time, so that others write in between."""
    with opened(request.path, tell, mode="rw") as connection:
        free = first = connection.pragma("freelist_count")
        while free:
            tell.check()
            tell.progress((first - free) / first, "giving_back")
            connection.execute(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})").fetchall()
            left = connection.pragma("freelist_count")
            if left >= free:
                break
            free = left
        tell.progress(COPIED, "emptying_log")
        return {"log_emptied": emptied(connection)}
