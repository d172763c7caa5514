"""Looks for damage: integrity_check, quick_check and foreign_key_check."""

from typing import Any

import apsw

from core.performance.child.conversation import Conversation
from core.performance.child.opening import opened
from core.performance.child.protocol import Request

MOST_FINDINGS = 500


def quick_check(request: Request, tell: Conversation) -> dict[str, Any]:
    """Return what ``PRAGMA quick_check`` finds, at most ``MOST_FINDINGS`` texts."""
    return _check(request, tell, "quick_check")


def _check(request: Request, tell: Conversation, pragma: str) -> dict[str, Any]:
    tell.progress(0.0, "checking")
    mode = str(request.arguments.get("mode", "ro"))
    pages = 1

    def step(connection: apsw.Connection) -> None:
        # Each page is read at least once.
        read, _highest = connection.status(apsw.SQLITE_DBSTATUS_CACHE_MISS)
        tell.progress(min(read / max(pages, 1), 0.99))

    with opened(request.path, tell, mode=mode, on_step=step) as connection:
        pages = connection.pragma("page_count")
        rows = connection.execute(f"PRAGMA {pragma}({MOST_FINDINGS})")
        findings = [str(text) for (text,) in rows]
    return {"findings": [] if findings == ["ok"] else findings}
