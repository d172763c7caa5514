"""Lists for screens: filters, orders, search by trigrams, counts, and what they cost."""

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    create_engine,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.query import listing as listing_module
from core.database.query.errors import QueryError, RefusedValueError
from core.database.query.listing import BY_AGE, Count, ListedField, Listing
from core.database.query.schemas import Filter, ListQuery, Operator, PageStart
from core.database.query.text_search import Searched, TextSearch, trigrams
from tests.core.database.query.plans import Reading, reading_with_plans

_PEOPLE = Table(
    "people",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False, unique=True),
    Column("title", String(collation="NOCASE"), index=True),
    Column("email", String),
    Column("active", Boolean, nullable=False),
)
_TAGS = Table(
    "tags",
    _PEOPLE.metadata,
    Column("person_id", Integer, primary_key=True),
    Column("tag", String, primary_key=True),
)
_PIECES = [
    "Ada",
    "bob",
    "Éva",
    "日本",
    "100%",
    "a_b",
    "c\\d",
    'q"q',
    "'",
    " AND ",
    "*",
    "ß",
    "-",
]


def _untagged(_operator: Operator, _value: object) -> ColumnElement[bool]:
    return _PEOPLE.c.id.not_in(select(_TAGS.c.person_id))


def _tagged(operator: Operator, value: object) -> Select[Any] | None:
    if operator is Operator.IS_NULL:
        return None
    if not isinstance(value, str):
        raise RefusedValueError("A tag is a text.")
    return select(_TAGS.c.person_id).where(_TAGS.c.tag == value)


def _fields() -> dict[str, ListedField]:
    c = _PEOPLE.c
    return {
        "id": ListedField(lambda: "Number", "integer", c.id, sortable=True),
        "name": ListedField(lambda: "Name", "text", c.name, sort=c.name_key, sortable=True),
        "title": ListedField(lambda: "Title", "text", c.title, sortable=True),
        "email": ListedField(lambda: "E-mail", "email", c.email),
        "active": ListedField(
            lambda: "Active", "boolean", c.active, choices=lambda: (("true", "yes"),)
        ),
        "tags": ListedField(
            lambda: "Tags",
            "tags",
            c.id,
            operators=(Operator.CONTAINS, Operator.IS_NULL),
            condition=_untagged,
            members=_tagged,
        ),
    }


def _listing() -> Listing[dict[str, Any]]:
    searched = {
        "name": Searched(_PEOPLE.c.name_key, str.lower),
        "title": Searched(_PEOPLE.c.title, nocase=True),
        "email": Searched(_PEOPLE.c.email),
    }
    return Listing(
        _PEOPLE,
        key=_PEOPLE.c.id,
        fields=_fields(),
        order=("name",),
        as_row=dict,
        search=TextSearch("people_search", searched, prefixes=("name", "title")),
    )


def _make_people() -> list[dict[str, Any]]:
    rnd = random.Random(5)

    def words() -> str:
        return "".join(rnd.choice(_PIECES) for _ in range(rnd.randrange(1, 4)))

    return [
        {
            "id": number,
            "name": (name := f"{words()}{number}"),
            "name_key": name.lower(),
            "title": rnd.choice([None, words()]),
            "email": rnd.choice([None, f"{number}@example.org"]),
            "active": rnd.random() < 0.5,
        }
        for number in range(1, 401)
    ]


