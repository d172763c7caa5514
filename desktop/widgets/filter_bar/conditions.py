"""The conditions of a filter bar: in words, as filters of a query, and as kept text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from PySide6.QtCore import QDate, QLocale

from core.database.query.schemas import FieldDescription, Filter, Operator
from core.translation import _, ngettext
from desktop.figures import digits, locale, number

NULLS: Final = (Operator.IS_NULL, Operator.IS_NOT_NULL)
SEVERAL: Final = (Operator.IN, Operator.NOT_IN)
NUMBERS: Final = ("integer", "decimal")
_MOST_WORDS = 3
_TEXT_OPERATORS = (
    *(Operator.CONTAINS, Operator.EQ, Operator.NE),
    *(Operator.STARTS_WITH, Operator.ENDS_WITH, *NULLS),
)
_NUMBER_OPERATORS = (
    *(Operator.EQ, Operator.NE, Operator.GT, Operator.GTE, Operator.LT, Operator.LTE),
    *(Operator.BETWEEN, *NULLS),
)
_OPERATORS: Final = {
    "integer": _NUMBER_OPERATORS,
    "decimal": _NUMBER_OPERATORS,
    "boolean": (Operator.EQ, *NULLS),
    "time": (Operator.GT, Operator.GTE, Operator.LT, Operator.BETWEEN, *NULLS),
    "tags": (Operator.CONTAINS, *NULLS),
}


@dataclass(frozen=True, slots=True)
class LastDays:
    """The days before the moment of asking, so that a saved filter goes on to mean them."""

    days: int


@dataclass(frozen=True, slots=True)
class Condition:
    """One chip.

    ``value`` is a text, a number, yes or no, a ``date``, ``LastDays``, or a tuple of them.
    """

    field: str
    operator: Operator
    value: Any = None


def operators(field: FieldDescription) -> tuple[Operator, ...]:
    """Return what people are offered to ask of a field, the most usual first.

    Of a time, ``gt`` stands for "in the last days".
    """
    offered = _OPERATORS.get(field.type, _TEXT_OPERATORS)
    if field.choices:
        offered = (*SEVERAL, Operator.EQ, Operator.NE, *NULLS)
    if field.type == "time":
        known = (Operator.GTE in field.operators) * (Operator.GT,)
        return (*known, *(o for o in offered if o in field.operators and o not in known))
    return tuple(operator for operator in offered if operator in field.operators)


def operator_words(field: FieldDescription, operator: Operator) -> str:
    """Return what an operator is called where a field of this type is asked."""
    if field.type == "time" and operator in (Operator.GT, Operator.GTE, Operator.LT):
        return {
            Operator.GT: _("in the last days"),
            Operator.GTE: _("since"),
            Operator.LT: _("before"),
        }[operator]
    if field.type == "tags" and operator is Operator.CONTAINS:
        return _("include")
    return {
        Operator.EQ: _("is"),
        Operator.NE: _("is not"),
        Operator.GT: _("is more than"),
        Operator.GTE: _("is at least"),
        Operator.LT: _("is less than"),
        Operator.LTE: _("is at most"),
        Operator.IN: _("is one of"),
        Operator.NOT_IN: _("is none of"),
        Operator.CONTAINS: _("contains"),
        Operator.STARTS_WITH: _("begins with"),
        Operator.ENDS_WITH: _("ends with"),
        Operator.BETWEEN: _("is between"),
        Operator.IS_NULL: _("is empty"),
        Operator.IS_NOT_NULL: _("is not empty"),
    }.get(operator, operator.value)


def words(condition: Condition, field: FieldDescription) -> str:
    """Return a condition as a sentence, such as "Role is operator"."""
    if isinstance(condition.value, LastDays):
        count = condition.value.days
        sentence = ngettext(
            "{field} in the last day", "{field} in the last {count} days", count
        )
        return sentence.format(field=field.words, count=number(count))
    operator = operator_words(field, condition.operator)
    if condition.operator in NULLS:
        return _("{field} {operator}").format(field=field.words, operator=operator)
    if condition.operator is Operator.BETWEEN:
        low, high = (_value_words(part, field) for part in condition.value)
        sentence = _("{field} is between {low} and {high}")
        return sentence.format(field=field.words, low=low, high=high)
    return _("{field} {operator} {value}").format(
        field=field.words, operator=operator, value=_value_words(condition.value, field)
    )


def _value_words(value: Any, field: FieldDescription) -> str:
    if isinstance(value, tuple):
        shown = [_value_words(part, field) for part in value[:_MOST_WORDS]]
        if len(value) > _MOST_WORDS:
            shown.append(_("{count} more").format(count=len(value) - _MOST_WORDS))
        return ", ".join(shown)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        day = QDate(value.year, value.month, value.day)
        return locale().toString(day, QLocale.FormatType.ShortFormat)
    if isinstance(value, int | Decimal):
        return number_words(value)
    return dict(field.choices).get(value, str(value))


def number_words(value: int | Decimal) -> str:
    """Return a number as the locale writes it, with all of its digits."""
    return digits(str(value) if isinstance(value, int) else f"{value:f}")


def read_number(text: str) -> Decimal:
    """Return the number that a person of this locale wrote.

    Raises:
        ValueError: It is none.
    """
    plain = text.strip().replace(locale().groupSeparator(), "").replace(" ", "")
    plain = plain.replace("\u202f", "").replace("\u00a0", "")
    try:
        found = Decimal(plain.replace(locale().decimalPoint(), "."))
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not found.is_finite():
        raise ValueError(text)
    return found


def as_filter(condition: Condition, now: datetime) -> Filter:
    """Return the filter of a query; days are those of this machine's time zone."""
    operator, value = condition.operator, condition.value
    if isinstance(value, LastDays):
        return Filter(condition.field, Operator.GTE, now - timedelta(days=value.days))
    if isinstance(value, date):
        return Filter(condition.field, operator, _midnight(value))
    if isinstance(value, tuple) and value and isinstance(value[0], date):
        low, high = value
        end = _midnight(high + timedelta(days=1)) - timedelta(microseconds=1)
        return Filter(condition.field, operator, (_midnight(low), end))
    return Filter(condition.field, operator, value)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time()).astimezone().astimezone(UTC)


def encode(conditions: Sequence[Condition]) -> list[dict[str, Any]]:
    """Return conditions as JSON has them."""
    return [
        {"field": c.field, "operator": c.operator.value, "value": _encode_value(c.value)}
        for c in conditions
    ]


def decode(kept: Any) -> tuple[Condition, ...]:
    """Return what ``encode`` made.

    Raises:
        ValueError: It is nothing of the kind.
    """
    try:
        return tuple(
            Condition(str(c["field"]), Operator(c["operator"]), _decode_value(c["value"]))
            for c in kept
        )
    except (KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise ValueError("not a kept filter") from error


def _encode_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return {"list": [_encode_value(part) for part in value]}
    if isinstance(value, LastDays):
        return {"last_days": value.days}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    return value


def _decode_value(kept: Any) -> Any:
    if not isinstance(kept, dict):
        return kept
    kind, inside = next(iter(kept.items()))
    if kind == "list":
        return tuple(_decode_value(part) for part in inside)
    if kind == "last_days":
        return LastDays(int(inside))
    if kind == "date":
        return date.fromisoformat(inside)
    return Decimal(inside)
