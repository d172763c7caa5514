"""What the workspace service takes and returns."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from core.events import Event


class WorkspaceKind(StrEnum):
    """Whether a file has Buildbench's schema or is any other SQLite database."""

    MANAGED = "managed"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class WorkspaceInfo:
    """An open workspace.

    ``read_only`` says in words why nothing can be changed, empty where it can;
    ``unwritable`` why the file cannot even be maintained when a person asks for that, and
    ``immutable`` that it is read without looking for a log beside it. ``trusted`` tells whether
    builds may run on this machine. ``notes`` are things worth telling once, such as a SQLite
    library without a safe WAL.
    """

    path: Path
    name: str
    kind: WorkspaceKind
    uid: str
    read_only: str
    trusted: bool
    sqlite_version: str
    notes: tuple[str, ...] = ()
    unwritable: str = ""
    immutable: bool = False


@dataclass(frozen=True, slots=True)
class WorkspaceStatus:
    """What the status bar shows: sizes in bytes, and which process leads."""

    database_bytes: int
    wal_bytes: int
    leading: bool
    leader: str


@dataclass(frozen=True, slots=True)
class RecentWorkspace:
    """A workspace that was opened before; ``exists`` is False when its file is gone."""

    path: Path
    kind: WorkspaceKind
    opened_at: datetime
    exists: bool


@dataclass(frozen=True, slots=True)
class LeadershipChanged(Event):
    """This process became, or is no longer, the one that runs the queue."""

    leading: bool
