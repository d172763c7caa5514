"""Opens a database file with apsw, in the child alone, so that a cancellation stops it."""

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import apsw

from core.performance.child.conversation import Conversation
from core.performance.child.protocol import Code, OperationError

STEPS = 5_000
TOLD_AFTER_S = 0.7
_PAUSE_S = 0.02
_MODES = ("ro", "immutable", "rw")


@contextmanager
def opened(
    path: str | Path,
    tell: Conversation,
    *,
    mode: str = "ro",
    busy_wait_s: float | None = None,
    on_step: Callable[[apsw.Connection], None] | None = None,
) -> Iterator[apsw.Connection]:
    """Give a connection whose statements stop when the operation is cancelled.

    Args:
        mode: "ro" leaves the file alone, "immutable" also does not look for a log beside it,
            "rw" may write.
        busy_wait_s: How long to wait for others that hold a lock, in seconds; else as long as
            the request says.
        on_step: Called now and then while a statement runs, to tell how far it is.

    Raises:
        OperationError: There is no database in this place.
        apsw.Error: It cannot be opened.
    """
    if mode not in _MODES:
        raise ValueError(mode)
    path = Path(path)
    _check_file(path)
    how = "mode=ro&immutable=1" if mode == "immutable" else f"mode={mode}"
    flags = apsw.SQLITE_OPEN_URI | apsw.SQLITE_OPEN_READWRITE
    connection = apsw.Connection(f"file:{quote(str(path))}?{how}", flags=flags)
    try:
        with tell.interrupting(connection.interrupt):
            wait_s = tell.busy_wait_s if busy_wait_s is None else busy_wait_s
            _set_up(connection, tell, wait_s, on_step)
            if mode != "rw":
                connection.execute("PRAGMA query_only=ON")
            yield connection
    finally:
        connection.close(force=True)


def _check_file(path: Path) -> None:
    try:
        status = path.stat()
    except OSError as error:
        raise OperationError(Code.CANNOT_OPEN, str(error)) from error
    if not stat.S_ISREG(status.st_mode):
        raise OperationError(Code.CANNOT_OPEN, "not a regular file")
    # A file that is empty may yet have all its content in its log.
    if not status.st_size and not path.with_name(path.name + "-wal").exists():
        raise OperationError(Code.NOT_A_DATABASE, "file is empty")
    if not os.access(path, os.R_OK):
        raise OperationError(Code.CANNOT_OPEN, "permission denied")


def _set_up(
    connection: apsw.Connection,
    tell: Conversation,
    busy_wait_s: float,
    on_step: Callable[[apsw.Connection], None] | None,
) -> None:
    def step() -> bool:
        if on_step is not None:
            on_step(connection)
        return tell.cancelled

    connection.set_progress_handler(step, STEPS)
    connection.set_busy_handler(_Patience(tell, busy_wait_s))
    # Files come from anywhere: their schemas are not trusted, nor the sizes of their cells.
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.execute("PRAGMA cell_size_check=ON")
    connection.execute("PRAGMA mmap_size=0")


class _Patience:
    """Waits for others that hold a lock, and says so when that takes a while."""

    def __init__(self, tell: Conversation, wait_s: float) -> None:
        self._tell = tell
        self._wait_s = wait_s
        self._began = 0.0
        self._told = False

    def __call__(self, attempt: int) -> bool:
        """Wait a little; tell SQLite whether to try again."""
        now = time.monotonic()
        if attempt == 0:
            self._began, self._told = now, False
        waited = now - self._began
        if self._tell.cancelled or waited >= self._wait_s:
            return False
        if waited >= TOLD_AFTER_S and not self._told:
            self._told = True
            self._tell.waiting()
        time.sleep(_PAUSE_S)
        return True
