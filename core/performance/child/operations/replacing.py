"""Puts a file in the place of a database that is damaged or gone; nothing is thrown away."""

import os
import shutil
from pathlib import Path
from typing import Any

import apsw

from core.files import sync_folder
from core.performance.child.conversation import Conversation
from core.performance.child.opening import opened
from core.performance.child.operations.handing_over import hand_over
from core.performance.child.protocol import Code, OperationError, Request

_BESIDE = ("-wal", "-shm", "-journal")
_UNOPENABLE = (Code.CORRUPT, Code.NOT_A_DATABASE)
_WAIT_S = 1.0

# Without these a workspace is not opened.
_OWN = {"alembic_version", "builds", "workspace_settings"}


def replace(request: Request, tell: Conversation) -> dict[str, Any]:
    """Keep the file as ``aside``, with what lies beside it, and put ``source`` in its place.

    ``workspace`` says whether the source is one. Returns whether its queue is ``paused`` and
    whether there was a file that is ``kept``; or ``refused`` as "whole" where nothing is wrong
    with the database, and as "open" where others have it open.
    """
    path, aside = Path(request.path), Path(request.arguments["aside"])
    source = Path(request.arguments["source"])
    workspace = bool(request.arguments["workspace"])
    if path.exists():
        if _is_whole(path, tell, workspace):
            return {"refused": "whole"}
        if not _is_alone(path, tell):
            return {"refused": "open"}
    paused = False
    if workspace:
        with opened(source, tell, mode="rw") as connection:
            paused = hand_over(connection, "", str(request.arguments["run"]))
    with source.open("rb+") as file:
        os.fsync(file.fileno())
    tell.no_return("replaced")
    kept = path.exists()
    if kept:
        _keep(path, aside)
    # A log of the damaged file must not be taken for one of the new one.
    for suffix in _BESIDE:
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.replace(aside.with_name(aside.name + suffix))
    source.replace(path)
    sync_folder(path.parent)
    return {"paused": paused, "kept": kept}


def _is_whole(path: Path, tell: Conversation, workspace: bool) -> bool:
    tell.progress(0.0, "checking")
    try:
        # As it would be opened for work, so that what was broken off is taken back first.
        with opened(path, tell, mode="rw") as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
            # A file that is empty, and stays so with what lies beside it, is no database.
            if not connection.pragma("page_count") or (workspace and not tables >= _OWN):
                return False
            return connection.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]
    except (apsw.CorruptError, apsw.NotADBError):
        tell.check()
        return False
    except OperationError as error:
        if error.code in _UNOPENABLE:
            return False
        raise


def _is_alone(path: Path, tell: Conversation) -> bool:
    """Tell whether nobody else has a file open that is replaced: they would be left on it."""
    try:
        with opened(path, tell, mode="rw", busy_wait_s=_WAIT_S) as connection:
            # Whoever has a database with a log open holds a lock on it all the time.
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except (apsw.BusyError, apsw.LockedError):
        tell.check()
        return False
    except (apsw.CorruptError, apsw.NotADBError, OperationError):
        tell.check()
    return True


def _keep(path: Path, aside: Path) -> None:
    """Give the file a second name, which it has alone once it is replaced."""
    try:
        os.link(path, aside)
    except FileExistsError:
        raise
    except OSError:
        shutil.copyfile(path, aside)  # a file system without links
    sync_folder(aside.parent)
