"""Pages by the place of a row instead of by its number: as quick at the end as at the start.

The order of a list ends with its key, so that it is total. Rows without a value (NULL) come
first, and last where the order is descending, as SQLite sorts. A page is read by one range
of an index: where the first field of the order may be NULL, the rows without a value and
those with one are two ranges, read one after the other.

The condition behind a place, for fields a and b: ``a >= :a AND (a > :a OR b > :b)``; the
first part is what an index finds, unlike ``(a, b) > (:a, :b)`` with collations.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    bindparam,
    false,
    or_,
    true,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.query.errors import QueryError
from core.database.query.schemas import Cursor, PageStart, Slice
from core.database.query.values import LARGEST_INTEGER, AsStored
from core.translation import _

T = TypeVar("T")
Condition = ColumnElement[bool]

_LABEL = "keyset {}"


@dataclass(frozen=True, slots=True)
class OrderTerm:
    """One field of an order.

    Attributes:
        name: What the order calls it, without sign.
        column: What is sorted by.
        descending: Whether the largest comes first.
        nullable: Whether rows may have no value.
    """

    name: str
    column: ColumnElement[Any]
    descending: bool = False
    nullable: bool = True

    @property
    def signed_name(self) -> str:
        """The name with ``-`` where it is descending."""
        return f"-{self.name}" if self.descending else self.name

    def reversed(self) -> "OrderTerm":
        """Return the term of the opposite order."""
        return OrderTerm(self.name, self.column, not self.descending, self.nullable)

    def sorted(self) -> ColumnElement[Any]:
        """Return what ``ORDER BY`` takes."""
        return self.column.desc() if self.descending else self.column.asc()

    def behind(self, value: object, *, or_at: bool = False) -> Condition:
        """Return the condition of rows behind a value in this order, or at it too."""
        if value is None:
            if self.descending:
                return self.column.is_(None) if or_at else false()
            return true() if or_at else self.column.is_not(None)
        place = _raw(value)
        if not self.descending:
            return self.column >= place if or_at else self.column > place
        found = self.column <= place if or_at else self.column < place
        return or_(found, self.column.is_(None)) if self.nullable else found


class Keyset:
    """Reads pages of a statement in a total order.

    Args:
        statement: What is read, with its conditions, without order and limits.
        terms: The order; the last of them are the key, whose values are unlike in all rows.
    """

    def __init__(self, statement: Select[Any], terms: Sequence[OrderTerm]) -> None:
        self._statement = statement
        self._terms = tuple(terms)
        self._order = tuple(term.signed_name for term in terms)

    async def slice(
        self,
        session: AsyncSession,
        start: PageStart,
        limit: int,
        as_row: Callable[[RowMapping], T],
        *,
        total: int | None = None,
    ) -> Slice[T]:
        """Return the rows of a page.

        Args:
            limit: How many rows at most.
            as_row: Makes of a row what is given out.
            total: How many rows there are, where that is known: a position is then counted
                from the nearer end.

        Raises:
            QueryError: The limit or the position is none, or the cursor is not of this order.
        """
        if not 1 <= limit < LARGEST_INTEGER:
            raise QueryError(_("A page needs at least one row."))
        place = await self._place(session, start, total)
        if place is None:
            return Slice((), None, None, await self._any(session), more_after=False)
        values, at_it = place
        backwards = start.backwards and start.position is None
        terms = self._reversed() if backwards else self._terms
        found = await self._rows(session, terms, values, limit + 1, at_it=at_it)
        more = len(found) > limit
        rows = found[:limit][::-1] if backwards else found[:limit]
        other = await self._more_on_the_other_side(session, terms, values, at_it=at_it)
        before, after = (more, other) if backwards else (other, more)
        first, last = (self._cursor(rows[0]), self._cursor(rows[-1])) if rows else (None, None)
        return Slice(tuple(map(as_row, rows)), first, last, before, after)

    async def _place(
        self, session: AsyncSession, start: PageStart, total: int | None
    ) -> tuple[tuple[object, ...] | None, bool] | None:
        """Return the values to begin at, None for an end of the list; None past the end."""
        if start.cursor is not None:
            return self._checked(start.cursor), False
        if not start.position:
            return None, False
        if not 0 <= start.position <= LARGEST_INTEGER:
            raise QueryError(_("A position is counted from 0."))
        terms, offset = self._terms, start.position
        if total is not None and offset < total < 2 * offset:
            terms, offset = self._reversed(), total - 1 - offset
        keys = self._statement.with_only_columns(
            *self._key_columns(), maintain_column_froms=True
        )
        keys = self._sorted(keys, terms)
        found = (await session.execute(keys.limit(1).offset(offset))).first()
        return None if found is None else (tuple(found), True)

    async def _rows(
        self,
        session: AsyncSession,
        terms: Sequence[OrderTerm],
        values: tuple[object, ...] | None,
        count: int,
        *,
        at_it: bool,
    ) -> list[RowMapping]:
        rows: list[RowMapping] = []
        for condition in _ranges(terms, values, at_it=at_it):
            statement = self._statement.add_columns(*self._key_columns()).where(condition)
            statement = self._sorted(statement, terms).limit(count - len(rows))
            rows += (await session.execute(statement)).mappings()
            if len(rows) == count:
                break
        return rows

    async def _more_on_the_other_side(
        self,
        session: AsyncSession,
        terms: Sequence[OrderTerm],
        values: tuple[object, ...] | None,
        *,
        at_it: bool,
    ) -> bool:
        if values is None:
            return False
        back = [term.reversed() for term in terms]
        return bool(await self._rows(session, back, values, 1, at_it=not at_it))

    async def _any(self, session: AsyncSession) -> bool:
        return bool(await self._rows(session, self._terms, None, 1, at_it=False))

    def _sorted(self, statement: Select[Any], terms: Sequence[OrderTerm]) -> Select[Any]:
        return statement.order_by(*(term.sorted() for term in terms))

    def _key_columns(self) -> list[ColumnElement[Any]]:
        return [
            type_coerce(term.column, AsStored()).label(_LABEL.format(place))
            for place, term in enumerate(self._terms)
        ]

    def _cursor(self, row: RowMapping) -> Cursor:
        values = tuple(row[_LABEL.format(place)] for place in range(len(self._terms)))
        return Cursor(values, self._order)

    def _checked(self, cursor: Cursor) -> tuple[object, ...]:
        fit = cursor.order == self._order and len(cursor.values) == len(self._terms)
        if not fit or not all(map(_is_stored, cursor.values)):
            raise QueryError(
                _("The place to go on from belongs to another order of the list."),
                possible=self._order,
            )
        return cursor.values

    def _reversed(self) -> tuple[OrderTerm, ...]:
        return tuple(term.reversed() for term in self._terms)


def _ranges(
    terms: Sequence[OrderTerm], values: tuple[object, ...] | None, *, at_it: bool
) -> list[Condition]:
    """Return the conditions behind a place, each of one range, in the order of the list."""
    first = terms[0]
    if values is None:
        return [true()]
    if not first.nullable:
        return [_behind(terms, values, at_it=at_it)]
    without, with_value = first.column.is_(None), first.column.is_not(None)
    if values[0] is None:
        rest = and_(without, _behind(terms[1:], values[1:], at_it=at_it))
        return [rest] if first.descending else [rest, with_value]
    sure = OrderTerm(first.name, first.column, first.descending, nullable=False)
    rest = _behind([sure, *terms[1:]], values, at_it=at_it)
    return [rest, without] if first.descending else [rest]


def _behind(
    terms: Sequence[OrderTerm], values: tuple[object, ...], *, at_it: bool
) -> Condition:
    if not terms:
        return true() if at_it else false()
    first, value = terms[0], values[0]
    if len(terms) == 1:
        return first.behind(value, or_at=at_it)
    deeper = _behind(terms[1:], values[1:], at_it=at_it)
    return and_(first.behind(value, or_at=True), or_(first.behind(value), deeper))


def _raw(value: object) -> ColumnElement[Any]:
    return bindparam(None, value, type_=AsStored())


def _is_stored(value: object) -> bool:
    """Whether SQLite could have given this value."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return value is None or isinstance(value, str | float | bytes)
