r"""Operators as SQL, and what each means to the letter.

- A row without a value (NULL) matches ``is_null``, ``ne`` and ``not_in``, as people expect
  of "is not x"; it matches nothing else. ``eq`` with nothing is an error, not ``is_null``.
- ``eq``, ``ne``, ``in``, ``not_in``, ``gt`` … ``between`` compare by the collation of the
  column, so that its index serves; ``between`` takes in both ends and is empty where the
  first is the larger. ``in`` nothing is no row, ``not_in`` nothing every row.
- ``like``, ``contains``, ``starts_with`` and ``ends_with`` heed case whatever the column's
  collation; ``ilike`` does not for the letters A to Z. In the patterns of ``like`` and
  ``ilike`` ``%`` is any text, ``_`` one character, and ``\`` takes either by itself. The
  other three take the text as it is.
- A time is asked with its zone, and compared as UTC in the form that SQLAlchemy stores, with
  six digits behind the second; another program's column may hold another form.
- JSON ``contains`` a plain value where an array holds it, and an object (``dict``) where an
  object holds all of its pairs; several values (a list) where an array holds them all. True
  is not 1. Broken JSON contains nothing. JSON ``null`` is no value, as NULL.
"""

import string
from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    case,
    exists,
    false,
    func,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

from core.database.query import values
from core.database.query.errors import RefusedValueError, bad_value, unknown_operator
from core.database.query.schemas import Operator
from core.database.query.values import Kind, bound, bound_list, kind_of, operators_of
from core.translation import _

MOST_VALUES = 30_000
"""Values that one ``in`` takes: SQLite's usual limit of parameters is a little higher."""

_LAST_CHARACTER = 0x10FFFF
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_FIRST_SURROGATE, _LAST_SURROGATE = 0xD800, 0xDFFF

Column = ColumnElement[Any]
Condition = ColumnElement[bool]


def condition(field: str, column: Column, operator: Operator, value: object) -> Condition:
    """Return the condition that a column meets.

    Args:
        field: What errors call the column.

    Raises:
        QueryError: The operator is not one of the column's kind, or the value does not fit.
    """
    kind = kind_of(column.type)
    if operator not in operators_of(kind):
        raise unknown_operator(field, operator, [one.value for one in operators_of(kind)])
    try:
        if kind is Kind.JSON:
            return _JSON[operator](column, value)
        return _PLAIN[operator](column, value)
    except RefusedValueError as error:
        raise bad_value(field, operator, str(error)) from None


def prefix_range(column: Column, prefix: str, *, plain: bool = False) -> Condition:
    """Return the condition that a text begins like this, by the characters' numbers.

    It is a range, so that an index of a column without another collation serves.

    Args:
        column: What is to begin so.
        prefix: Its beginning.
        plain: The column is known to have no other collation. Only where none is named does
            SQLite look for either of several beginnings by their indexes.
    """
    binary = column if plain else column.collate("BINARY")
    after = _after_all_with(prefix)
    if not prefix or after is None:
        length = len(prefix)
        return func.substr(_text(column), 1, length) == prefix
    return and_(binary >= bound(Text(), prefix), binary < bound(Text(), after))


def caseless_prefix_range(column: Column, prefix: str) -> Condition:
    """Return the condition that a text begins like this, the letters A to Z in either case.

    It is a range too, of a column with the collation ``NOCASE``.
    """
    lower = prefix.translate(_LOWER)
    after = _after_all_with(lower)
    if not lower or after is None:
        return column.like(_escaped(prefix) + "%", escape="\\")
    if after[-1] == "A":  # sorted among the small letters; what follows "@" is "["
        after = f"{after[:-1]}["
    return and_(column >= bound(Text(), lower), column < bound(Text(), after))


def containing(text: str) -> str:
    """Return the pattern of ``like`` and ``ilike`` for texts that hold this one."""
    return f"%{_escaped(text)}%"


def _escaped(text: str) -> str:
    for special in ("\\", "%", "_"):
        text = text.replace(special, f"\\{special}")
    return text


def _eq(column: Column, value: object) -> Condition:
    return column == bound(column.type, value)


def _ne(column: Column, value: object) -> Condition:
    return column.is_distinct_from(bound(column.type, value))


def _compare(name: str) -> Callable[[Column, object], Condition]:
    def compare(column: Column, value: object) -> Condition:
        found: Condition = getattr(column, name)(bound(column.type, value))
        return found

    return compare


def _in(column: Column, value: object) -> Condition:
    several = _several(value)
    return column.in_(bound_list(column.type, several)) if several else false()


def _not_in(column: Column, value: object) -> Condition:
    several = _several(value)
    if not several:
        return true()
    return or_(column.is_(None), column.not_in(bound_list(column.type, several)))


def _between(column: Column, value: object) -> Condition:
    ends = _several(value)
    if len(ends) != 2 or isinstance(value, set | frozenset):
        raise RefusedValueError(_("Two values are needed, the lowest and the highest."))
    low, high = (bound(column.type, end) for end in ends)
    return column.between(low, high)


