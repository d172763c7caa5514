"""Text looked for in many rows: by an FTS5 table of trigrams, checked against the columns.

The table is ``fts5(…, tokenize='trigram', detail=none)`` and its rowid is the row's. It can
tell which rows may hold a text of three characters or more, not which do (it keeps no
positions): all trigrams of the text are asked for at once, and each row found is checked.
For shorter texts those rows count whose key columns begin with it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, TableClause, column, false, func, or_, table

from core.database.query.conditions import caseless_prefix_range, prefix_range
from core.database.query.errors import QueryError, RefusedValueError, unknown_field
from core.database.query.values import text as checked_text
from core.translation import _

MOST_TRIGRAMS = 32
"""Trigrams that the table is asked for; the check does what is left."""

_LENGTH = 3


@dataclass(frozen=True)
class Searched:
    """A column that is searched.

    Attributes:
        column: What the text is looked for in; without collation, but for ``NOCASE``.
        fold: Turns a text into the form of the column, where that keeps a folded form; else
            the letters A to Z are looked for in either case.
        nocase: Whether the column has the collation ``NOCASE``; of those without it and
            without ``fold``, the beginnings are found by their case.
    """

    column: ColumnElement[Any]
    fold: Callable[[str], str] | None = None
    nocase: bool = False

    def holds(self, text: str) -> ColumnElement[bool]:
        """Return the condition that the column holds the text."""
        if self.fold is not None:
            return func.instr(self.column, self.fold(text)) > 0
        return self.column.contains(text, autoescape=True)

    def begins_with(self, text: str) -> ColumnElement[bool]:
        """Return the condition that the column begins with the text, for its index."""
        if self.nocase:
            return caseless_prefix_range(self.column, text)
        return prefix_range(self.column, self.fold(text) if self.fold else text, plain=True)


@dataclass(frozen=True)
class TextSearch:
    """How a list is searched.

    Attributes:
        trigrams: The name of the FTS5 table; empty where there is none, and texts of any
            length are looked for by going through all rows.
        searched: What is looked through, by the public name.
        prefixes: The names of those, with an index each, that short texts are looked for in.
    """

    trigrams: str
    searched: Mapping[str, Searched]
    prefixes: tuple[str, ...] = ()

    def checked(self, text: str) -> str:
        """Return a text without spaces at its ends.

        Raises:
            QueryError: It cannot be looked for.
        """
        return searchable(text)

    def names(self, among: Iterable[str] | None) -> tuple[str, ...]:
        """Return the names that are looked through.

        Args:
            among: Those that may be; all where None.

        Raises:
            QueryError: One of them is not searched.
        """
        if among is None:
            return tuple(self.searched)
        names = tuple(among)
        for name in names:
            if name not in self.searched:
                raise unknown_field(name, self.searched)
        return names

    def uses_trigrams(self, text: str) -> bool:
        """Tell whether the FTS5 table can find the text."""
        return bool(self.trigrams) and len(text) >= _LENGTH

    def holds(
        self, text: str, names: Iterable[str], *, in_order: bool = False
    ) -> ColumnElement[bool]:
        """Return the condition on the columns themselves.

        Args:
            text: What is looked for.
            names: In what.
            in_order: The rows are read in their order, however many match: the indexes of
                beginnings, behind which all would have to be sorted, are not taken.
        """
        if self.trigrams and not self.uses_trigrams(text):
            among = [name for name in names if name in self.prefixes]
            begins = or_(false(), *(self.searched[name].begins_with(text) for name in among))
            return func.coalesce(begins, false()) if in_order else begins
        return or_(false(), *(self.searched[name].holds(text) for name in names))

    def matching(self, text: str) -> tuple[TableClause, ColumnElement[bool]]:
        """Return the FTS5 table and the condition that its row may hold the text."""
        found = _table(self.trigrams)
        return found, found.c[self.trigrams].op("MATCH", is_comparison=True)(trigrams(text))


@cache
def _table(name: str) -> TableClause:
    """Return the same object for the same table: a statement would name two of them twice."""
    return table(name, column("rowid"), column(name))


def searchable(text: object) -> str:
    """Return a text without spaces at its ends.

    Raises:
        QueryError: It cannot be looked for.
    """
    try:
        return checked_text(text).strip()
    except RefusedValueError as error:
        message = _("This cannot be searched for: {reason}").format(reason=error)
        raise QueryError(message) from None


def trigrams(text: str) -> str:
    """Return the FTS5 expression of all that may hold a text of three characters or more.

    Trigrams side by side, and the last one, say nearly as much as all that overlap, and a
    third of the lists is read: 20 instead of 44 ms for an address among a million.
    """
    last = len(text) - _LENGTH
    places = [*range(0, last, _LENGTH), last]
    unlike = dict.fromkeys(text[place : place + _LENGTH] for place in places)
    quoted = ('"' + one.replace('"', '""') + '"' for one in list(unlike)[:MOST_TRIGRAMS])
    return " AND ".join(quoted)
