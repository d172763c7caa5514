"""What a column can be held against: its kind, by its type, and its values, checked."""

import math
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum as PythonEnum
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    Boolean,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Time,
    bindparam,
)
from sqlalchemy.dialects.sqlite.aiosqlite import dialect as sqlite_dialect
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from core.database.fields.storing import Checked, Form
from core.database.query.errors import RefusedValueError
from core.database.query.schemas import Operator
from core.errors import AppError
from core.translation import _

LARGEST_INTEGER = 2**63 - 1
LONGEST_TEXT = 10_000
"""Characters that a text may have; SQLite takes patterns of 50,000 bytes."""

_DIALECT = sqlite_dialect()


class AsStored(UserDefinedType[Any]):
    """A value just as SQLite stores it, whatever the type of its column."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        """Return the name of the type that SQLite takes for none."""
        return "BLOB"


class Kind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    DATE = "date"
    CLOCK = "clock"
    JSON = "json"
    BINARY = "binary"
    SEALED = "sealed"
    ANY = "any"


_NULLS = (Operator.IS_NULL, Operator.IS_NOT_NULL)
_SAME = (Operator.EQ, Operator.NE, Operator.IN, Operator.NOT_IN)
_ORDERED = (Operator.GT, Operator.GTE, Operator.LT, Operator.LTE, Operator.BETWEEN)
_TEXTS = (
    Operator.LIKE,
    Operator.ILIKE,
    Operator.CONTAINS,
    Operator.STARTS_WITH,
    Operator.ENDS_WITH,
)
_OPERATORS = {
    Kind.TEXT: (*_SAME, *_ORDERED, *_TEXTS, *_NULLS),
    Kind.ANY: (*_SAME, *_ORDERED, *_TEXTS, *_NULLS),
    Kind.BOOLEAN: (*_SAME, *_NULLS),
    Kind.BINARY: (*_SAME, *_NULLS),
    Kind.JSON: (Operator.CONTAINS, *_NULLS),
    Kind.SEALED: _NULLS,
}

# In this order: a class stands before those that it is derived from.
_KINDS: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (JSON, Kind.JSON),
    (Enum, Kind.TEXT),
    (Boolean, Kind.BOOLEAN),
    (String, Kind.TEXT),
    (Integer, Kind.INTEGER),
    (Float, Kind.NUMBER),
    (Numeric, Kind.NUMBER),
    (DateTime, Kind.MOMENT),
    (Date, Kind.DATE),
    (Time, Kind.CLOCK),
    (LargeBinary, Kind.BINARY),
)


def kind_of(type_: TypeEngine[Any]) -> Kind:
    """Return the kind of a column by what is stored; ``ANY`` where its type says nothing."""
    if isinstance(type_, Checked) and type_.form is not Form.PLAIN:
        return Kind.JSON if type_.form is Form.JSON else Kind.SEALED
    stored = type_.impl_instance if isinstance(type_, TypeDecorator) else type_
    found = (kind for known, kind in _KINDS if isinstance(stored, known))
    return next(found, Kind.ANY)


def operators_of(kind: Kind) -> tuple[Operator, ...]:
    """Return what columns of a kind can be asked."""
    return _OPERATORS.get(kind, (*_SAME, *_ORDERED, *_NULLS))


Plain = tuple[object, TypeEngine[Any]]
"""A checked value, and the type that it is bound with."""


def bound(type_: TypeEngine[Any], value: object) -> BindParameter[Any]:
    """Return a value as a parameter that a column of this type is held against.

    Raises:
        RefusedValueError: It is none of this type.
    """
    plain, plain_type = _checked(type_, value)
    return bindparam(None, plain, type_=plain_type)


def bound_list(type_: TypeEngine[Any], several: Iterable[object]) -> BindParameter[Any]:
    """Return values as one parameter for ``IN``.

    Raises:
        RefusedValueError: One of them is none of this type.
    """
    checked = [_checked(type_, value) for value in several]
    types = {type(plain_type): plain_type for _plain, plain_type in checked}
    common = next(iter(types.values())) if len(types) == 1 else AsStored()
    return bindparam(None, [plain for plain, _type in checked], type_=common, expanding=True)


def _checked(type_: TypeEngine[Any], value: object) -> Plain:
    if value is None:
        raise RefusedValueError(_("Nothing is asked for with “is_null” and “is_not_null”."))
    if isinstance(type_, Enum):
        return _of_enum(type_, value), type_
    return _CHECKS[kind_of(type_)](_as_stored(type_, value))


def text(value: object) -> str:
    """Return a text that can be looked for.

    Raises:
        RefusedValueError: It is no text, too long, or holds what no stored text can be told by.
    """
    if not isinstance(value, str):
        raise RefusedValueError(_("A text is needed."))
    if "\0" in value:
        raise RefusedValueError(_("The text holds the character NUL."))
    if len(value) > LONGEST_TEXT:
        raise RefusedValueError(
            _("The text is longer than {count} characters.").format(count=LONGEST_TEXT)
        )
    try:
        value.encode()
    except UnicodeEncodeError:
        raise RefusedValueError(
            _("The text holds half of a character (a lone surrogate).")
        ) from None
    return str(value)


def integer(value: object) -> int:
    """Return a whole number that SQLite can hold.

    Raises:
        RefusedValueError: It is none; ``True`` and ``False`` are no numbers.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise RefusedValueError(_("A whole number is needed."))
    if not -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER:
        raise RefusedValueError(_("The number is too large."))
    return int(value)


