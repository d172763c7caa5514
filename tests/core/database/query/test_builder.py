"""Queries as a whole: joins, groups, windows, pages, and tables of files we do not know."""

import random
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from sqlalchemy import MetaData, Table
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.tables import Build
from core.database.engine import BEGIN_OPTION, foreign_engine
from core.database.query.aggregates import Avg, Count, Max, Min, Rank, RowNumber, Sum
from core.database.query.builder import Query
from core.database.query.errors import QueryError
from core.database.query.schemas import Filter, Operator, PageStart
from core.projects.tables import Project
from tests.core.database.query.rows import EPOCH, OWNERS, THINGS, Row


def _owned() -> Query:
    return Query(THINGS).join(OWNERS, name="owner")


async def test_joins_name_the_fields_of_both(session: AsyncSession, rows: list[Row]) -> None:
    query = _owned().where({"owner.name__in": ["owner 1", "owner 2"]}).order_by("id")
    found = await query.only("id", "owner.name").all(session)
    expected = [
        (row["id"], f"owner {row['owner_id']}") for row in rows if row["owner_id"] in (1, 2)
    ]
    assert [(row["id"], row["owner.name"]) for row in found] == expected


async def test_a_left_join_keeps_rows_without_a_partner(
    session: AsyncSession, rows: list[Row]
) -> None:
    """Mutant that fails: fields of a left join taken for never NULL in pages."""
    query = Query(THINGS).left_join(OWNERS, on={"owner_id": "id"}, name="owner")
    assert await query.count(session) == len(rows)
    alone = query.where({"owner.id__is_null": None})
    assert await alone.count(session) == sum(row["owner_id"] is None for row in rows)
    ordered = query.order_by("-owner.name")
    found: list[int] = []
    start = PageStart()
    while True:
        page = await ordered.slice(session, start, 40)
        found += [row["id"] for row in page.rows]
        if not page.more_after:
            break
        start = PageStart(page.last)
    expected = sorted(rows, key=lambda row: (row["owner_id"] or 0, row["id"]), reverse=True)
    assert found == [row["id"] for row in expected]


async def test_a_table_joins_itself(session: AsyncSession, rows: list[Row]) -> None:
    query = Query(THINGS).join(THINGS, on={"size": "size"}, name="other")
    sizes = [row["size"] for row in rows if row["size"] is not None]
    assert await query.count(session) == sum(sizes.count(size) for size in sizes)


def test_models_join_by_their_foreign_key() -> None:
    query = Query(Build).join(Project, name="project").where({"project.name__eq": "a"})
    assert "JOIN projects AS project ON builds.project_id = project.id" in str(query.select())


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Query(THINGS).join(OWNERS, on={"nothing": "id"}, name="owner"),
        lambda: Query(THINGS).join(OWNERS, on={"owner_id": "nothing"}, name="owner"),
        lambda: Query(THINGS).join(THINGS, name="other"),
        lambda: _owned().join(OWNERS, name="owner"),
        lambda: Query(THINGS).order_by("nothing"),
        lambda: Query(THINGS).order_by("--id"),
        lambda: Query(THINGS).only("nothing"),
        lambda: Query(THINGS).group_by("nothing"),
        lambda: Query(THINGS).aggregate(total=Sum("nothing")),
        lambda: Query(THINGS).aggregate(total=Sum("word")),
        lambda: Query(THINGS).aggregate(total=Max("tags")),
        lambda: Query(THINGS).aggregate(total=Count(where={"nothing__eq": 1})),
        lambda: Query(THINGS).group_by("word").having(size__gt=1),
        lambda: Query(THINGS).group_by("word").order_by("size"),
        lambda: Query(THINGS).search("a", "size"),
        lambda: Query(THINGS).search("a"),
        lambda: Query(THINGS).limit(-1),
        lambda: Query(THINGS).offset(True),
        lambda: Query(THINGS).last_days("seen", 0, now=EPOCH),
        lambda: Query(THINGS).last_days("seen", 900_000, now=EPOCH),
        lambda: Query(THINGS).last_days("size", 1, now=EPOCH),
        lambda: Query(THINGS).date_range("seen", datetime(2024, 1, 1)),  # noqa: DTZ001
        lambda: Query(THINGS).where(id__in=Query(THINGS)),
        lambda: Query(THINGS).where(id__eq=Query(THINGS).only("id")),
    ],
)
def test_what_cannot_be_asked_is_told(wrong: Callable[[], object]) -> None:
    with pytest.raises(QueryError):
        wrong()


