"""What the service of the backups takes, returns and tells."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from core.events import Event


class BackupOrigin(StrEnum):
    """Why a backup was made; the values stand in manifests and never change."""

    MANUAL = "manual"
    SCHEDULED = "scheduled"
    UPGRADE = "upgrade"
    RESTORE = "restore"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup, as its manifest tells and its file seems to be.

    Attributes:
        name: The name of the file, which names the backup within its folder.
        path: The file.
        made_at: When it was made, UTC; where no manifest says so, when the file was changed.
        bytes: The size of the file, in bytes; 0 where it is missing.
        sha256: The hash that its content must have; empty without a manifest.
        database: The name of the file that it is a copy of; empty where that is not known.
        origin: Why it was made.
        revision: The revision of its schema; empty where it is of no workspace.
        verified_at: When it was last restored for a trial, UTC; None if never.
        problem: Why it cannot be relied on, in words; empty where nothing is known of that.
            ``list_of`` does not read whole files: only ``verify`` and ``restore`` do.
    """

    name: str
    path: Path
    made_at: datetime
    bytes: int
    sha256: str
    database: str
    origin: BackupOrigin
    revision: str
    verified_at: datetime | None
    problem: str

    @property
    def good(self) -> bool:
        """Whether nothing is known against it."""
        return not self.problem


@dataclass(frozen=True, slots=True)
class Loss:
    """What a restore takes away: what came after the backup was made.

    Attributes:
        builds: How many builds, with their logs; the copy that is kept has them.
        artifacts: How many files that builds made; no backup has those.
        artifact_bytes: Their size.
    """

    builds: int = 0
    artifacts: int = 0
    artifact_bytes: int = 0


@dataclass(frozen=True, slots=True)
class BackupRules:
    """When backups are made by themselves, and how long those are kept.

    Attributes:
        enabled: Whether any are made.
        expression: When, as cron has it ("30 3 * * *"), in the time of this computer.
        keep_last: So many of the latest scheduled ones are kept in any case; at least 1.
        keep_days: Older ones are removed, counted in days; 0 keeps them however old.
        verify: Whether each is restored for a trial when it is made.
    """

    enabled: bool = False
    expression: str = "30 3 * * *"
    keep_last: int = 7
    keep_days: int = 30
    verify: bool = True


@dataclass(frozen=True, slots=True)
class BackupsChanged(Event):
    """Backups of a database were made, verified or removed, or the rules were changed.

    ``path`` is the database.
    """

    path: Path


@dataclass(frozen=True, slots=True)
class DatabaseRestored(Event):
    """The content of a database was replaced by that of a backup; ``path`` is the database.

    Who was signed in must sign in again, and all that was read of it is of another time.
    """

    path: Path