_ALL = _make_people()


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of people with a table of trigrams; nobody writes it."""
    path = tmp_path_factory.mktemp("listing") / "people.db"
    engine = create_engine(f"sqlite:///{path}")
    _PEOPLE.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(_PEOPLE.insert(), _ALL)
        tags = [{"person_id": one["id"], "tag": "ops"} for one in _ALL if one["id"] % 3 == 0]
        connection.execute(_TAGS.insert(), tags)
        connection.execute(
            text(
                "CREATE VIRTUAL TABLE people_search USING fts5(name, title, email,"
                " content='people', content_rowid='id', tokenize='trigram', detail=none,"
                " columnsize=0)"
            )
        )
        connection.execute(text("INSERT INTO people_search(people_search) VALUES ('rebuild')"))
    engine.dispose()
    return path


@pytest.fixture
async def reading(people: Path) -> AsyncIterator[Reading]:
    """Return a session, and the plans of what it reads."""
    async with reading_with_plans(people) as opened:
        yield opened


def _holds(person: dict[str, Any], wanted: str, among: tuple[str, ...]) -> bool:
    """Whether a person is found: names in any case, the others by A to Z in any case."""
    folded = "".join(c.lower() if c.isascii() else c for c in wanted)
    if len(wanted) < 3:
        title = "".join(c.lower() if c.isascii() else c for c in person["title"] or "")
        return ("name" in among and person["name_key"].startswith(wanted.lower())) or (
            "title" in among and title.startswith(folded)
        )
    others = "".join(
        c.lower() if c.isascii() else c
        for name in among
        if name != "name"
        for c in f"{person[name] or ''}\0"
    )
    return ("name" in among and wanted.lower() in person["name_key"]) or folded in others


async def _ids(session: AsyncSession, query: ListQuery, **options: Any) -> list[int]:
    page = await _listing().slice(session, query, PageStart(), 400, **options)
    return [row["id"] for row in page.rows]


async def test_search_agrees_with_python(reading: Reading) -> None:
    """What is found is what holds the text, whatever characters it has.

    Mutants that fail: the check by the columns left out (trigrams alone find "bobada…" for
    texts that hold the same trigrams); quotes in trigrams not doubled; all columns searched
    whatever ``searched`` says.
    """
    session, plans = reading
    rnd = random.Random(6)
    texts = [
        "a",
        "ad",
        "100%",
        "a_b",
        "c\\d",
        'q"q',
        " AND ",
        "'''",
        '"""',
        "NOT x",
        "x*",
        "日本日",
        "É",
    ]
    for _ in range(120):
        one = rnd.choice(_ALL)
        name = one["name"] + (one["title"] or "")
        start = rnd.randrange(len(name))
        texts.append(name[start : start + rnd.randrange(1, 9)].swapcase())
    for wanted in texts:
        among = rnd.choice([("name", "title", "email"), ("name",), ("title", "email")])
        expected = [p["id"] for p in _ALL if _holds(p, wanted.strip(), among)]
        if not wanted.strip():
            continue
        query = ListQuery(search=wanted, order=("id",))
        assert await _ids(session, query, searched=among) == expected, (wanted, among)
        count = await _listing().count(session, query, searched=among)
        assert count == Count(len(expected), exact=True)
    assert any("VIRTUAL TABLE INDEX" in plan for plan in plans)
    assert not any("VIRTUAL TABLE INDEX 0:=" in plan for plan in plans), (
        "once, not for each row"
    )


async def test_short_texts_are_found_by_the_indexes_of_names(reading: Reading) -> None:
    """Mutant that fails: a collation named in the range, so that all rows are gone through."""
    session, plans = reading
    for wanted in ("zq", "ZQ", "z"):
        assert await _ids(session, ListQuery(search=wanted)) == []
    assert any("MULTI-INDEX OR" in plan for plan in plans)
    assert "SCAN people" not in plans


