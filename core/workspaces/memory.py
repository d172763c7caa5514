"""What this machine remembers of workspaces: the recent ones, the trusted, the open.

Both lie in the person's configuration folder: a workspace cannot decide for itself.
"""

import json
import logging
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.file_lock import locked
from core.files import write_atomically
from core.workspaces.schemas import RecentWorkspace, WorkspaceKind

MOST_RECENT = 20
_WAIT_S = 5.0

_log = logging.getLogger(__name__)


class RecentWorkspaces:
    """The workspaces opened last, newest first."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> tuple[RecentWorkspace, ...]:
        """Return what is remembered; entries that make no sense are left out."""
        found = []
        for entry in _read_list(self._file):
            try:
                path = Path(entry["path"])
                opened = datetime.fromtimestamp(float(entry["opened"]), UTC)
                kind = WorkspaceKind(entry["kind"])
                exists = path.exists()
            except (KeyError, TypeError, ValueError, OverflowError, OSError):
                continue
            found.append(RecentWorkspace(path, kind, opened, exists))
        return tuple(found)

    def add(self, path: Path, kind: WorkspaceKind) -> None:
        """Put a workspace in front."""
        now = datetime.now(UTC)
        others = [entry for entry in self.all() if entry.path != path]
        self._write([RecentWorkspace(path, kind, now, True), *others][:MOST_RECENT])

    def forget(self, path: Path) -> None:
        """Remove a workspace from the list; its file stays."""
        self._write([entry for entry in self.all() if entry.path != path])

    def _write(self, entries: list[RecentWorkspace]) -> None:
        stored = [
            {"path": str(e.path), "kind": e.kind.value, "opened": e.opened_at.timestamp()}
            for e in entries
        ]
        _write_list(self._file, stored)


class ChosenWorkspaces:
    """Workspaces for which the person decided something on this machine.

    Such as that their builds may run here, or that they open without sign-in; by path and
    by their own ``uid`` together.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def holds(self, path: Path, uid: str) -> bool:
        """Tell whether this workspace at this place is among them."""
        return bool(uid) and {"path": str(path), "uid": uid} in _read_list(self._file)

    def add(self, path: Path, uid: str) -> None:
        """Choose a workspace; whatever was chosen at this path before is not any more."""
        with self._alone():
            others = self._others(path)
            _write_list(self._file, [*others, {"path": str(path), "uid": uid}], must=True)

    def remove(self, path: Path) -> None:
        """Take the decision back for whatever lies at this path."""
        with self._alone():
            _write_list(self._file, self._others(path), must=True)

    def _alone(self) -> AbstractContextManager[int]:
        """Keep other windows out: what one takes back the other must not write anew."""
        return locked(self._file.with_suffix(".lock"), wait_s=_WAIT_S)

    def _others(self, path: Path) -> list[dict[str, Any]]:
        return [e for e in _read_list(self._file) if e.get("path") != str(path)]


def _read_list(file: Path) -> list[dict[str, Any]]:
    try:
        stored = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        _log.info("%s cannot be read and counts as empty: %s", file, error)
        return []
    return [e for e in stored if isinstance(e, dict)] if isinstance(stored, list) else []


def _write_list(file: Path, entries: list[dict[str, Any]], *, must: bool = False) -> None:
    try:
        write_atomically(file, json.dumps(entries, indent=2).encode())
    except OSError as error:
        if must:
            raise
        _log.info("%s cannot be written: %s", file, error)