def _is_null(column: Column, value: object) -> Condition:
    _no_value(value)
    return column.is_(None)


def _is_not_null(column: Column, value: object) -> Condition:
    _no_value(value)
    return column.is_not(None)


def _like(column: Column, value: object) -> Condition:
    return _text(column).op("GLOB", is_comparison=True)(_as_glob(values.text(value)))


def _ilike(column: Column, value: object) -> Condition:
    pattern = values.text(value)
    _as_glob(pattern)
    return _text(column).like(pattern, escape="\\")


def _contains(column: Column, value: object) -> Condition:
    return func.instr(_text(column), values.text(value)) > 0


def _starts_with(column: Column, value: object) -> Condition:
    return prefix_range(_text(column), values.text(value))


def _ends_with(column: Column, value: object) -> Condition:
    end = values.text(value)
    if not end:
        return column.is_not(None)
    return func.substr(_text(column), -len(end)) == end


def _json_contains(column: Column, value: object) -> Condition:
    valid = case((func.json_valid(_text(column)) == 1, _text(column)))
    if isinstance(value, dict):
        pairs = [_json_has(valid, one, key) for key, one in value.items()]
        return and_(func.json_type(valid) == "object", *pairs)
    several = value if isinstance(value, list | tuple) else [value]
    return and_(
        func.json_type(valid) == "array", *(_json_has(valid, one, None) for one in several)
    )


def _json_has(document: Column, value: object, key: object) -> Condition:
    each = func.json_each(document).table_valued("key", "value", "type")
    found = select(1).select_from(each).where(_json_is(each.c.type, each.c.value, value))
    if key is not None:
        found = found.where(each.c.key == values.text(key))
    return exists(found)


def _json_is(type_: Column, stored: Column, value: object) -> Condition:
    if value is None:
        return type_ == "null"
    if isinstance(value, bool):
        return type_ == ("true" if value else "false")
    if isinstance(value, str):
        return and_(type_ == "text", stored == values.text(value))
    if isinstance(value, int | float):
        return and_(type_.in_(("integer", "real")), stored == values.number(value))
    raise RefusedValueError(
        _("JSON is looked through for texts, numbers, true, false and null.")
    )


def _json_is_null(column: Column, value: object) -> Condition:
    _no_value(value)
    return or_(column.is_(None), _text(column) == "null")


def _json_is_not_null(column: Column, value: object) -> Condition:
    _no_value(value)
    return and_(column.is_not(None), _text(column) != "null")


def _text(column: Column) -> Column:
    """Return the column as text for the types of Python; the SQL stays the same."""
    as_text: TypeEngine[str] = Text()
    return type_coerce(column, as_text)


def _several(value: object) -> list[object]:
    if isinstance(value, str | bytes | dict) or not hasattr(value, "__iter__"):
        raise RefusedValueError(_("Several values are needed."))
    found = list(value)
    if len(found) > MOST_VALUES:
        text = _("At most {most} values are possible, not {count}.")
        raise RefusedValueError(text.format(most=MOST_VALUES, count=len(found)))
    return found


def _no_value(value: object) -> None:
    if value is not None and value is not True:
        raise RefusedValueError(_("This operator takes no value."))


def _as_glob(pattern: str) -> str:
    """Return a pattern of LIKE as one of GLOB, which alone heeds case in SQLite."""
    parts, escaped = [], False
    for character in pattern:
        if escaped or character not in "\\%_":
            parts.append(f"[{character}]" if character in "*?[" else character)
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            parts.append("*" if character == "%" else "?")
    if escaped:
        raise RefusedValueError(
            _("The pattern ends with a single “\\”; write two for the character.")
        )
    return "".join(parts)


def _after_all_with(prefix: str) -> str | None:
    """Return the first text behind all that begin like this; None where there is none."""
    kept = prefix.rstrip(chr(_LAST_CHARACTER))
    if not kept:
        return None
    following = ord(kept[-1]) + 1
    if _FIRST_SURROGATE <= following <= _LAST_SURROGATE:
        following = _LAST_SURROGATE + 1
    return kept[:-1] + chr(following)


_PLAIN: dict[Operator, Callable[[Column, object], Condition]] = {
    Operator.EQ: _eq,
    Operator.NE: _ne,
    Operator.GT: _compare("__gt__"),
    Operator.GTE: _compare("__ge__"),
    Operator.LT: _compare("__lt__"),
    Operator.LTE: _compare("__le__"),
    Operator.LIKE: _like,
    Operator.ILIKE: _ilike,
    Operator.IN: _in,
    Operator.NOT_IN: _not_in,
    Operator.IS_NULL: _is_null,
    Operator.IS_NOT_NULL: _is_not_null,
    Operator.BETWEEN: _between,
    Operator.CONTAINS: _contains,
    Operator.STARTS_WITH: _starts_with,
    Operator.ENDS_WITH: _ends_with,
}
_JSON: dict[Operator, Callable[[Column, object], Condition]] = {
    Operator.CONTAINS: _json_contains,
    Operator.IS_NULL: _json_is_null,
    Operator.IS_NOT_NULL: _json_is_not_null,
}
