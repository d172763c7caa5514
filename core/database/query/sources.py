"""What a query reads from: tables, models, views, other queries; and the fields of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, Table, and_, literal_column
from sqlmodel import SQLModel

from core.database.query.errors import QueryError, unknown_field
from core.database.quoting import quoted
from core.database.tables import table_of
from core.translation import _

Source = FromClause | type[SQLModel]


@dataclass(frozen=True)
class Sources:
    """The tables of a query, joined, and their fields by name.

    Fields of the first have their own names, those of joined ones ``name.field``.
    """

    first: FromClause
    joined: FromClause
    fields: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    outer: frozenset[str] = frozenset()

    @classmethod
    def of(cls, source: Source) -> "Sources":
        """Return a single source."""
        first = _from_clause(source)
        return cls(first, first, {column.key: column for column in first.columns})

    def find(self, name: str) -> ColumnElement[Any]:
        """Return the column of a field.

        Raises:
            QueryError: There is none of this name.
        """
        if name not in self.fields:
            raise unknown_field(name, self.fields)
        return self.fields[name]

    def nullable(self, name: str) -> bool:
        """Tell whether rows may have no value of a field."""
        column = self.fields.get(name)
        return name in self.outer or getattr(column, "nullable", True)

    def join(
        self, other: Source, on: Mapping[str, str] | None, name: str, *, outer: bool
    ) -> "Sources":
        """Return these and another.

        Args:
            on: The fields that are equal: of these, to those of the other; the foreign key
                between them where None.
            name: What the fields of the other begin with; its own name where empty.

        Raises:
            QueryError: The name is taken, a field is not there, or there is not one key.
        """
        right = _from_clause(other)
        name = name or getattr(right, "name", "")
        prefixed = {f"{name}.{column.key}" for column in right.columns}
        if not name or prefixed & set(self.fields):
            text = _("A joined table needs a name of its own, not “{name}”.")
            raise QueryError(text.format(name=name), field=name)
        aliased = right.alias(name) if isinstance(right, Table) else right
        condition = self._condition(aliased, name, on or self._key_to(right, name))
        fields = {f"{name}.{column.key}": column for column in aliased.columns}
        return replace(
            self,
            joined=self.joined.join(aliased, condition, isouter=outer),
            fields={**self.fields, **fields},
            outer=self.outer | prefixed if outer else self.outer,
        )

    def key(self) -> list[tuple[str, ColumnElement[Any]]]:
        """Return the primary keys of all sources; the rowid of a table without one.

        A view is told by ``info={"is_view": True}`` of its ``Table``.

        Raises:
            QueryError: There is none: rows cannot be told apart.
        """
        found = [
            (name, column)
            for name, column in self.fields.items()
            if getattr(column, "primary_key", False)
        ]
        of_first = [name for name, column in found if column in set(self.first.columns)]
        if not of_first and isinstance(self.first, Table) and not _is_view(self.first):
            found = [("rowid", _rowid(self.first)), *found]
        elif not of_first:
            raise QueryError(_("What is read has no key, so that it has no place to go on."))
        return found

    def _condition(
        self, right: FromClause, name: str, on: Mapping[str, str]
    ) -> ColumnElement[bool]:
        known = {column.key: column for column in right.columns}
        pairs = []
        for mine, theirs in on.items():
            if theirs not in known:
                raise unknown_field(f"{name}.{theirs}", known)
            pairs.append(self.find(mine) == known[theirs])
        return and_(*pairs)

    def _key_to(self, right: FromClause, name: str) -> dict[str, str]:
        """Return the fields of the only foreign key between these and another."""
        theirs = set(right.columns)
        keys = [
            {mine: foreign.column.key}
            for mine, column in self.fields.items()
            if isinstance(column, Column)
            for foreign in column.foreign_keys
            if foreign.column in theirs
        ]
        mine = {id(column): key for key, column in self.fields.items()}
        keys += [
            {mine[id(foreign.column)]: column.key}
            for column in right.columns
            if isinstance(column, Column)
            for foreign in column.foreign_keys
            if id(foreign.column) in mine
        ]
        if len(keys) != 1:
            text = _("Say by which fields “{name}” is joined: there is not one foreign key.")
            raise QueryError(text.format(name=name), field=name)
        return keys[0]


def _from_clause(source: Source) -> FromClause:
    if isinstance(source, FromClause):
        return source
    return table_of(source)


def _rowid(source: Table) -> ColumnElement[Any]:
    """Return the number that SQLite gives each row, by a name that no column has."""
    taken = {column.name.lower() for column in source.columns}
    free = next((name for name in ("rowid", "_rowid_") if name not in taken), "oid")
    return literal_column(f"{quoted(source.name)}.{free}")


def _is_view(source: Table) -> bool:
    return bool(source.info.get("is_view"))
