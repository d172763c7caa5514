"""What a query computes of many rows: aggregates and window functions.

Rows without a value (NULL) are left out, except by ``Count()``. Of no rows at all a count
is 0 and all else is nothing (``None``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as made_by
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Float, func, type_coerce
from sqlalchemy.sql.functions import FunctionElement

from core.database.fields.storing import Checked
from core.database.query.errors import QueryError
from core.database.query.values import Kind, kind_of
from core.translation import _

Find = Callable[[str], ColumnElement[Any]]
"""Gives the column of a field."""


@dataclass(frozen=True)
class Aggregate:
    """A value of many rows.

    Attributes:
        field: What it is of.
        where: Filters by ``field__operator``: only rows that meet them count.
        partition: Makes it a window function, computed for each row over those that are equal
            in these fields; ``()`` is over all rows.
        order: In which order a window adds up, up to the row; names, with ``-`` for the
            largest first.
    """

    field: str = ""
    where: Mapping[str, object] = made_by(default_factory=dict)
    partition: tuple[str, ...] | None = None
    order: tuple[str, ...] = ()

    name: ClassVar[str] = ""
    kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.ANY})

    def compiled(
        self, find: Find, condition: Callable[[Mapping[str, object]], ColumnElement[bool]]
    ) -> ColumnElement[Any]:
        """Return the SQL.

        Raises:
            QueryError: A field is not there or of a kind that this cannot be computed of.
        """
        self._check()
        function = self._function(find)
        made = function.filter(condition(self.where)) if self.where else function
        if self.partition is None and not self.order:
            return made
        order = [
            find(one.removeprefix("-")).desc() if one.startswith("-") else find(one).asc()
            for one in self.order
        ]
        partition = [find(one) for one in self.partition or ()]
        return made.over(partition_by=partition or None, order_by=order or None)

    def _check(self) -> None:
        """Refuse what SQLite cannot compute."""

    def _function(self, find: Find) -> FunctionElement[Any]:
        return self._of(self._column(find))

    def _of(self, column: ColumnElement[Any]) -> FunctionElement[Any]:
        found: FunctionElement[Any] = getattr(func, self.name)(column)
        return found

    def _column(self, find: Find) -> ColumnElement[Any]:
        column = find(self.field)
        if self.kinds and kind_of(column.type) not in self.kinds:
            text = _("“{aggregate}” cannot be computed of the field “{field}”.")
            raise QueryError(
                text.format(aggregate=self.name, field=self.field),
                field=self.field,
                operator=self.name,
            )
        return column


@dataclass(frozen=True)
class Count(Aggregate):
    """How many rows, or how many values of a field, each once where ``distinct``."""

    distinct: bool = False

    name = "count"
    kinds = frozenset()

    def _check(self) -> None:
        if self.distinct and (self.partition is not None or self.order):
            raise QueryError(
                _("Values cannot be counted once each in a window."),
                field=self.field,
                operator=self.name,
            )

    def _function(self, find: Find) -> FunctionElement[Any]:
        if not self.field:
            return func.count()
        column = self._column(find)
        return func.count(column.distinct() if self.distinct else column)


@dataclass(frozen=True)
class Sum(Aggregate):
    """The sum of a field."""

    name = "sum"


@dataclass(frozen=True)
class Avg(Aggregate):
    """The mean of a field, as a float."""

    name = "avg"

    def _of(self, column: ColumnElement[Any]) -> FunctionElement[Any]:
        if isinstance(column.type, Checked) and column.type.places:
            # As stored it is a whole number of the smallest parts.
            column = type_coerce(column, Float()) / 10.0**column.type.places
        return func.avg(column, type_=Float())


_ORDERED = frozenset(Kind) - {Kind.JSON, Kind.BINARY, Kind.BOOLEAN, Kind.SEALED}


@dataclass(frozen=True)
class Min(Aggregate):
    """The smallest value of a field."""

    name = "min"
    kinds = _ORDERED


@dataclass(frozen=True)
class Max(Aggregate):
    """The largest value of a field."""

    name = "max"
    kinds = _ORDERED


@dataclass(frozen=True)
class _Place(Aggregate):
    """The place of a row among others; all of them count."""

    partition: tuple[str, ...] | None = ()

    def _check(self) -> None:
        if self.where:
            raise QueryError(
                _("All rows have a place: filter the query instead."), operator=self.name
            )


@dataclass(frozen=True)
class RowNumber(_Place):
    """The number of a row in its ``partition``, from 1, in the ``order``."""

    name = "row_number"

    def _function(self, find: Find) -> FunctionElement[Any]:  # noqa: ARG002
        return func.row_number()


@dataclass(frozen=True)
class Rank(_Place):
    """The rank of a row in its ``partition``, from 1; equal rows share one."""

    name = "rank"

    def _function(self, find: Find) -> FunctionElement[Any]:  # noqa: ARG002
        return func.rank()
