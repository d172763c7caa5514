"""What is wrong with a query, in words that name the field and the operator."""

from collections.abc import Iterable

from core.database.query.schemas import Operator
from core.errors import ValidationError
from core.translation import _

_MOST_NAMED = 40


class QueryError(ValidationError):
    """A query that cannot be asked; nothing was read.

    Args:
        title: What is wrong, one sentence.
        field: The field that it is about; empty where it is about none.
        operator: The operator as it was given; empty where it is about none.
        possible: What can be named instead.
    """

    code = "invalid_query"

    def __init__(
        self, title: str, *, field: str = "", operator: str = "", possible: Iterable[str] = ()
    ) -> None:
        self.field = field
        self.operator = operator
        self.possible = tuple(possible)
        super().__init__(title, fields={field: title}, hint=_possible(self.possible))


class RefusedValueError(ValueError):
    """A value that a column cannot be held against; its text says why."""


def unknown_field(field: str, known: Iterable[str]) -> QueryError:
    """Return the error of a field that is not there."""
    text = _("There is no field “{field}”.").format(field=field)
    return QueryError(text, field=field, possible=known)


def unknown_operator(field: str, operator: str, known: Iterable[str]) -> QueryError:
    """Return the error of an operator that is none, or none of this field."""
    if operator:
        text = _("The field “{field}” cannot be asked with “{operator}”.")
    else:
        text = _("The filter of the field “{field}” names no operator.")
    text = text.format(field=field, operator=operator)
    return QueryError(text, field=field, operator=operator, possible=known)


def bad_value(field: str, operator: Operator, reason: str) -> QueryError:
    """Return the error of a value that the operator cannot take at this field."""
    text = _("The field “{field}” cannot be asked with “{operator}” like this: {reason}")
    text = text.format(field=field, operator=operator.value, reason=reason)
    return QueryError(text, field=field, operator=operator.value)


def _possible(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    shown = ", ".join(names[:_MOST_NAMED])
    if len(names) > _MOST_NAMED:
        shown += ", …"
    return _("Possible are: {names}").format(names=shown)
