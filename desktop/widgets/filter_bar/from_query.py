"""Filters of a query as conditions of the bar: what another page asks for is seen as chips."""

from collections.abc import Collection
from datetime import datetime, timedelta

from core.database.query.schemas import Filter, ListQuery, Operator
from desktop.widgets.filter_bar.conditions import Condition, LastDays

_CLOSE = timedelta(minutes=5)


def conditions_of(
    query: ListQuery, now: datetime, *, except_: Collection[str] = ()
) -> tuple[Condition, ...]:
    """Return the filters of a query as conditions.

    Args:
        now: A time that lies whole days before it is one "in the last days".
        except_: The fields that are shown otherwise than as chips.
    """
    return tuple(_condition(one, now) for one in query.filters if one.field not in except_)


def _condition(one: Filter, now: datetime) -> Condition:
    value = one.value
    if isinstance(value, datetime):
        days = round((now - value) / timedelta(days=1))
        whole = abs(now - value - timedelta(days=days)) < _CLOSE
        if one.operator is Operator.GTE and days > 0 and whole:
            return Condition(one.field, Operator.GT, LastDays(days))
        return Condition(one.field, one.operator, value.date())
    if isinstance(value, tuple) and value and isinstance(value[0], datetime):
        # The days are those by which the query was made, whatever day it is here.
        return Condition(one.field, one.operator, tuple(part.date() for part in value))
    return Condition(one.field, one.operator, value)
