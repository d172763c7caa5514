"""Saved queries: round trips, and texts that are none."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.database.query.errors import QueryError
from core.database.query.filters import from_json, parse_filters, to_json
from core.database.query.schemas import Filter, ListQuery, Operator

_ZONES = st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
_SINGLE = (
    _PLAIN
    | st.datetimes(timezones=_ZONES | st.just(UTC))
    | st.dates()
    | st.times()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.binary(max_size=8)
    | st.dictionaries(st.text(max_size=4), _PLAIN, max_size=3)
)
_QUERIES = st.builds(
    ListQuery,
    st.lists(
        st.builds(
            Filter,
            st.text(max_size=8),
            st.sampled_from(Operator),
            _SINGLE | st.lists(_SINGLE, max_size=3).map(tuple),
        ),
        max_size=4,
    ).map(tuple),
    st.text(max_size=8),
    st.lists(st.text(max_size=8), max_size=3).map(tuple),
)


@given(_QUERIES)
def test_saved_queries_come_back(query: ListQuery) -> None:
    """Mutant that fails: the offset of a time's zone dropped."""
    back = from_json(to_json(query))
    assert back == query
    assert _types(back) == _types(query)


def _types(query: ListQuery) -> list[object]:
    return [
        [type(single) for single in one.value]
        if isinstance(one.value, tuple)
        else type(one.value)
        for one in query.filters
    ]


@given(st.recursive(_PLAIN, lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from(["filters", "search", "order", "field",
                                                       "operator", "value", "type"]),
                                      inner, max_size=4)))  # fmt: skip
def test_any_json_is_a_query_or_refused(content: object) -> None:
    try:
        query = from_json(json.dumps(content))
    except QueryError:
        return
    assert from_json(to_json(query)) == query


_ONE = '{"filters": [{"field": "a", "operator": %s, "value": %s}]}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[" * 100_000,
        "{" * 5,
        '{"filters": ' + "[" * 50_000 + "]" * 50_000 + "}",
        "1" * 5_000,
        "null",
        "[]",
        '{"more": 1}',
        '{"search": 1}',
        '{"order": "name"}',
        '{"order": [1]}',
        '{"filters": {}}',
        '{"filters": [1]}',
        '{"filters": [{}]}',
        '{"filters": [' + ",".join(['{"field": "a", "operator": "eq"}'] * 101) + "]}",
        _ONE % ('"equals"', "1"),
        _ONE % ("1", "1"),
        _ONE % ('"eq"', "NaN"),
        _ONE % ('"eq"', "Infinity"),
        _ONE % ('"eq"', "[[1]]"),
        _ONE % ('"eq"', "{}"),
        _ONE % ('"eq"', '{"type": "datetime", "value": "soon"}'),
        _ONE % ('"eq"', '{"type": "datetime", "value": 1}'),
        _ONE % ('"eq"', '{"type": "decimal", "value": "x"}'),
        _ONE % ('"eq"', '{"type": "bytes", "value": "é"}'),
        _ONE % ('"eq"', '{"type": [], "value": "a"}'),
        _ONE % ('"eq"', '{"type": "builtins.eval", "value": "a"}'),
        _ONE % ('"eq"', '{"type": "object", "value": {"a": [1]}}'),
        '"' + "x" * 1_000_001 + '"',
    ],
    ids=lambda text: text[:30],
)
def test_what_is_no_saved_query_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        from_json(text)


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), object(), {"a": object()}])
def test_what_cannot_be_saved_is_told(value: object) -> None:
    with pytest.raises(QueryError) as told:
        to_json(ListQuery((Filter("size", Operator.EQ, value),)))
    assert told.value.field == "size"


def test_types_are_kept() -> None:
    values = (
        datetime(2024, 1, 1, tzinfo=UTC),
        date(2024, 1, 1),
        time(1, 2),
        Decimal("1.10"),
        b"\0",
        True,
        1,
    )
    query = ListQuery((Filter("a", Operator.IN, values),))
    (back,) = from_json(to_json(query)).filters
    assert isinstance(back.value, tuple)
    assert list(map(repr, back.value)) == list(map(repr, values))


def test_dictionaries_become_filters() -> None:
    assert parse_filters({"a__eq": 1, "b.c__is_null": None, "d__e__not_in": [2]}) == (
        Filter("a", Operator.EQ, 1),
        Filter("b.c", Operator.IS_NULL),
        Filter("d__e", Operator.NOT_IN, [2]),
    )


@pytest.mark.parametrize("value", [{"a": date(2026, 1, 1)}, {"a": {"b": 1}}, {1: 2}])
def test_what_could_not_be_read_again_is_not_saved(value: object) -> None:
    """Seen failing: it was saved, and refused or another one when it was read."""
    with pytest.raises(QueryError, match="cannot be saved"):
        to_json(ListQuery((Filter("settings", Operator.CONTAINS, value),)))
