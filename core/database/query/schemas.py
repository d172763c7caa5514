"""What is asked of a list, and what comes back: no SQL, no tables."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Operator(StrEnum):
    """How a field is held against a value; ``field__operator`` in a filter."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    LIKE = "like"
    ILIKE = "ilike"
    IN = "in"
    NOT_IN = "not_in"
    IS_NULL = "is_null"
    IS_NOT_NULL = "is_not_null"
    BETWEEN = "between"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition of a list.

    ``value`` is what the field's type takes: one value, a tuple of them for ``in`` and
    ``not_in``, two for ``between``, nothing for ``is_null`` and ``is_not_null``.
    """

    field: str
    operator: Operator
    value: object = None


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which rows of a list, and in which order.

    ``order`` names fields, with a leading ``-`` for the largest first; the filters hold all
    at once; ``search`` is looked for in the fields that the list searches.
    """

    filters: tuple[Filter, ...] = ()
    search: str = ""
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between rows: the values of the order's fields, and of the key, at one row.

    They are as SQLite stores them. ``order`` says in which order the place is; a cursor is of
    no use in another.
    """

    values: tuple[object, ...]
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageStart:
    """Where a page begins.

    With ``cursor`` right after that row, or right before it where ``backwards``; else with
    ``position`` at this many rows from the first; else at the first row, or, where
    ``backwards``, so that the page ends with the last one. The rows of a page always come
    in the order of the list.
    """

    cursor: Cursor | None = None
    position: int | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """Rows that follow each other, with the cursors of the first and the last."""

    rows: tuple[T, ...]
    first: Cursor | None
    last: Cursor | None
    more_before: bool
    more_after: bool


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A numbered page, counted from 1; ``pages`` is 0 when there is nothing."""

    items: tuple[T, ...]
    total: int
    page: int
    per_page: int
    pages: int


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """What a filter bar or a table needs to know of a field.

    Attributes:
        name: As filters and orders name it.
        words: What people call it.
        type: The name of its type in the registry of fields.
        operators: What it can be asked.
        choices: The values it may have and their words, where they are few; else empty.
        sortable: Whether a list can be ordered by it at once, by an index.
    """

    name: str
    words: str
    type: str
    operators: tuple[Operator, ...]
    choices: tuple[tuple[str, str], ...] = ()
    sortable: bool = False
