"""Pages by keyset: against the sorted rows, by their plans, and with cursors gone stale."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.engine import BEGIN_OPTION, reader_engine
from core.database.query.builder import Query
from core.database.query.errors import QueryError
from core.database.query.schemas import PageStart, Slice
from core.settings import Durability
from tests.core.database.query.plans import Reading, reading_with_plans
from tests.core.database.query.rows import THINGS, Row

_ORDERS = ["id", "word", "title", "size", "ratio", "active", "born", "seen", "owner_id"]


def _sort_key(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else 0)


def _sorted_ids(rows: list[Row], order: tuple[str, ...]) -> list[int]:
    """Return the ids as SQLite sorts them: NULL first, NOCASE for the title, id at the end."""
    names = [one.removeprefix("-") for one in order]
    signs = [one.startswith("-") for one in order]
    if "id" not in names:
        names, signs = [*names, "id"], [*signs, signs[-1] if signs else False]
    found = list(rows)
    for name, descending in reversed(list(zip(names, signs, strict=True))):

        def key(row: Row, name: str = name) -> tuple[bool, Any]:
            value = row[name]
            if name == "title":
                value = "".join(c.lower() if c.isascii() else c for c in value)
            return _sort_key(value)

        found.sort(key=key, reverse=descending)
    return [row["id"] for row in found]


def _ids(page: Slice[Any]) -> list[int]:
    return [row["id"] for row in page.rows]


async def _all_pages(
    session: AsyncSession, query: Query, limit: int, *, backwards: bool
) -> list[int]:
    found: list[int] = []
    page = await query.slice(session, PageStart(backwards=backwards), limit)
    for _ in range(400):
        found = _ids(page) + found if backwards else found + _ids(page)
        if not (page.more_before if backwards else page.more_after):
            return found
        cursor = page.first if backwards else page.last
        page = await query.slice(session, PageStart(cursor, backwards=backwards), limit)
        assert page.more_after if backwards else page.more_before
    raise AssertionError("the pages never end")


async def test_pages_are_the_sorted_rows_in_any_order(
    session: AsyncSession, rows: list[Row]
) -> None:
    """Read forwards and backwards, the pages make up the list, each row once.

    Mutants that fail: the key left out of the order; ``>`` for ``>=``; no rows without a
    value at the end of a descending order; a page backwards not turned round.
    """
    rnd = random.Random(7)
    for _ in range(25):
        names = rnd.sample(_ORDERS, rnd.randrange(1, 4))
        order = tuple(rnd.choice(["", "-"]) + name for name in names)
        kept = [row for row in rows if row["size"] != 1]
        query = Query(THINGS).where(size__ne=1).order_by(*order)
        expected = _sorted_ids(kept, order)
        limit = rnd.choice([13, 50, 299])
        assert await _all_pages(session, query, limit, backwards=False) == expected, order
        assert await _all_pages(session, query, limit, backwards=True) == expected, order


async def test_positions_are_those_of_an_offset(session: AsyncSession, rows: list[Row]) -> None:
    """Mutant that fails: a position counted from the end is off by one."""
    rnd = random.Random(8)
    for _ in range(60):
        order = tuple(rnd.choice(["", "-"]) + name for name in rnd.sample(_ORDERS, 2))
        expected = _sorted_ids(rows, order)
        position = rnd.choice([0, 1, 149, 150, 151, 290, 299, 300, 10**6, rnd.randrange(300)])
        total = rnd.choice([None, 300, 290, 310])
        query = Query(THINGS).order_by(*order)
        page = await query.slice(session, PageStart(position=position), 10, total=total)
        if total in (None, 300):
            assert _ids(page) == expected[position : position + 10], (order, position)
            assert page.more_before == (position > 0)
            assert page.more_after == (position + 10 < 300)


async def test_ends_are_told(session: AsyncSession) -> None:
    query = Query(THINGS).order_by("-seen")
    whole = await query.slice(session, PageStart(), 300)
    assert (whole.more_before, whole.more_after) == (False, False)
    behind = await query.slice(session, PageStart(whole.last), 5)
    assert behind == Slice((), None, None, more_before=True, more_after=False)
    before = await query.slice(session, PageStart(whole.first, backwards=True), 5)
    assert before == Slice((), None, None, more_before=False, more_after=True)
    none = await query.where(id__lt=0).slice(session, PageStart(position=3), 5)
    assert none == Slice((), None, None, more_before=False, more_after=False)


async def test_cursors_of_another_order_are_refused(session: AsyncSession) -> None:
    """Mutant that fails: only the number of values checked."""
    query = Query(THINGS).order_by("word")
    cursor = (await query.slice(session, PageStart(), 5)).last
    assert cursor is not None
    wrong = [
        (Query(THINGS).order_by("title"), cursor),
        (Query(THINGS).order_by("-word"), cursor),
        (query, replace(cursor, values=cursor.values[:1])),
        (query, replace(cursor, order=())),
        (query, replace(cursor, values=(["a"], 1))),
        (query, replace(cursor, values=("a", 2**63))),
        (query, replace(cursor, values=("a", True))),
    ]
    for other, broken in wrong:
        with pytest.raises(QueryError):
            await other.slice(session, PageStart(broken), 5)
    for start, limit in [(PageStart(position=-1), 5), (PageStart(), 0)]:
        with pytest.raises(QueryError):
            await query.slice(session, start, limit)


_LIST = Table(
    "list",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String(collation="NOCASE"), nullable=False, index=True),
    Column("key", String, nullable=False, unique=True),
    Column("rank", Integer, index=True),
    Column("note", String),
)


@pytest.fixture
async def written(tmp_path: Path) -> AsyncIterator[Reading]:
    """Return a session that may write 500 rows, and the plans of what it reads."""
    path = tmp_path / "list.db"
    engine = create_engine(f"sqlite:///{path}")
    _LIST.metadata.create_all(engine)
    rows = [
        {
            "id": n,
            "name": "aAbB"[n % 4] * 3,
            "key": f"{n * 7919 % 500:03}",
            "rank": n % 5 or None,
            "note": "x",
        }
        for n in range(1, 501)
    ]
    with engine.begin() as connection:
        connection.execute(_LIST.insert(), rows)
    engine.dispose()
    async with reading_with_plans(path) as opened:
        yield opened


@pytest.mark.parametrize("order", ["id", "key", "name", "rank"])
@pytest.mark.parametrize("sign", ["", "-"])
async def test_pages_are_ranges_of_an_index(written: Reading, order: str, sign: str) -> None:
    """Nothing is sorted, and behind a cursor nothing is gone through from the start.

    Mutants that fail: a condition of ``OR`` alone, without the range; the key always
    ascending; NULL handled by ``OR … IS NULL`` in the first field, not by a second range.
    """
    session, plans = written
    query = Query(_LIST).order_by(sign + order)
    for start in (PageStart(), PageStart(backwards=True), PageStart(position=470)):
        page = await query.slice(session, start, 10, total=500)
        assert not [plan for plan in plans if "TEMP B-TREE" in plan], plans
        for cursor in (page.first, page.last):
            for backwards in (False, True):
                plans.clear()
                await query.slice(session, PageStart(cursor, backwards=backwards), 10)
                assert plans
                assert all(plan.startswith("SEARCH list USING") for plan in plans), plans
                assert not [plan for plan in plans if "TEMP B-TREE" in plan], plans
        plans.clear()
    await query.slice(session, PageStart(position=470), 10, total=500)
    assert "COVERING" in plans[0] or order == "id"


async def test_a_cursor_holds_when_its_row_is_gone(tmp_path: Path) -> None:
    """Mutant that fails: ``more_before`` always true behind a cursor."""
    path = tmp_path / "list.db"
    engine = create_engine(f"sqlite:///{path}")
    _LIST.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            _LIST.insert(), [{"id": n, "name": "a", "key": str(n)} for n in range(1, 10)]
        )
    query = Query(_LIST).order_by("name")
    reader = reader_engine(path, Durability.NORMAL)
    async with AsyncSession(reader) as session:
        await session.connection(execution_options={BEGIN_OPTION: None})
        page = await query.slice(session, PageStart(position=3), 3)
        assert _ids(page) == [4, 5, 6]
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM list WHERE id IN (4, 6)"))
        behind = await query.slice(session, PageStart(page.last), 3)
        assert (_ids(behind), behind.more_before) == ([7, 8, 9], True)
        before = await query.slice(session, PageStart(page.first, backwards=True), 3)
        assert (_ids(before), before.more_after) == ([1, 2, 3], True)
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM list WHERE id < 7"))
        behind = await query.slice(session, PageStart(page.last), 3)
        assert (_ids(behind), behind.more_before) == ([7, 8, 9], False)
    await reader.dispose()
    engine.dispose()
