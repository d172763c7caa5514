"""What maintenance takes and returns."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from core.events import Event

MOST_FINDINGS = 500
"""So many problems of a check are kept, one by one; its message tells of all."""


class Task(StrEnum):
    """What was done to a database."""

    VACUUM = "vacuum"
    INCREMENTAL_VACUUM = "incremental_vacuum"
    ANALYZE = "analyze"
    REINDEX = "reindex"
    OPTIMIZE = "optimize"
    CHECKPOINT = "checkpoint"
    INTEGRITY_CHECK = "integrity_check"
    QUICK_CHECK = "quick_check"
    FOREIGN_KEY_CHECK = "foreign_key_check"
    BACKUP = "backup"
    RESTORE = "restore"
    VERIFY = "verify"
    ADVICE = "advice"
    UNDO = "undo"


class CheckpointMode(StrEnum):
    """How hard a checkpoint tries to move the write-ahead log into the database.

    ``PASSIVE`` waits for nobody, ``FULL`` for writers, ``RESTART`` for readers as well, and
    ``TRUNCATE`` cuts the log to nothing after that.
    """

    PASSIVE = "passive"
    FULL = "full"
    RESTART = "restart"
    TRUNCATE = "truncate"


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class FileFigures:
    """A database file at one moment.

    ``wal_bytes`` is the size of the write-ahead log beside it, ``freelist_bytes`` what is
    free inside the file; ``page_size`` is in bytes. ``journal_mode`` is SQLite's word for it
    ("wal", "delete" …); ``auto_vacuum`` is "none", "full" or "incremental".
    """

    file_bytes: int
    wal_bytes: int
    freelist_bytes: int
    page_size: int
    page_count: int
    journal_mode: str
    auto_vacuum: str


@dataclass(frozen=True, slots=True)
class MaintenanceRow:
    """One deed of maintenance, for showing.

    ``subject`` names what it was done to, if not the whole file; ``before`` and ``after`` are
    None where the file could not be looked at. ``findings`` are the problems that a check
    found, in words and at most some hundreds; ``message`` says in words how it ended.
    ``can_undo`` tells whether it can be taken back, ``taken_back`` whether it was.
    """

    id: int
    task: Task
    state: RunState
    subject: str
    started_at: datetime
    duration_ms: int
    actor: str
    origin: str
    before: FileFigures | None
    after: FileFigures | None
    findings: tuple[str, ...]
    message: str
    can_undo: bool
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class VacuumForecast:
    """What VACUUM would gain and need.

    ``gain_bytes`` is what it gives back: about that where it is ``measured``, as what is free
    within the pages counts then, which the analysis of the storage tells; else at least that,
    the free pages alone. ``needed_bytes`` is the room that it needs meanwhile on the fuller of
    the disks it uses, ``free_bytes`` what is free there. ``seconds`` is an estimate from
    earlier runs on this machine, None while there are none. ``fits`` tells whether there is
    room.
    """

    gain_bytes: int
    needed_bytes: int
    free_bytes: int
    seconds: float | None
    fits: bool
    measured: bool = False


@dataclass(frozen=True, slots=True)
class MaintenanceChanged(Event):
    """A deed of maintenance on this file began or ended."""

    path: Path
