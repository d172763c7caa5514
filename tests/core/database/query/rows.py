"""A table of a few hundred awkward rows, and what each operator means, written in Python."""

import random
import re
import string
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

from core.database.fields.times import UtcDateTime
from core.database.query.schemas import Filter, Operator

METADATA = MetaData()
OWNERS = Table(
    "owners",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
)
THINGS = Table(
    "things",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("owner_id", ForeignKey("owners.id")),
    Column("word", String, index=True),
    Column("title", String(collation="NOCASE"), nullable=False, index=True),
    Column("size", Integer, index=True),
    Column("ratio", Float),
    Column("active", Boolean),
    Column("born", Date),
    Column("seen", UtcDateTime, index=True),
    Column("written", DateTime),
    Column("tags", JSON(none_as_null=True)),
    Column("settings", JSON(none_as_null=True)),
    Column("data", LargeBinary),
)

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_PIECES = [
    *"aAbBzZ01%_\\*?[]^-'\";:#/",
    " ",
    "é",
    "É",
    "ß",
    "ı",
    "İ",
    "日本",
    "🙂",
    "\ud7fb",
    "\U0010ffff",
    "e\u0301",
    "--",
    "' OR 1=1",
    "{}",
    "%s",
    ":a",
]
_SCALARS: list[object] = [
    "a",
    "b",
    "A",
    "",
    "'",
    '"',
    "1",
    "true",
    0,
    1,
    2,
    1.5,
    True,
    False,
    None,
]

Row = dict[str, Any]


def word(rnd: random.Random, most: int = 5) -> str:
    """Return a short text out of few pieces, so that texts meet."""
    return "".join(rnd.choice(_PIECES) for _ in range(rnd.randrange(most)))


def make_rows(rnd: random.Random, count: int) -> list[Row]:
    """Return rows in which every column but the title is nothing now and then."""

    def maybe(value: object) -> Any:
        return None if rnd.random() < 0.15 else value

    return [
        {
            "id": number,
            "owner_id": maybe(rnd.randrange(1, 6)),
            "word": maybe(word(rnd)),
            "title": word(rnd, 3),
            "size": maybe(rnd.choice([-(2**63), -1, 0, 1, 2, 3, 2**53 + 1, 2**63 - 1])),
            "ratio": maybe(rnd.choice([-1.5, 0.0, 0.1, 1.0, 2.0, 1e300, 5e-324])),
            "active": maybe(rnd.random() < 0.5),
            "born": maybe(date(2024, 1, 1) + timedelta(rnd.randrange(8))),
            "seen": maybe(moment(rnd)),
            "written": maybe(moment(rnd).replace(tzinfo=None)),
            "tags": maybe([rnd.choice(_SCALARS) for _ in range(rnd.randrange(4))]),
            "settings": maybe(settings(rnd)),
            "data": maybe(rnd.choice([b"", b"a", b"\0\xff"])),
        }
        for number in range(1, count + 1)
    ]


def moment(rnd: random.Random) -> datetime:
    """Return one of a few times, some of them between seconds."""
    return EPOCH + timedelta(
        hours=rnd.randrange(6), microseconds=rnd.choice([0, 0, 1, 500_000])
    )


def settings(rnd: random.Random) -> dict[str, object]:
    """Return an object with keys that a JSON path would stumble over."""
    keys = ["a", "b", 'c"d', "$.e", "f.g", ""]
    return {rnd.choice(keys): rnd.choice(_SCALARS) for _ in range(rnd.randrange(4))}


def scalar(rnd: random.Random) -> object:
    """Return a plain value of JSON."""
    return rnd.choice(_SCALARS)


def _fold(text: str) -> str:
    return text.translate(str.maketrans(string.ascii_uppercase, string.ascii_lowercase))


def _pattern(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    parts, characters = [], iter(pattern)
    for one in characters:
        if one == "\\":
            parts.append(re.escape(next(characters)))
        else:
            parts.append({"%": ".*", "_": "."}.get(one, re.escape(one)))
    return re.compile("".join(parts), flags | re.DOTALL)


def _same_json(one: object, other: object) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _contains(value: object, asked: object) -> bool:
    if isinstance(value, str):
        return isinstance(asked, str) and asked in value
    if isinstance(asked, dict):
        return isinstance(value, dict) and all(
            any(_same_json(value[key], one) for found in value if found == key)
            for key, one in asked.items()
        )
    several = asked if isinstance(asked, list | tuple) else [asked]
    return isinstance(value, list) and all(
        any(_same_json(one, other) for one in value) for other in several
    )


_WITH_VALUE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: lambda value, asked: value == asked,
    Operator.NE: lambda value, asked: value != asked,
    Operator.GT: lambda value, asked: value > asked,
    Operator.GTE: lambda value, asked: value >= asked,
    Operator.LT: lambda value, asked: value < asked,
    Operator.LTE: lambda value, asked: value <= asked,
    Operator.IN: lambda value, asked: value in asked,
    Operator.NOT_IN: lambda value, asked: value not in asked,
    Operator.BETWEEN: lambda value, asked: asked[0] <= value <= asked[1],
    Operator.IS_NULL: lambda _value, _asked: False,
    Operator.IS_NOT_NULL: lambda _value, _asked: True,
    Operator.LIKE: lambda value, asked: bool(_pattern(asked).fullmatch(value)),
    Operator.ILIKE: lambda value, asked: bool(_pattern(_fold(asked)).fullmatch(_fold(value))),
    Operator.CONTAINS: _contains,
    Operator.STARTS_WITH: lambda value, asked: value.startswith(asked),
    Operator.ENDS_WITH: lambda value, asked: value.endswith(asked),
}
_BY_COLLATION = (
    *(Operator.EQ, Operator.NE, Operator.GT, Operator.GTE, Operator.LT, Operator.LTE),
    *(Operator.IN, Operator.NOT_IN, Operator.BETWEEN),
)


def _as_float(asked: object) -> object:
    if isinstance(asked, tuple):
        return tuple(map(_as_float, asked))
    return float(asked) if isinstance(asked, Decimal) else asked


def matches(row: Row, one: Filter) -> bool:
    """Tell whether a row meets a filter, by the words of ``conditions``."""
    value: Any = row[one.field]
    asked: Any = _as_float(one.value)
    if one.field == "written" and value is not None:
        value = value.replace(tzinfo=UTC)
    if value is None:
        return one.operator in (Operator.IS_NULL, Operator.NE) or (
            one.operator is Operator.NOT_IN
        )
    if one.field == "title" and one.operator in _BY_COLLATION:
        value = _fold(value)
        asked = _fold(asked) if isinstance(asked, str) else tuple(map(_fold, asked))
    return _WITH_VALUE[one.operator](value, asked)
