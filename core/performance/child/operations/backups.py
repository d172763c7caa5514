"""Makes a whole copy of a database: copied, checked, flushed, hashed, and then named.

Others read and write meanwhile; the copy is one state. Nobody sees it before it is good: up to
then it has a name of its own, and is removed when anything fails.
"""

import hashlib
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw

from core.files import create_atomically, name_for_good
from core.performance.child.conversation import Conversation
from core.performance.child.opening import opened
from core.performance.child.operations.contents import facts_of, looked_through
from core.performance.child.protocol import Code, OperationError, Request

COPIED, CHECKED = 0.5, 0.85
_CHUNK_BYTES = 1024 * 1024
_PAGES_AT_ONCE = 500


def backup(request: Request, tell: Conversation) -> dict[str, Any]:
    """Copy a database into a new file beside a manifest, or leave nothing.

    ``target`` is the file to make and ``partial`` its name until it is good, in the same
    folder; ``manifest`` holds what the caller knows of it. With ``even_damaged`` a database
    that is not whole is copied page by page, and the manifest says so. Returns the manifest,
    and the ``findings`` of ``looked_through``; or ``refused`` as "exists" where there is such
    a file.
    """
    return made(request.path, request.arguments, tell, last=lambda: tell.no_return("naming"))


def made(
    path: str,
    arguments: dict[str, Any],
    tell: Conversation,
    *,
    last: Callable[[], None],
    share: float = 1.0,
) -> dict[str, Any]:
    """Do it.

    Args:
        last: Called right before the backup gets its name.
        share: Which part of all the work this is, from its beginning.
    """
    partial, target = Path(arguments["partial"]), Path(arguments["target"])
    at = datetime.now(UTC).isoformat()
    try:
        # Made here, since SQLite would let others read it.
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        findings, facts = _copied(path, partial, arguments, tell, share)
        digest = _flushed(partial, tell, CHECKED * share, share)
        manifest = {
            **arguments["manifest"],
            "made_at": at,
            "bytes": partial.stat().st_size,
            "sha256": digest,
            **facts,
        }
        last()
        try:
            _put_in_place(partial, target, manifest)
        except FileExistsError:
            return {"refused": "exists"}
        return {"manifest": manifest, "findings": findings}
    finally:
        for suffix in ("", "-journal"):
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)


def _copied(
    path: str, partial: Path, arguments: dict[str, Any], tell: Conversation, share: float
) -> tuple[list[str], dict[str, Any]]:
    """Copy, look through the copy, and return what was found and what it is."""
    mode = str(arguments.get("mode", "ro"))
    try:
        _copy(path, partial, tell, mode, COPIED * share)
        tell.progress(COPIED * share, "checking_copy")
        first, last = COPIED * share, CHECKED * share
        findings = looked_through(partial, tell, first, last, own=True)
        return findings, facts_of(partial, tell)
    except (OperationError, apsw.CorruptError) as error:
        corrupt = not isinstance(error, OperationError) or error.code is Code.CORRUPT
        if not (corrupt and arguments.get("even_damaged")):
            raise
        tell.check()
        _copy_pages(path, partial, tell, mode)
        return [str(error)], {"refuted": "damaged"}


def _copy_pages(path: str, partial: Path, tell: Conversation, mode: str) -> None:
    """Copy every page as it is, whatever is in it."""
    partial.write_bytes(b"")
    with opened(path, tell, mode=mode) as connection:
        copy = apsw.Connection(str(partial))
        try:
            with copy.backup("main", connection, "main") as copying:
                while not copying.done:
                    tell.check()
                    copying.step(_PAGES_AT_ONCE)
        finally:
            copy.close(force=True)


def _copy(path: str, partial: Path, tell: Conversation, mode: str, last: float) -> None:
    whole = 1

    def step(connection: apsw.Connection) -> None:
        # Each page of the database is read once.
        read, _highest = connection.status(apsw.SQLITE_DBSTATUS_CACHE_MISS)
        tell.progress(min(read / whole, 1.0) * last)

    tell.progress(0.0, "copying")
    with opened(path, tell, mode=mode, on_step=step) as connection:
        used = connection.pragma("page_count") - connection.pragma("freelist_count")
        whole = max(used, 1)
        # It writes nothing here, but SQLite does not look at where the pages go.
        connection.execute("PRAGMA query_only=OFF")
        connection.execute("VACUUM INTO ?", (str(partial),))


def _flushed(partial: Path, tell: Conversation, first: float, last: float) -> str:
    """Return the SHA-256 of a file that is on the disk then."""
    digest = hashlib.sha256()
    size, read = max(partial.stat().st_size, 1), 0
    # Windows flushes only what may be written.
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
        while chunk := file.read(_CHUNK_BYTES):
            tell.check()
            digest.update(chunk)
            read += len(chunk)
            tell.progress(first + (last - first) * min(read / size, 1.0), "hashing")
    return digest.hexdigest()


def _put_in_place(partial: Path, target: Path, manifest: dict[str, object]) -> None:
    told = target.with_name(target.name + ".json")
    create_atomically(told, json.dumps(manifest, indent=2).encode())
    try:
        name_for_good(partial, target)
    except OSError:
        told.unlink(missing_ok=True)
        raise
