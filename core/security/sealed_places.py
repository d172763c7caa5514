"""Which columns hold sealed values: declared once, so that a rotation misses none."""

from dataclasses import dataclass
from enum import Enum


class SealedKind(Enum):
    """How sealed values lie in a column."""

    TEXT = "text"  # one of them
    OBJECT = "object"  # a JSON object: names to sealed values


@dataclass(frozen=True, slots=True)
class SealedPlace:
    """A column with sealed values; its table has a ``rowid``.

    Args:
        table: The table, which need not be there yet.
        column: The column.
        kind: How they lie in it.
        uid: The column that names the row in ``place_of``.
    """

    table: str
    column: str
    kind: SealedKind = SealedKind.TEXT
    uid: str = "uid"


SEALED_PLACES: tuple[SealedPlace, ...] = (
    SealedPlace("projects", "secrets", SealedKind.OBJECT),
    SealedPlace("users", "note"),
    SealedPlace("users", "totp_secret"),
)
