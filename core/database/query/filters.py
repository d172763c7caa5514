"""Filters out of dictionaries, and queries of lists as JSON, for those that are saved."""

import json
import math
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from core.database.query.errors import QueryError, unknown_operator
from core.database.query.schemas import Filter, ListQuery, Operator
from core.translation import _

MOST_FILTERS = 100
LONGEST_JSON = 1_000_000
"""Characters of a saved query."""

_SEPARATOR = "__"


def parse_filters(filters: Mapping[str, object]) -> tuple[Filter, ...]:
    """Return the filters of a dictionary with ``field__operator`` keys.

    Raises:
        QueryError: A key names no operator, or one that there is not.
    """
    return tuple(_parsed(key, value) for key, value in filters.items())


def to_json(query: ListQuery) -> str:
    """Return a query as JSON text; times, dates and decimals keep their types.

    Raises:
        QueryError: A value is of a type that cannot be saved.
    """
    filters = [
        {"field": one.field, "operator": one.operator.value, "value": _encoded(one)}
        for one in query.filters
    ]
    content = {"filters": filters, "search": query.search, "order": list(query.order)}
    return json.dumps(content, ensure_ascii=True, allow_nan=False)


def from_json(text: str) -> ListQuery:
    """Return the query that ``to_json`` wrote.

    Whether its fields exist and its values fit is told where it is asked.

    Raises:
        QueryError: The text is no such query; it says where it is none.
    """
    if len(text) > LONGEST_JSON:
        raise _broken(_("It is too long."))
    try:
        content = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise _broken(_("It is not JSON.")) from None
    if not isinstance(content, dict) or set(content) - {"filters", "search", "order"}:
        raise _broken(_("It is not an object of filters, search and order."))
    filters, order = content.get("filters", []), content.get("order", [])
    search = content.get("search", "")
    if not isinstance(filters, list) or len(filters) > MOST_FILTERS:
        raise _broken(_("The filters are not a list, or too many."))
    if not isinstance(order, list) or not all(isinstance(name, str) for name in order):
        raise _broken(_("The order is not a list of names."))
    if not isinstance(search, str):
        raise _broken(_("The search is not a text."))
    return ListQuery(tuple(map(_filter, filters)), search, tuple(order))


def _parsed(key: str, value: object) -> Filter:
    field, separator, operator = key.rpartition(_SEPARATOR)
    if not separator or not field:
        raise unknown_operator(key, "", list(Operator))
    if operator not in list(Operator):
        raise unknown_operator(field, operator, list(Operator))
    return Filter(field, Operator(operator), value)


def _filter(content: object) -> Filter:
    if not isinstance(content, dict) or set(content) - {"field", "operator", "value"}:
        raise _broken(_("A filter is not an object of field, operator and value."))
    field, operator = content.get("field"), content.get("operator")
    if not isinstance(field, str) or not isinstance(operator, str):
        raise _broken(_("A filter has no field or no operator."))
    if operator not in list(Operator):
        raise unknown_operator(field, operator, list(Operator))
    return Filter(field, Operator(operator), _decoded(field, content.get("value")))


def _encoded(one: Filter) -> object:
    value = one.value
    if isinstance(value, list | tuple | set | frozenset):
        return [_encoded_single(one, single) for single in value]
    return _encoded_single(one, value)


def _encoded_single(one: Filter, value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        raise _cannot_be_saved(one)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    for name, (type_, write, _read) in _TYPES.items():
        if type(value) is type_:
            return {"type": name, "value": write(value)}
    if isinstance(value, dict):
        pairs = {key: _encoded_single(one, single) for key, single in value.items()}
        # What could not be read again is not saved: JSON is held against plain values only.
        plain = not any(isinstance(single, dict) for single in pairs.values())
        if plain and all(isinstance(key, str) for key in pairs):
            return {"type": "object", "value": pairs}
    raise _cannot_be_saved(one)


def _decoded(field: str, value: object) -> object:
    if isinstance(value, list):
        return tuple(_decoded_single(field, single) for single in value)
    return _decoded_single(field, value)


def _decoded_single(field: str, value: object) -> object:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if not isinstance(value, dict) or set(value) != {"type", "value"}:
        raise _unreadable(field)
    name, written = value["type"], value["value"]
    if name == "object" and isinstance(written, dict):
        return {key: _decoded_plain(field, single) for key, single in written.items()}
    if not isinstance(name, str) or name not in _TYPES or not isinstance(written, str):
        raise _unreadable(field)
    try:
        return _TYPES[name][2](written)
    except (ValueError, ArithmeticError):
        raise _unreadable(field) from None


def _decoded_plain(field: str, value: object) -> object:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise _unreadable(field)


def _unreadable(field: str) -> QueryError:
    text = _("The saved value of the field “{field}” cannot be read.")
    return QueryError(text.format(field=field), field=field)


def _cannot_be_saved(one: Filter) -> QueryError:
    text = _("The value of the field “{field}” cannot be saved.").format(field=one.field)
    return QueryError(text, field=one.field, operator=one.operator.value)


def _broken(reason: str) -> QueryError:
    text = _("The saved query cannot be read: {reason}").format(reason=reason)
    return QueryError(text)


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _from_base64(text: str) -> bytes:
    return b64decode(text, validate=True)


_TYPES: dict[str, tuple[type, Callable[[Any], str], Callable[[str], object]]] = {
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "time": (time, time.isoformat, time.fromisoformat),
    "decimal": (Decimal, str, Decimal),
    "bytes": (bytes, lambda value: b64encode(value).decode("ascii"), _from_base64),
}
