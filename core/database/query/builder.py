"""The typed query builder: questions to any table, checked field by field.

Each method returns a new query. What is asked is checked at once, so that the error tells
the field and the operator where they are named. ``conditions`` says what the operators mean.

    query = Query(Build).join(Project, name="project").where(state__in=["success", "failed"])
    query = query.where({"project.name__starts_with": "api"}).order_by("-number")
    page = await query.page(session, 1, per_page=50)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import CTE, ColumnElement, Select, Subquery, and_, or_, select

from core.database.query.aggregates import Aggregate
from core.database.query.conditions import condition, containing
from core.database.query.errors import QueryError, bad_value, unknown_field
from core.database.query.filters import parse_filters
from core.database.query.reading import Readable
from core.database.query.schemas import Filter, Operator
from core.database.query.sources import Source, Sources
from core.database.query.text_search import searchable
from core.database.query.values import LARGEST_INTEGER, Kind, kind_of
from core.translation import _

Filters = Filter | Mapping[str, object]

_SEARCHED = (Kind.TEXT, Kind.ANY)


@dataclass(frozen=True)
class _Parts:
    """What a query is put together of."""

    sources: Sources
    shown: tuple[str, ...] = ()
    computed: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    windows: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    where: tuple[ColumnElement[bool], ...] = ()
    grouped: tuple[str, ...] = ()
    having: tuple[ColumnElement[bool], ...] = ()
    order: tuple[str, ...] = ()
    limit: int | None = None
    offset: int | None = None


class Query(Readable):
    """A question to a table, a model, a view, or to another query's subquery or CTE."""

    def __init__(self, source: Source) -> None:
        self._parts = _Parts(Sources.of(source))

    def only(self, *fields: str) -> Self:
        """Return the query with these fields alone; those of joined tables are named so too.

        Raises:
            QueryError: A field is not there.
        """
        for name in fields:
            self._parts.sources.find(name)
        return self._with(shown=fields)

    def join(
        self, other: Source, *, on: Mapping[str, str] | None = None, name: str = ""
    ) -> Self:
        """Return the query joined to another source; its fields are ``name.field``.

        Args:
            on: Fields of the query, each with the field of the other that it equals; the
                only foreign key between them where None.
            name: What the other is called; the table's name where empty.

        Raises:
            QueryError: A field is not there, the name is taken, or the key is not clear.
        """
        return self._with(sources=self._parts.sources.join(other, on, name, outer=False))

    def left_join(
        self, other: Source, *, on: Mapping[str, str] | None = None, name: str = ""
    ) -> Self:
        """Return the query joined as by ``join``, with the rows that have no partner too."""
        return self._with(sources=self._parts.sources.join(other, on, name, outer=True))

    def where(self, *filters: Filters, **lookups: object) -> Self:
        """Return the query with more conditions, which hold all at once.

        Args:
            filters: ``Filter`` objects, or dictionaries with ``field__operator`` keys.
            lookups: The same as arguments. For ``in`` and ``not_in`` a value may be a query
                of one field.

        Raises:
            QueryError: A field, operator or value does not fit.
        """
        more = self._conditions(filters, lookups, self._parts.sources.find)
        return self._with(where=(*self._parts.where, *more))

    def where_any(self, *filters: Filters, **lookups: object) -> Self:
        """Return the query with the condition that one of these holds."""
        more = self._conditions(filters, lookups, self._parts.sources.find)
        return self._with(where=(*self._parts.where, or_(*more))) if more else self

    def when(
        self, wanted: object, then: Callable[[Self], Self] | Filters, **lookups: object
    ) -> Self:
        """Return the query changed if ``wanted`` is true, else as it is."""
        if not wanted:
            return self
        return then(self) if callable(then) else self.where(then, **lookups)

    def search(self, text: str, *fields: str) -> Self:
        """Return the query for rows that hold a text in one of the fields at least.

        The letters A to Z are found in either case; a text of nothing but spaces finds all.

        Raises:
            QueryError: A field is not there or is no text, or the text cannot be looked for.
        """
        if not fields:
            raise QueryError(_("Name the fields to search."))
        for name in fields:
            if kind_of(self._parts.sources.find(name).type) not in _SEARCHED:
                refused = _("The field “{field}” holds no text.").format(field=name)
                raise QueryError(refused, field=name)
        wanted = searchable(text)
        if not wanted:
            return self
        pattern = containing(wanted)
        return self.where_any(*(Filter(name, Operator.ILIKE, pattern) for name in fields))

    def date_range(self, field: str, start: object = None, end: object = None) -> Self:
        """Return the query for rows from ``start`` on and before ``end``; None is open."""
        filters = [Filter(field, Operator.GTE, start)] if start is not None else []
        filters += [Filter(field, Operator.LT, end)] if end is not None else []
        return self.where(*filters)

    def last_days(self, field: str, days: int, *, now: datetime) -> Self:
        """Return the query for the time from ``days`` × 24 hours before ``now`` until then.

        Of a field of dates, these are as many dates, the last being that of ``now``.

        Raises:
            QueryError: The number of days is none.
        """
        if isinstance(days, bool) or not isinstance(days, int) or not 0 < days < 1_000_000:
            reason = _("The number of days is not possible.")
            raise bad_value(field, Operator.BETWEEN, reason)
        try:
            if kind_of(self._parts.sources.find(field).type) is Kind.DATE:
                ends: tuple[date, date] = (now.date() - timedelta(days - 1), now.date())
            else:
                ends = (now - timedelta(days), now)
        except OverflowError:
            reason = _("That is before the first year.")
            raise bad_value(field, Operator.BETWEEN, reason) from None
        return self.where(Filter(field, Operator.BETWEEN, ends))

    def order_by(self, *fields: str) -> Self:
        """Return the query in this order; ``-name`` is the largest first.

        Raises:
            QueryError: A field is not there.
        """
        for signed in fields:
            self._output(signed.removeprefix("-"))
        return self._with(order=fields)

    def group_by(self, *fields: str) -> Self:
        """Return the query with one row for each combination of these fields' values."""
        for name in fields:
            self._parts.sources.find(name)
        return self._with(grouped=fields)

    def aggregate(self, **aggregates: Aggregate) -> Self:
        """Return the query for values of each group, or of all rows where it has no groups.

        Raises:
            QueryError: A field is not there, or an aggregate cannot be computed of it, or is
                one of a window.
        """
        for name, one in aggregates.items():
            if one.partition is not None or one.order:
                text = _("“{name}” is of a window, not of a group.").format(name=name)
                raise QueryError(text, field=one.field, operator=one.name)
        return self._with(computed={**self._parts.computed, **self._computed(aggregates)})

    def window(self, **windows: Aggregate) -> Self:
        """Return the query with more fields, computed over the rows around each.

        A query that filters or sorts by them reads from this one ``as_subquery``. One without
        a ``partition`` is over all rows.
        """
        over = {
            name: replace(one, partition=one.partition or ()) for name, one in windows.items()
        }
        return self._with(windows={**self._parts.windows, **self._computed(over)})

    def having(self, *filters: Filters, **lookups: object) -> Self:
        """Return the query for groups that meet these; names are aggregates or grouped."""
        more = self._conditions(filters, lookups, self._grouped)
        return self._with(having=(*self._parts.having, *more))

    def limit(self, count: int) -> Self:
        """Return the query for this many rows at most."""
        return self._with(limit=_natural(count, _("A limit is 0 or more.")))

    def offset(self, count: int) -> Self:
        """Return the query without its first rows."""
        return self._with(offset=_natural(count, _("An offset is 0 or more.")))

    def as_subquery(self, name: str) -> Subquery:
        """Return what another query can read from."""
        return self.select().subquery(name)

    def as_cte(self, name: str) -> CTE:
        """Return what other queries of one statement can read from, by a name."""
        return self.select().cte(name)

    def select(self) -> Select[Any]:
        """Return the statement of SQLAlchemy."""
        parts = self._parts
        statement = self._unordered().order_by(
            *(
                self._output(one[1:]).desc() if one.startswith("-") else self._output(one)
                for one in parts.order
            )
        )
        return statement.limit(parts.limit).offset(parts.offset)

    def _unordered(self) -> Select[Any]:
        parts = self._parts
        columns = [column.label(name) for name, column in self._outputs().items()]
        statement = select(*columns).select_from(parts.sources.joined).where(*parts.where)
        grouped = [parts.sources.find(name) for name in parts.grouped]
        return statement.group_by(*grouped).having(*parts.having) if self._groups else statement

    @property
    def _groups(self) -> bool:
        return bool(self._parts.grouped or self._parts.computed or self._parts.having)

    def _outputs(self) -> dict[str, ColumnElement[Any]]:
        parts = self._parts
        names: Sequence[str] = parts.shown or tuple(parts.sources.fields)
        if self._groups:
            names = parts.grouped
        fields = {name: parts.sources.find(name) for name in names}
        return {**fields, **parts.computed, **parts.windows}

    def _output(self, name: str) -> ColumnElement[Any]:
        """Return what can be sorted by: what comes out, or any field without groups."""
        known = self._outputs() if self._groups else {
            **self._parts.sources.fields, **self._parts.windows
        }  # fmt: skip
        if name not in known:
            raise unknown_field(name, known)
        return known[name]

    def _grouped(self, name: str) -> ColumnElement[Any]:
        known = {one: self._parts.sources.find(one) for one in self._parts.grouped}
        known |= self._parts.computed
        if name not in known:
            raise unknown_field(name, known)
        return known[name]

    def _computed(self, aggregates: Mapping[str, Aggregate]) -> dict[str, ColumnElement[Any]]:
        def met(filters: Mapping[str, object]) -> ColumnElement[bool]:
            return and_(*self._conditions([filters], {}, self._parts.sources.find))

        find = self._parts.sources.find
        return {name: one.compiled(find, met) for name, one in aggregates.items()}

    def _conditions(
        self,
        filters: Sequence[Filters],
        lookups: Mapping[str, object],
        find: Callable[[str], ColumnElement[Any]],
    ) -> list[ColumnElement[bool]]:
        parsed: list[Filter] = []
        for one in (*filters, lookups):
            parsed += [one] if isinstance(one, Filter) else parse_filters(one)
        return [self._condition(one, find(one.field)) for one in parsed]

    def _condition(self, one: Filter, column: ColumnElement[Any]) -> ColumnElement[bool]:
        if not isinstance(one.value, Query):
            return condition(one.field, column, one.operator, one.value)
        inner = one.value.select()
        if len(inner.selected_columns) != 1:
            raise bad_value(one.field, one.operator, _("The query within needs one field."))
        if one.operator is Operator.IN:
            return column.in_(inner)
        if one.operator is Operator.NOT_IN:
            found = inner.subquery().columns[0]
            known = select(found).where(found.is_not(None))
            return or_(column.is_(None), column.not_in(known))
        raise bad_value(one.field, one.operator, _("Only “in” and “not_in” take a query."))

    def _with(self, **changes: Any) -> Self:
        changed = object.__new__(type(self))
        changed._parts = replace(self._parts, **changes)
        return changed


def _natural(count: int, refused: str) -> int:
    whole = isinstance(count, int) and not isinstance(count, bool)
    if not whole or not 0 <= count <= LARGEST_INTEGER:
        raise QueryError(refused)
    return count
