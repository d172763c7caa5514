"""Puts the content of a backup into a database that others have open.

``unpack`` makes a private copy of the backup while it is hashed, so that what was checked is
what is used. ``restore`` writes that copy into the database by SQLite's backup API, in one
transaction: others see the old content or the new one, also when this process is killed.
"""

import hashlib
import os
from pathlib import Path
from typing import IO, Any

import apsw

from core.performance.child.conversation import Conversation
from core.performance.child.opening import opened
from core.performance.child.operations import backups
from core.performance.child.operations.contents import facts_of, looked_through
from core.performance.child.operations.handing_over import hand_over
from core.performance.child.operations.logs import emptied
from core.performance.child.protocol import OperationError, Request

UNPACKED = 0.5
PREPARED, COPIED = 0.5, 0.95
_CHUNK_BYTES = 1024 * 1024
_PAGES_AT_ONCE = 500

# Not through a link that somebody put there meanwhile, and every byte as it is.
_PLAINLY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def unpack(request: Request, tell: Conversation) -> dict[str, Any]:
    """Copy a backup into ``into``, and return what is in it; or why it is no good.

    ``sha256`` and ``bytes`` are what it must be. ``problem`` is "size", "hash", "damaged" or
    empty; then the copy stays. Else there is none.
    """
    into = Path(request.arguments["into"])
    good = False
    try:
        digest, size = _copied(Path(request.path), into, tell)
        if size != request.arguments["bytes"]:
            return {"problem": "size", "detail": str(size)}
        if digest != request.arguments["sha256"]:
            return {"problem": "hash", "detail": digest}
        tell.progress(UNPACKED, "checking_copy")
        try:
            looked_through(into, tell, UNPACKED, 1.0)
            facts = facts_of(into, tell)
        except (OperationError, apsw.CorruptError, apsw.NotADBError) as error:
            tell.check()
            return {"problem": "damaged", "detail": str(error)}
        good = True
        return {"problem": "", "detail": "", **facts}
    finally:
        if not good:
            into.unlink(missing_ok=True)


def _copied(source: Path, into: Path, tell: Conversation) -> tuple[str, int]:
    reading = os.open(source, os.O_RDONLY | _PLAINLY)
    with os.fdopen(reading, "rb") as old:
        writing = os.open(into, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _PLAINLY, 0o600)
        with os.fdopen(writing, "wb") as new:
            return _through(old, new, tell)


def _through(old: IO[bytes], new: IO[bytes], tell: Conversation) -> tuple[str, int]:
    digest = hashlib.sha256()
    whole, done = max(os.fstat(old.fileno()).st_size, 1), 0
    while chunk := old.read(_CHUNK_BYTES):
        tell.check()
        digest.update(chunk)
        new.write(chunk)
        done += len(chunk)
        tell.progress(UNPACKED * min(done / whole, 1.0), "hashing")
    return digest.hexdigest(), done


def restore(request: Request, tell: Conversation) -> dict[str, Any]:
    """Keep what is there as a backup, then replace it all by the content of ``source``.

    ``present`` are the arguments of ``backups.backup`` for what is there; ``workspace``
    whether both are workspaces, of which some things outlast a restore; ``run`` names the run
    that made the backup. Returns that ``manifest`` and whether the queue was ``paused``; or
    ``refused`` as "building" or "exists".
    """
    arguments = request.arguments
    with (
        opened(arguments["source"], tell, mode="rw") as source,
        opened(request.path, tell, mode="rw") as live,
    ):
        logged = live.pragma("journal_mode") == "wal"
        if logged:
            _fit(source, int(live.pragma("page_size")), tell)
        with live.backup("main", source, "main") as copying:
            if logged:
                # Copies nothing, but locks: nobody writes any more what would be lost. Where
                # there is no log that would keep readers out as well, this process too.
                copying.step(0)
            ready = _prepared(request, tell, source)
            if "refused" not in ready:
                _copy(copying, tell)
        if "refused" in ready:
            return ready
        tell.progress(COPIED, "emptying_log")
        emptied(live)
        return ready


def _fit(source: apsw.Connection, page_size: int, tell: Conversation) -> None:
    """Give the source, which nobody else has, pages of the size that a log is bound to."""
    if source.pragma("page_size") != page_size:
        tell.progress(0.0, "building")
        source.execute("PRAGMA journal_mode=DELETE")
        source.execute(f"PRAGMA page_size={page_size}")
        source.execute("VACUUM")


def _prepared(request: Request, tell: Conversation, source: apsw.Connection) -> dict[str, Any]:
    """Keep what is there, and take over into the source what must outlast it."""
    arguments = request.arguments
    if arguments["workspace"] and _is_building(request.path, tell):
        return {"refused": "building"}
    kept = backups.made(
        request.path, arguments["present"], tell, last=tell.check, share=PREPARED
    )
    if "refused" in kept:
        return kept
    paused = False
    if arguments["workspace"]:
        paused = hand_over(source, request.path, str(arguments["run"]))
    return {"manifest": kept["manifest"], "paused": paused}


def _is_building(path: str, tell: Conversation) -> bool:
    with opened(path, tell, mode="ro") as connection:
        query = "SELECT 1 FROM builds WHERE state IN ('running', 'cancelling') LIMIT 1"
        return connection.execute(query).fetchone() is not None


def _copy(copying: apsw.Backup, tell: Conversation) -> None:
    """Copy all pages; the last step ends the transaction, before it nothing has happened."""
    whole = max(copying.page_count, 1)
    final = False
    while not copying.done:
        left = copying.remaining or whole
        tell.progress(PREPARED + (COPIED - PREPARED) * (1 - left / whole), "restoring")
        if not final:
            tell.check()
            final = left <= _PAGES_AT_ONCE
            if final:
                tell.no_return("replaced")
        copying.step(_PAGES_AT_ONCE)
        whole = max(copying.page_count, 1)
