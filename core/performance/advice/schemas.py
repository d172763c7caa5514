"""What the service of recommendations returns."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from core.events import Event


class AdviceKind(StrEnum):
    """What a recommendation is about."""

    JOURNAL_MODE = "journal_mode"
    CACHE_SIZE = "cache_size"
    ANALYZE = "analyze"
    MISSING_INDEX = "missing_index"
    UNUSED_INDEX = "unused_index"
    REDUNDANT_INDEX = "redundant_index"
    FREELIST = "freelist"
    PAGE_SIZE = "page_size"
    FOREIGN_KEY_INDEX = "foreign_key_index"
    NO_PRIMARY_KEY = "no_primary_key"
    WAL_GROWING = "wal_growing"
    FOREIGN_KEY_VIOLATIONS = "foreign_key_violations"
    AUTO_VACUUM = "auto_vacuum"
    DAMAGE = "damage"


class Weight(StrEnum):
    """How much it matters."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that stands behind a recommendation, in words: ``rows``, ``2,000,000``."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Something that would make the database better, or safer.

    Attributes:
        key: Names it as long as it holds; the same when it is found again.
        title: What to do.
        reason: Why, and what it will bring, in words.
        figures: What was measured.
        will_do: What ``apply`` does: statements of SQL, or words.
        applicable: Whether ``apply`` can do it; ``why_not`` says why it cannot.
        undoable: Whether it can be taken back afterwards.
        tables: The tables and indexes that it concerns.
    """

    key: str
    kind: AdviceKind
    weight: Weight
    title: str
    reason: str
    figures: tuple[Figure, ...]
    will_do: tuple[str, ...]
    applicable: bool
    why_not: str
    undoable: bool
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """What was found at one time, the weightiest first; ``notes`` tell what was not seen.

    ``schema_version`` is what SQLite called the schema then. They are ``outdated`` where that
    is another one now, or the file was maintained or checked since.
    """

    found: tuple[Recommendation, ...]
    at: datetime
    notes: tuple[str, ...] = ()
    schema_version: int = 0
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class AdviceChanged(Event):
    """The recommendations for a file were found anew, or one was applied or taken back."""

    path: Path