def number(value: object) -> int | float:
    """Return a number that SQLite can hold; a decimal one becomes a float.

    Raises:
        RefusedValueError: It is none, or not finite.
    """
    if isinstance(value, int):
        return integer(value)
    if not isinstance(value, float | Decimal):
        raise RefusedValueError(_("A number is needed."))
    finite = value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)
    if not finite or not math.isfinite(float(value)):
        raise RefusedValueError(_("The number is not finite."))
    return float(value)


def _as_stored(type_: TypeEngine[Any], value: object) -> object:
    """Let a type of our own turn a value into what it stores."""
    if not isinstance(type_, TypeDecorator):
        return _in_utc(value) if isinstance(value, datetime) else value
    try:
        return type_.process_bind_param(value, _DIALECT)
    except AppError as error:
        raise RefusedValueError(error.title) from error
    except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
        if isinstance(value, datetime) and value.tzinfo is None:
            raise RefusedValueError(_without_zone()) from error
        raise RefusedValueError(_("The value does not fit the type of the field.")) from error
    except NotImplementedError:
        return value


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise RefusedValueError(_without_zone())
    return value.astimezone(UTC).replace(tzinfo=None)


def _without_zone() -> str:
    return _("A time needs its zone.")


def _of_enum(type_: Enum, value: object) -> object:
    known = type_.enum_class
    if known is not None and isinstance(value, str) and not isinstance(value, PythonEnum):
        value = known.__members__.get(value, value)
    if value not in (known or type_.enums):
        raise RefusedValueError(_("Possible are: {names}").format(names=", ".join(type_.enums)))
    return value


def _text(value: object) -> Plain:
    return text(value), String()


def _integer(value: object) -> Plain:
    return integer(value), BigInteger()


def _number(value: object) -> Plain:
    plain = number(value)
    return plain, BigInteger() if isinstance(plain, int) else Float()


def _boolean(value: object) -> Plain:
    if not isinstance(value, bool):
        raise RefusedValueError(_("Only true and false are possible."))
    return value, Boolean()


def _moment(value: object) -> Plain:
    if not isinstance(value, datetime):
        raise RefusedValueError(_("A time with its zone is needed."))
    return value, DateTime()


def _date(value: object) -> Plain:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise RefusedValueError(_("A date is needed."))
    return value, Date()


def _clock(value: object) -> Plain:
    if not isinstance(value, time) or value.tzinfo is not None:
        raise RefusedValueError(_("A time of the day without zone is needed."))
    return value, Time()


def _binary(value: object) -> Plain:
    if not isinstance(value, bytes):
        raise RefusedValueError(_("Bytes are needed."))
    return value, LargeBinary()


def _json(_value: object) -> Plain:
    raise RefusedValueError(_("JSON is asked with “contains” only."))


def _sealed(_value: object) -> Plain:
    raise RefusedValueError(_("What is encrypted is not known to the database."))


def _any(value: object) -> Plain:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bytes):
        return value, AsStored()
    return _number(value)


_CHECKS: dict[Kind, Callable[[object], Plain]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _boolean,
    Kind.MOMENT: _moment,
    Kind.DATE: _date,
    Kind.CLOCK: _clock,
    Kind.JSON: _json,
    Kind.BINARY: _binary,
    Kind.SEALED: _sealed,
    Kind.ANY: _any,
}