async def test_a_search_that_finds_many_goes_by_age(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages go on in the order that they began with, and none sorts what was found.

    Mutant that fails: beginnings found by their indexes here, too.
    """
    session, plans = reading
    monkeypatch.setattr(listing_module, "FEW", 50)
    for wanted, order, sign in (
        ("example", "-name", "-"),
        ("example", "name", ""),
        ("a", "name", ""),
        ("A", "-name", "-"),
    ):
        query = ListQuery(search=wanted, order=(order,))
        plans.clear()
        found: list[int] = []
        start = PageStart()
        while True:
            page = await _listing().slice(session, query, start, 30)
            found += [row["id"] for row in page.rows]
            assert page.last is not None
            assert page.last.order == (sign + BY_AGE,)
            if not page.more_after:
                break
            start = PageStart(page.last)
        among = ("name", "title", "email")
        expected = [p["id"] for p in _ALL if _holds(p, wanted, among)]
        assert found == (expected[::-1] if sign else expected)
        assert not any("TEMP B-TREE" in plan for plan in plans), plans


async def test_a_search_that_found_few_keeps_its_order(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mutant that fails: the order chosen anew for each page, by what is found then."""
    session, _plans = reading
    query = ListQuery(search="example", order=("name",))
    first = await _listing().slice(session, query, PageStart(), 30)
    monkeypatch.setattr(listing_module, "FEW", 50)
    second = await _listing().slice(session, query, PageStart(first.last), 30)
    among = ("name", "title", "email")
    expected = sorted((p["name_key"], p["id"]) for p in _ALL if _holds(p, "example", among))
    found = [row["id"] for row in (*first.rows, *second.rows)]
    assert found == [number for _key, number in expected[:60]]


@pytest.mark.parametrize("order", ["id", "-id", "name", "-name", "title", "-title"])
async def test_sorted_lists_are_read_by_an_index(reading: Reading, order: str) -> None:
    """Mutant that fails: the key always ascending behind a descending field."""
    session, plans = reading
    query = ListQuery(order=(order,))
    page = await _listing().slice(session, query, PageStart(position=200), 20)
    await _listing().slice(session, query, PageStart(page.last), 20)
    await _listing().slice(session, query, PageStart(page.first, backwards=True), 20)
    assert plans
    assert not any("TEMP B-TREE" in plan for plan in plans), plans


async def test_rows_that_sort_alike_come_once(reading: Reading) -> None:
    """Mutant that fails: the key left out of the order of a list."""
    session, _plans = reading
    for order in ("title", "-title"):
        found: list[int] = []
        page = await _listing().slice(session, ListQuery(order=(order,)), PageStart(), 7)
        while True:
            found += [row["id"] for row in page.rows]
            if not page.more_after:
                break
            page = await _listing().slice(
                session, ListQuery(order=(order,)), PageStart(page.last), 7
            )
        assert sorted(found) == [person["id"] for person in _ALL]


@pytest.mark.parametrize("few", [1_000, 10])
async def test_filters_orders_and_limits_of_the_viewer(
    reading: Reading, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Tags choose few or many rows; the rows are the same. Mutant: ``where`` left out."""
    session, plans = reading
    monkeypatch.setattr(listing_module, "FEW", few)
    only_active = _PEOPLE.c.active.is_(True)
    query = ListQuery((Filter("tags", Operator.CONTAINS, "ops"),), order=("-title", "name"))
    expected = sorted(
        (p for p in _ALL if p["id"] % 3 == 0 and p["active"]),
        key=lambda p: p["name_key"],
    )
    expected.sort(
        key=lambda p: (
            p["title"] is not None,
            "".join(c.lower() if c.isascii() else c for c in p["title"] or ""),
        ),
        reverse=True,
    )
    assert await _ids(session, query, where=[only_active]) == [p["id"] for p in expected]
    assert any("CORRELATED" in plan for plan in plans) == (few == 10), plans
    untagged = ListQuery((Filter("tags", Operator.IS_NULL),))
    count = await _listing().count(session, untagged)
    assert count == Count(sum(p["id"] % 3 != 0 for p in _ALL), exact=True)
    assert await _listing().count(session, untagged, at_most=20) == Count(20, exact=False)
    exactly = count.value
    assert await _listing().count(session, untagged, at_most=exactly) == count


@pytest.mark.parametrize(
    ("query", "options", "field"),
    [
        (ListQuery((Filter("nothing", Operator.EQ, 1),)), {}, "nothing"),
        (ListQuery((Filter("tags", Operator.EQ, "a"),)), {}, "tags"),
        (ListQuery((Filter("tags", Operator.CONTAINS, 5),)), {}, "tags"),
        (ListQuery((Filter("active", Operator.EQ, 1),)), {}, "active"),
        (ListQuery((Filter("email", Operator.EQ, "a"),)), {"except_": {"email"}}, "email"),
        (ListQuery(order=("email",)), {}, "email"),
        (ListQuery(order=("nothing",)), {}, "nothing"),
        (ListQuery(order=("-name",)), {"except_": {"name"}}, "name"),
        (ListQuery(search="abc"), {"searched": ["active"]}, "active"),
        (ListQuery(search="a\0b"), {}, ""),
        (ListQuery(search="\ud800bc"), {}, ""),
    ],
)
async def test_what_a_list_cannot_be_asked(
    reading: Reading, query: ListQuery, options: dict[str, Any], field: str
) -> None:
    """Mutant that fails: ``except_`` heeded by the description alone."""
    with pytest.raises(QueryError) as told:
        await _listing().slice(reading[0], query, PageStart(), 10, **options)
    assert told.value.field == field
    if "except_" in options:
        assert field not in told.value.possible


def test_fields_are_described() -> None:
    described = {one.name: one for one in _listing().describe(except_={"email"})}
    assert set(described) == {"id", "name", "title", "active", "tags"}
    assert described["name"].sortable
    assert described["name"].words == "Name"
    assert Operator.STARTS_WITH in described["name"].operators
    assert described["active"].choices == (("true", "yes"),)
    assert not described["active"].sortable
    assert described["tags"].operators == (Operator.CONTAINS, Operator.IS_NULL)


def test_trigrams_are_quoted() -> None:
    assert trigrams('a"b') == '"a""b"'
    assert trigrams("abcd") == '"abc" AND "bcd"'
    assert trigrams("aaaaaa") == '"aaa"'
    assert trigrams("x" * 3 + "".join(map(chr, range(200, 900)))).count(" AND ") == 31
