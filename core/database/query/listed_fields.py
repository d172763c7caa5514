"""The fields of a list for a screen: what they are called, and what they can be asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select

from core.database.query.conditions import condition
from core.database.query.errors import RefusedValueError, bad_value, unknown_operator
from core.database.query.schemas import Filter, Operator
from core.database.query.values import kind_of, operators_of

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class ListedField:
    """A field of a list.

    Attributes:
        words: Gives what people call it, in their language.
        type: The name of its type in the registry of fields.
        column: What filters are held against; a column or any expression.
        sort: What it is sorted by where that is another column, such as a folded form.
        sortable: Whether an index makes sorting by it quick; others cannot be sorted by.
        choices: Gives the values it may have and their words, where they are few.
        operators: What it can be asked; by the kind of the column where None.
        condition: Makes the condition of an operator and a value where that is no matter of
            one column; raises ``RefusedValueError`` for what it cannot take. It needs
            ``operators``.
        members: Gives the keys of the rows that an operator and a value choose, out of
            another table such as that of tags; None for operators that it does not know. A
            list begins with the keys where they are few, and looks each row up where they
            are many. It needs ``operators``.
    """

    words: Callable[[], str]
    type: str
    column: ColumnElement[Any]
    sort: ColumnElement[Any] | None = None
    sortable: bool = False
    choices: Callable[[], tuple[tuple[str, str], ...]] = tuple
    operators: tuple[Operator, ...] | None = None
    condition: Callable[[Operator, object], Condition] | None = None
    members: Callable[[Operator, object], Select[Any] | None] | None = None

    def possible(self) -> tuple[Operator, ...]:
        """Return what it can be asked."""
        return (
            operators_of(kind_of(self.column.type))
            if self.operators is None
            else self.operators
        )

    def holds(self, one: Filter) -> Condition | Select[Any]:
        """Return the condition of a filter, or the keys of the rows that meet it.

        Raises:
            QueryError: The operator or the value does not fit.
        """
        if one.operator not in self.possible():
            raise unknown_operator(one.field, one.operator, self.possible())
        try:
            keys = self.members(one.operator, one.value) if self.members else None
            if keys is not None:
                return keys
            if self.condition is not None:
                return self.condition(one.operator, one.value)
        except RefusedValueError as error:
            raise bad_value(one.field, one.operator, str(error)) from None
        return condition(one.field, self.column, one.operator, one.value)