async def test_groups_agree_with_python(session: AsyncSession, rows: list[Row]) -> None:
    """Mutants that fail: ``having`` as ``where``; the filter of an aggregate left out."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        if row["ratio"] != 2.0:
            groups[row["active"]].append(row)
    query = (
        Query(THINGS)
        .where(ratio__ne=2.0)
        .group_by("active")
        .aggregate(
            rows=Count(),
            words=Count("word"),
            unlike=Count("word", distinct=True),
            early=Count(where={"seen__lt": EPOCH + timedelta(hours=2)}),
            total=Sum("owner_id"),
            middle=Avg("owner_id"),
            first=Min("seen"),
            last=Max("word"),
        )
        .having(rows__gt=50)
        .order_by("-rows")
    )
    expected = []
    for active, members in groups.items():
        words = [row["word"] for row in members if row["word"] is not None]
        owners = [row["owner_id"] for row in members if row["owner_id"] is not None]
        seen = [row["seen"] for row in members if row["seen"] is not None]
        expected.append(
            {
                "active": active,
                "rows": len(members),
                "words": len(words),
                "unlike": len(set(words)),
                "early": sum(one < EPOCH + timedelta(hours=2) for one in seen),
                "total": sum(owners),
                "middle": pytest.approx(mean(owners)),
                "first": min(seen),
                "last": max(words),
            }
        )
    expected = sorted(
        (one for one in expected if one["rows"] > 50), key=lambda one: -one["rows"]
    )
    assert [dict(row) for row in await query.all(session)] == expected
    page = await query.page(session, 1, per_page=1)
    assert (page.total, page.pages, len(page.items)) == (len(expected), len(expected), 1)


async def test_aggregates_of_nothing(session: AsyncSession) -> None:
    query = Query(THINGS).where(id__lt=0).aggregate(rows=Count(), total=Sum("size"))
    assert [dict(row) for row in await query.all(session)] == [{"rows": 0, "total": None}]


async def test_numbered_pages(session: AsyncSession, rows: list[Row]) -> None:
    query = Query(THINGS).order_by("id")
    ids = [row["id"] for row in rows]
    for number in (1, 2, 5, 6):
        page = await query.page(session, number, per_page=70)
        assert [row["id"] for row in page.items] == ids[(number - 1) * 70 : number * 70]
        assert (page.total, page.page, page.per_page, page.pages) == (300, number, 70, 5)
    nothing = await query.where(id__lt=0).page(session)
    assert (nothing.items, nothing.total, nothing.pages) == ((), 0, 0)
    for number, per_page in ((0, 1), (1, 0), (1, 10_001)):
        with pytest.raises(QueryError):
            await query.page(session, number, per_page=per_page)
    part = query.limit(5).offset(3)
    assert [row["id"] for row in await part.all(session)] == ids[3:8]
    assert await part.count(session) == 5
    first = await part.first(session)
    assert first is not None
    assert first["id"] == ids[3]
    assert await query.where(id__lt=0).first(session) is None


async def test_times_are_cut_out(session: AsyncSession, rows: list[Row]) -> None:
    """Mutant that fails: the end of a range taken in."""
    start, end = EPOCH + timedelta(hours=1), EPOCH + timedelta(hours=3)
    seen = [row["seen"] for row in rows if row["seen"] is not None]
    query = Query(THINGS)
    assert await query.date_range("seen", start, end).count(session) == sum(
        start <= one < end for one in seen
    )
    assert await query.date_range("seen").count(session) == len(rows)
    now = EPOCH + timedelta(days=2, hours=2)
    assert await query.last_days("seen", 2, now=now).count(session) == sum(
        now - timedelta(2) <= one <= now for one in seen
    )
    today = datetime(2024, 1, 5, 12, tzinfo=UTC)
    born = [row["born"].day for row in rows if row["born"] is not None]
    assert await query.last_days("born", 3, now=today).count(session) == sum(
        day in (3, 4, 5) for day in born
    )


async def test_conditions_come_and_go(session: AsyncSession, rows: list[Row]) -> None:
    query = Query(THINGS)
    assert await query.when("", {"id__lt": 0}).count(session) == len(rows)
    assert await query.when(True, {"id__lt": 3}).count(session) == 2
    assert await query.when(True, Filter("id", Operator.LT, 3)).count(session) == 2
    assert await query.when(True, lambda q: q.limit(4)).count(session) == 4
    assert await query.where().where_any().search("  ", "word").count(session) == len(rows)
    assert await query.count(session) == len(rows), "a query never changes"


async def test_search_goes_over_several_fields(session: AsyncSession, rows: list[Row]) -> None:
    for text in ("a", "%", "_", "\\", "é", "*"):
        expected = [
            row["id"]
            for row in rows
            if text in (row["word"] or "").lower() or text in row["title"].lower()
        ]
        if text == "é":  # only A to Z are found in either case
            expected = [
                row["id"] for row in rows if "é" in (row["word"] or "") or "é" in row["title"]
            ]
        query = Query(THINGS).search(text, "word", "title").order_by("id")
        assert [row["id"] for row in await query.all(session)] == expected


async def test_queries_within_queries(session: AsyncSession, rows: list[Row]) -> None:
    """Mutant that fails: NULL in the inner query of ``not_in`` empties the outer one."""
    few = {row["id"] for row in rows if row["owner_id"] in (None, 1, 2)}
    owners = Query(THINGS).where(id__in=few).only("owner_id")
    ids = {row["owner_id"] for row in rows if row["id"] in few}
    assert ids == {None, 1, 2}
    inside = await Query(OWNERS).where(id__in=owners).count(session)
    outside = await Query(OWNERS).where(id__not_in=owners).count(session)
    assert (inside, outside) == (len(ids - {None}), 5 - len(ids - {None}))

    counted = Query(THINGS).group_by("owner_id").aggregate(things=Count())
    for source in (counted.as_subquery("counted"), counted.as_cte("counted")):
        joined = Query(OWNERS).join(source, on={"id": "owner_id"}, name="counted")
        found = (
            await joined.where({"counted.things__gt": 0})
            .order_by("-counted.things")
            .all(session)
        )
        numbers = [row["counted.things"] for row in found]
        assert sum(numbers) == sum(row["owner_id"] is not None for row in rows)
        assert numbers == sorted(numbers, reverse=True)


async def test_windows_count_within_their_rows(session: AsyncSession, rows: list[Row]) -> None:
    numbered = (
        Query(THINGS)
        .where(owner_id__is_not_null=None)
        .window(
            place=RowNumber(partition=("owner_id",), order=("-id",)),
            rank=Rank(order=("owner_id",)),
            of=Count(partition=("owner_id",)),
            running=Sum("owner_id", order=("id",)),
        )
    )
    newest = Query(numbered.as_subquery("numbered")).where(place__eq=1).order_by("owner_id")
    found = await newest.all(session)
    for row in found:
        mine = [one["id"] for one in rows if one["owner_id"] == row["owner_id"]]
        assert (row["id"], row["of"]) == (max(mine), len(mine))
        assert row["running"] == sum(
            one["owner_id"] or 0 for one in rows if one["id"] <= row["id"]
        )
        assert row["rank"] == 1 + sum((one["owner_id"] or 9) < row["owner_id"] for one in rows)
    assert len(found) == 5


async def test_tables_of_unknown_files(tmp_path: Path) -> None:
    """A reflected table without a key goes by its rowid; odd names and types are no trouble."""
    path = tmp_path / "foreign.db"
    made = sqlite3.connect(path)
    made.executescript(
        """CREATE TABLE "odd ""name"" [x]" ("rowid" TEXT, "a__b" TEXT, "select" STRANGE(3), n);
           CREATE TABLE keyed (a TEXT, b INT, c REAL, PRIMARY KEY (a, b)) WITHOUT ROWID;"""
    )
    rnd = random.Random(3)
    values = ["a", "b%", None, "7"]
    rows = [(rnd.choice(values), rnd.choice(values), n, rnd.choice([1, "x", None, 2.5, b"b"]))
            for n in range(50)]  # fmt: skip
    made.executemany('INSERT INTO "odd ""name"" [x]" VALUES (?, ?, ?, ?)', rows)
    made.executemany(
        "INSERT INTO keyed VALUES (?, ?, ?)", [("ab"[n % 2], n, n / 2) for n in range(20)]
    )
    made.commit()
    made.close()
    engine = foreign_engine(path)
    async with engine.connect() as connection:
        metadata = MetaData()
        await connection.run_sync(metadata.reflect)
    async with AsyncSession(engine) as session:
        await session.connection(execution_options={BEGIN_OPTION: None})
        odd = Query(metadata.tables['odd "name" [x]'])
        assert await odd.where(a__b__contains="%").count(session) == sum(
            row[1] == "b%" for row in rows
        )
        assert await odd.where(n__in=["x", 1, b"b"]).count(session) == sum(
            row[3] in ("x", 1, b"b") for row in rows
        )
        for order in (("n",), ("-n", "a__b"), ()):
            whole = [row["select"] for row in await odd.order_by(*order).all(session)]
            found: list[int] = []
            start = PageStart()
            while True:
                page = await odd.order_by(*order).slice(session, start, 6)
                found += [row["select"] for row in page.rows]
                if not page.more_after:
                    break
                start = PageStart(page.last)
            assert sorted(found) == sorted(whole) == list(range(50))
        keyed = Query(metadata.tables["keyed"])
        last = await keyed.slice(session, PageStart(backwards=True), 2)
        assert [(row["a"], row["b"]) for row in last.rows] == [("b", 17), ("b", 19)]
        view: Table | Any = keyed.where(c__gt=5.0).as_subquery("part")
        assert await Query(view).count(session) == 9
        with pytest.raises(QueryError):
            await Query(view).group_by("a").slice(session, PageStart(), 2)
    await engine.dispose()
