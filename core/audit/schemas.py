"""What the audit service gives out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry of the trail.

    ``operation`` is the key of an operation or of an event of signing in; ``changes`` maps
    fields to new values, or to a pair of old and new. A ``subject`` keeps the name that it
    had.
    """

    id: int
    at: datetime
    actor: str
    actor_uid: str
    role: str
    origin: str
    operation: str
    subject_kind: str
    subject_uid: str
    subject: str
    changes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, the newest first; ``more`` tells whether older ones follow."""

    rows: tuple[AuditRow, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of following the chain from its first entry.

    ``broken_at`` is the id of the first entry that does not fit, None where all do;
    ``why`` says in words what is wrong.
    """

    entries: int
    broken_at: int | None
    why: str
