"""A list of rows for a screen: what it can be filtered, sorted and searched by.

A search that finds few rows (``FEW``) gives them in the order that is asked for. One that
finds more gives them by age, the oldest first, or the newest where the order is descending:
sorting all that a text such as "an" finds would take as long as reading them. The ``order``
of the cursors of a slice tells which it was; a cursor keeps its order.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, FromClause, RowMapping, Select, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.query.conditions import MOST_VALUES
from core.database.query.errors import QueryError, unknown_field
from core.database.query.keyset import Keyset, OrderTerm
from core.database.query.listed_fields import Condition, ListedField
from core.database.query.schemas import (
    FieldDescription,
    Filter,
    ListQuery,
    PageStart,
    Slice,
)
from core.database.query.text_search import TextSearch
from core.translation import _

__all__ = ["BY_AGE", "FEW", "Count", "ListedField", "Listing"]

T = TypeVar("T")

FEW = 1_000
"""Rows that a search may find to be sorted as is asked for."""

BY_AGE = "by age"
"""How the order of a cursor is called when a search found more."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are: at least ``value`` where not ``exact``."""

    value: int
    exact: bool


class Listing(Generic[T]):
    """Reads a list of one table in slices.

    Args:
        source: The table, or a join that gives one row for each key.
        key: The integer primary key of the table.
        fields: What the list can be asked, by public name.
        order: The order where none is asked for; names with ``-`` for the largest first.
        as_row: Makes of a row what is given out; it sees ``columns`` by their keys.
        columns: What is read; all columns of the source where empty.
        search: How the list is searched; None where it is not.
    """

    def __init__(
        self,
        source: FromClause,
        *,
        key: ColumnElement[int],
        fields: Mapping[str, ListedField],
        order: Sequence[str],
        as_row: Callable[[RowMapping], T],
        columns: Sequence[ColumnElement[Any]] = (),
        search: TextSearch | None = None,
    ) -> None:
        self._source = source
        self._key = key
        self._fields = dict(fields)
        self._order = tuple(order)
        self._as_row = as_row
        self._columns = tuple(columns) or tuple(source.columns)
        self._search = search

    def describe(self, *, except_: Collection[str] = ()) -> tuple[FieldDescription, ...]:
        """Return the fields for a filter bar, without those that the viewer may not ask."""
        return tuple(
            FieldDescription(
                name=name,
                words=one.words(),
                type=one.type,
                operators=one.possible(),
                choices=one.choices(),
                sortable=one.sortable,
            )
            for name, one in self._fields.items()
            if name not in except_
        )

    async def slice(
        self,
        session: AsyncSession,
        query: ListQuery,
        start: PageStart,
        limit: int,
        *,
        where: Sequence[Condition] = (),
        except_: Collection[str] = (),
        searched: Iterable[str] | None = None,
        total: int | None = None,
    ) -> Slice[T]:
        """Return the rows of a page.

        Args:
            limit: How many rows at most.
            where: What must hold besides, such as what the viewer may see.
            except_: The fields that the viewer may neither filter nor sort by.
            searched: The names of what the search looks through; all where None.
            total: How many rows there are, where known: far positions are then found sooner.

        Raises:
            QueryError: A field, operator, value, order, text or cursor does not fit.
        """
        terms = self._terms(query.order, except_)
        many = await self._with_many_members(session, query.filters, except_)
        statement = self._statement(query, where, except_, many)
        text = self._text(query)
        if text:
            statement, terms = await self._found(
                session, statement, terms, text, searched, start
            )
        keyset = Keyset(statement, terms)
        return await keyset.slice(session, start, limit, self._as_row, total=total)

    async def count(
        self,
        session: AsyncSession,
        query: ListQuery,
        at_most: int | None = None,
        *,
        where: Sequence[Condition] = (),
        except_: Collection[str] = (),
        searched: Iterable[str] | None = None,
    ) -> Count:
        """Count the rows.

        Args:
            at_most: Stop counting there; the count is then not exact.

        Raises:
            QueryError: A field, operator, value or text does not fit.
        """
        statement = self._keys(query, where, except_, searched)
        if at_most is not None:
            statement = statement.limit(at_most + 1)
        counted = select(func.count()).select_from(statement.subquery())
        value = int(await session.scalar(counted) or 0)
        if at_most is not None and value > at_most:
            return Count(at_most, exact=False)
        return Count(value, exact=True)

    async def keys(
        self,
        session: AsyncSession,
        query: ListQuery,
        *,
        where: Sequence[Condition] = (),
        except_: Collection[str] = (),
        searched: Iterable[str] | None = None,
    ) -> list[int]:
        """Return the keys of all rows, the smallest first, for what is done to all of them.

        Raises:
            QueryError: A field, operator, value or text does not fit.
        """
        statement = self._keys(query, where, except_, searched).order_by(self._key)
        return list((await session.scalars(statement)).all())

    def conditions(
        self,
        filters: Iterable[Filter],
        *,
        except_: Collection[str] = (),
        many: Collection[int] = (),
    ) -> list[Condition]:
        """Return the conditions of filters, for statements of other shapes.

        Args:
            many: The places of the filters that choose so many rows that each row is looked
                up among their members.

        Raises:
            QueryError: A field, operator or value does not fit.
        """
        found = []
        for place, one in enumerate(filters):
            holds = self._field(one.field, except_).holds(one)
            if isinstance(holds, Select) and place in many:
                member = holds.selected_columns[0] == self._key
                holds = holds.where(member).exists()
            found.append(self._key.in_(holds) if isinstance(holds, Select) else holds)
        return found

    async def _with_many_members(
        self, session: AsyncSession, filters: Sequence[Filter], except_: Collection[str]
    ) -> set[int]:
        """Return the places of filters whose keys are too many to begin with."""
        many = set()
        for place, one in enumerate(filters):
            holds = self._field(one.field, except_).holds(one)
            if isinstance(holds, Select):
                some = holds.limit(FEW + 1).subquery()
                counted = await session.scalar(select(func.count()).select_from(some))
                if int(counted or 0) > FEW:
                    many.add(place)
        return many

    def _field(self, name: str, except_: Collection[str]) -> ListedField:
        if name not in self._fields or name in except_:
            raise unknown_field(name, [one for one in self._fields if one not in except_])
        return self._fields[name]

    def _terms(self, order: Sequence[str], except_: Collection[str]) -> list[OrderTerm]:
        terms: list[OrderTerm] = []
        for signed in order or self._order:
            name = signed.removeprefix("-")
            one = self._field(name, except_)
            if not one.sortable:
                raise self._not_sortable(name, except_)
            if name in [term.name for term in terms]:
                continue
            column = one.column if one.sort is None else one.sort
            terms.append(
                OrderTerm(name, column, signed != name, getattr(column, "nullable", True))
            )
        descending = bool(terms) and terms[-1].descending
        return [*terms, OrderTerm("", self._key, descending, nullable=False)]

    def _not_sortable(self, name: str, except_: Collection[str]) -> QueryError:
        text = _("The list cannot be sorted by the field “{field}”.").format(field=name)
        sortable = [
            other
            for other, one in self._fields.items()
            if one.sortable and other not in except_
        ]
        return QueryError(text, field=name, possible=sortable)

    def _statement(
        self,
        query: ListQuery,
        where: Sequence[Condition],
        except_: Collection[str],
        many: Collection[int] = (),
    ) -> Select[Any]:
        statement = select(*self._columns).select_from(self._source)
        conditions = self.conditions(query.filters, except_=except_, many=many)
        return statement.where(*conditions, *where)

    def _keys(
        self,
        query: ListQuery,
        where: Sequence[Condition],
        except_: Collection[str],
        searched: Iterable[str] | None,
    ) -> Select[Any]:
        statement = self._statement(query, where, except_)
        text = self._text(query)
        if text:
            statement = self._matching(statement, text, searched)
        return statement.with_only_columns(self._key, maintain_column_froms=True)

    def _text(self, query: ListQuery) -> str:
        if not query.search.strip():
            return ""
        if self._search is None:
            raise QueryError(_("This list cannot be searched."))
        return self._search.checked(query.search)

    async def _found(
        self,
        session: AsyncSession,
        statement: Select[Any],
        terms: list[OrderTerm],
        text: str,
        searched: Iterable[str] | None,
        start: PageStart,
    ) -> tuple[Select[Any], list[OrderTerm]]:
        """Return the statement of what a search finds, and the order that it can have."""
        in_order = self._matching(statement, text, searched, in_order=True)
        by_age = [OrderTerm(BY_AGE, self._age(text), terms[0].descending, nullable=False)]
        if start.cursor is not None and start.cursor.order == (by_age[0].signed_name,):
            return in_order, by_age
        # A search that found few keeps its order on all its pages.
        most = FEW if start.cursor is None else MOST_VALUES
        matching = self._matching(statement, text, searched)
        keys = matching.with_only_columns(self._key, maintain_column_froms=True)
        found = (await session.scalars(keys.limit(most + 1))).all()
        if len(found) > most:
            return in_order, by_age
        return statement.where(self._key.in_(found) if found else false()), terms

    def _matching(
        self,
        statement: Select[Any],
        text: str,
        searched: Iterable[str] | None,
        *,
        in_order: bool = False,
    ) -> Select[Any]:
        assert self._search is not None
        names = self._search.names(searched)
        statement = statement.where(self._search.holds(text, names, in_order=in_order))
        if not self._search.uses_trigrams(text):
            return statement
        found, matches = self._search.matching(text)
        joined = found.join(self._source, found.c.rowid == self._key)
        return statement.select_from(joined).where(matches)

    def _age(self, text: str) -> ColumnElement[Any]:
        """Return what the rows of a search are sorted by when they are many."""
        assert self._search is not None
        if not self._search.uses_trigrams(text):
            return self._key
        return self._search.matching(text)[0].c.rowid
