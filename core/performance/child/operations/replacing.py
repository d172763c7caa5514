"""Puts a file in the place of a database that SQLite cannot open; nothing is thrown away."""

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


def replace(request: Request, tell: Conversation) -> dict[str, Any]:
    """Keep the file as ``aside``, with what lies beside it, and put ``source`` in its place.

    ``workspace`` says whether the source is one. Returns whether its queue is ``paused``; or
    ``refused`` as "opens" where the database can be opened.
    """
    path, aside = Path(request.path), Path(request.arguments["aside"])
    source = Path(request.arguments["source"])
    if _opens(path, tell):
        return {"refused": "opens"}
    paused = False
    if request.arguments["workspace"]:
        with opened(source, tell, mode="rw") as connection:
            paused = hand_over(connection, "", str(request.arguments["run"]))
    with source.open("rb+") as file:
        os.fsync(file.fileno())
    tell.no_return("replaced")
    _keep(path, aside)
    # A log of the damaged file must not be taken for one of the new one.
    for suffix in _BESIDE:
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.replace(aside.with_name(aside.name + suffix))
    source.replace(path)
    sync_folder(path.parent)
    return {"paused": paused}


def _opens(path: Path, tell: Conversation) -> bool:
    try:
        # As it would be opened for work, so that what was broken off is taken back first.
        with opened(path, tell, mode="rw") as connection:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            # A file that is empty, and stays so with what lies beside it, is no database.
            return bool(connection.pragma("page_count"))
    except (apsw.CorruptError, apsw.NotADBError):
        return False
    except OperationError as error:
        if error.code in _UNOPENABLE:
            return False
        raise


def _keep(path: Path, aside: Path) -> None:
    """Give the file a second name, which it has alone once it is replaced."""
    try:
        os.link(path, aside)
    except FileExistsError:
        raise
    except OSError:
        shutil.copyfile(path, aside)  # a file system without links
    sync_folder(aside.parent)
