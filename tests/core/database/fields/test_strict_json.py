"""JSON that comes back as it was, or is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.database.fields.errors import FieldError
from core.database.fields.strict_json import DEEPEST, canonical_json, checked, parse_json
from tests.core.database.fields.samples import JSON, looped


@given(JSON)
def test_a_value_has_one_text_and_comes_back(value: Any) -> None:
    """Seen to fail with integers read as floats: beyond 2**53 they changed."""
    text = canonical_json(value)
    assert repr(parse_json(text)) == repr(checked(value))
    assert canonical_json(parse_json(text)) == text
    assert json.loads(text) == value


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_the_order_of_keys_means_nothing(value: dict[str, int]) -> None:
    turned = dict(reversed(list(value.items())))
    assert canonical_json(turned) == canonical_json(value)


@pytest.mark.parametrize("number", [2**53 + 1, -(2**63), 10**300])
def test_large_integers_are_exact(number: int) -> None:
    assert parse_json(canonical_json({"n": number})) == {"n": number}


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "-Infinity",
        '{"a": [Infinity]}',
        "1e999",
        '{"a": 1, "a": 2}',
        '{"a": {"b": 1, "b": 1}}',
        "",
        "{",
        "{'a': 1}",
        '"\\ud800"',
        "[" * (DEEPEST + 2) + "]" * (DEEPEST + 2),
        "[" * 100_000,
        "[" + "1," * 100_000 + "1]",
        '"' + "x" * 1024**2 + '"',
        "9" * 5_000,
    ],
)
def test_traps_are_refused(text: str) -> None:
    """Seen to fail with what ``json.loads`` gives: it takes NaN, 1e999 and a key twice."""
    with pytest.raises(FieldError):
        parse_json(text)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        [float("inf")],
        {1: 2},
        {None: 1},
        b"x",
        {"a": object()},
        {1, 2},
        looped(),
        "\ud800",
        {"\udfff": 1},
        1 << 20_000,
        ["x" * 600_000] * 2,
        [[]] * 100_001,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_json_is_refused(value: object) -> None:
    """Seen to fail without counting: the list that holds itself twice never ended."""
    with pytest.raises(FieldError):
        canonical_json(value)


def test_the_deepest_is_still_taken() -> None:
    text = "[" * DEEPEST + "1" + "]" * DEEPEST
    assert canonical_json(parse_json(text)) == text


def test_a_mistake_is_told_by_its_place() -> None:
    with pytest.raises(FieldError, match="line 2, column 3"):
        parse_json('{"a": 1,\n  b}')
