"""Queries to columns of our own types, and what is refused before SQLite would."""

import random
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.engine import BEGIN_OPTION, reader_engine
from core.database.fields import columns
from core.database.fields.addresses import Address, AddressKind
from core.database.query.aggregates import Avg, Count, Max, Rank, RowNumber, Sum
from core.database.query.builder import Query
from core.database.query.conditions import caseless_prefix_range
from core.database.query.errors import QueryError
from core.database.query.schemas import PageStart
from core.settings import Durability

_STORED = Table(
    "stored",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("tags", columns.TagList),
    Column("settings", columns.JsonText),
    Column("address", columns.PostalAddress),
    Column("note", columns.EncryptedText),
    Column("weight", columns.FixedDecimal),
    Column("name", String(collation="NOCASE"), index=True),
)
_HOME = Address(AddressKind.HOME, "Rue 1", "", "75001", "Paris", "", "FR")
_SIGNS = "aAzZ@[`{_%\\*Éé\U0010ffff"


def _names() -> list[str]:
    rnd = random.Random(3)
    return ["".join(rnd.choice(_SIGNS) for _ in range(rnd.randrange(4))) for _ in range(300)]


@pytest.fixture
async def stored(tmp_path: Path) -> AsyncIterator[AsyncSession]:
    """Return a session on a few rows."""
    path = tmp_path / "stored.db"
    engine = create_engine(f"sqlite:///{path}")
    _STORED.metadata.create_all(engine)
    rows: list[dict[str, Any]] = [
        {"id": 1, "tags": ["darkred", "x"], "settings": {"a": 1}, "weight": Decimal("1.5")},
        {"id": 2, "tags": ["red"], "settings": [1], "weight": Decimal("2.5")},
    ]
    with engine.begin() as connection:
        for row in rows:
            connection.execute(insert(_STORED), {**row, "address": _HOME, "name": "n"})
        names = [{"id": 10 + place, "name": name} for place, name in enumerate(_names())]
        connection.execute(insert(_STORED), names)
    engine.dispose()
    reader = reader_engine(path, Durability.NORMAL)
    async with AsyncSession(reader) as session:
        await session.connection(execution_options={BEGIN_OPTION: None})
        yield session
    await reader.dispose()


async def test_json_of_our_types_is_looked_into(stored: AsyncSession) -> None:
    """Mutant that fails: columns of JSON text asked as texts, so that “red” is in “darkred”."""

    async def found(**lookups: object) -> list[int]:
        rows = await Query(_STORED).where(id__lt=10, **lookups).only("id").all(stored)
        return [row["id"] for row in rows]

    assert await found(tags__contains="red") == [2]
    assert await found(tags__contains=["x", "darkred"]) == [1]
    assert await found(tags__contains='red"') == []
    assert await found(settings__contains={"a": 1}) == [1]
    assert await found(address__contains={"country": "FR"}) == [1, 2]
    assert await found(note__is_null=None) == [1, 2]


async def test_the_mean_of_decimals_is_one(stored: AsyncSession) -> None:
    """Mutant that fails: the mean of what is stored, which are millionths."""
    query = Query(_STORED).where(id__lt=10).aggregate(mean=Avg("weight"), sum=Sum("weight"))
    assert [dict(row) for row in await query.all(stored)] == [
        {"mean": 2.0, "sum": Decimal("4.000000")}
    ]


async def test_a_window_without_partition_is_over_all_rows(stored: AsyncSession) -> None:
    """Mutant that fails: a plain aggregate, of which SQLite makes a single row."""
    query = Query(_STORED).where(id__lt=10).only("id").window(all=Sum("id"), top=Max("id"))
    rows = [dict(row) for row in await query.order_by("id").all(stored)]
    assert rows == [{"id": 1, "all": 3, "top": 2}, {"id": 2, "all": 3, "top": 2}]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda query: query.where(note__contains="a"),
        lambda query: query.search("a", "note"),
        lambda query: query.search("a", "tags"),
        lambda query: query.search(5, "name"),
        lambda query: query.search("a\0", "name"),
        lambda query: query.aggregate(top=Max("note")),
        lambda query: query.aggregate(place=RowNumber(order=("id",))),
        lambda query: query.aggregate(sum=Sum("id", partition=())),
        lambda query: query.window(place=RowNumber(order=("id",), where={"id__gt": 1})),
        lambda query: query.window(place=Rank(where={"id__gt": 1})),
        lambda query: query.window(names=Count("name", distinct=True)),
        lambda query: query.limit(2**63),
        lambda query: query.offset(2**63),
    ],
)
def test_what_sqlite_would_refuse_is_told_before(wrong: Callable[[Query], object]) -> None:
    """Seen failing, all of them: they failed in the database, or gave other rows."""
    with pytest.raises(QueryError):
        wrong(Query(_STORED))


async def test_no_place_is_beyond_what_sqlite_counts(stored: AsyncSession) -> None:
    """Seen failing with an ``OverflowError`` of the driver."""
    query = Query(_STORED)
    with pytest.raises(QueryError):
        await query.page(stored, 2**62)
    with pytest.raises(QueryError):
        await query.slice(stored, PageStart(position=2**63), 5)
    with pytest.raises(QueryError):
        await query.slice(stored, PageStart(), 2**63)


async def test_beginnings_in_either_case(stored: AsyncSession) -> None:
    """Mutants that fail: the end of “@” taken for “A”, and that of “Z” for “[”."""

    def folded(text: str) -> str:
        return "".join(c.lower() if c.isascii() else c for c in text)

    names = dict(enumerate(_names(), 10))
    for prefix in {*_SIGNS, *(name[:2] for name in names.values())}:
        holds = caseless_prefix_range(_STORED.c.name, prefix)
        found = await stored.scalars(select(_STORED.c.id).where(holds, _STORED.c.id >= 10))
        expected = [i for i, name in names.items() if folded(name).startswith(folded(prefix))]
        assert sorted(found) == expected, prefix
