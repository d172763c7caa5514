"""Fingerprints: no value is ever in one, and the values do not matter to it."""

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.database.monitor.fingerprints import ABOUT_STATEMENTS, Kind, fingerprint
from core.database.monitor.tokens import TOKEN, numbered_by_place, without_values

_SECRET = "zq7xw"

words = st.sampled_from(
    ["SELECT", "a1", '"q""?"', "`b`", "[c'd]", ",", "(", ")", "=", "||", "-", ";", "\n", "x"]
)
secrets = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", max_codepoint=0x3FF), max_size=8
).map(lambda rest: _SECRET + rest)
numbers = st.integers(10**11, 10**14)


@st.composite
def literals(draw: st.DrawFn) -> tuple[str, str]:
    """Return a literal, or a comment, and what must not be seen of it."""
    secret, number = draw(secrets), draw(numbers)
    quoted = "'" + secret.replace("'", "''") + "'"
    return draw(
        st.sampled_from(
            [
                (quoted, _SECRET),
                (f"x'{secret.encode().hex()}'", _SECRET.encode().hex()),
                (str(number), str(number)),
                (f"{number}.5e7", str(number)),
                (f".{number}", str(number)),
                (f"0x{number:x}", f"{number:x}"),
                (f"/* {secret.replace('*/', '')} */", _SECRET),
                (f"-- {secret.replace(chr(10), '')}\n", _SECRET),
            ]
        )
    )


@given(st.lists(st.tuples(words, literals()), min_size=1, max_size=8), st.booleans())
def test_no_value_is_in_a_fingerprint(
    parts: list[tuple[str, tuple[str, str]]], cut: bool
) -> None:
    """Seen failing where comments were kept, and strings that are never closed."""
    sql = " ".join(f"{word} {literal}" for word, (literal, _hidden) in parts)
    if cut and parts[-1][1][0].startswith("'"):
        sql = sql[:-1]  # a string that is never closed goes on to the end
    found = fingerprint(sql)
    for _word, (_literal, hidden) in parts:
        assert hidden not in found.text
        assert hidden not in found.plannable


@given(st.text(max_size=200))
def test_every_character_is_in_one_token(text: str) -> None:
    assert "".join(match[0] for match in TOKEN.finditer(text)) == text


@given(
    st.lists(numbers | secrets.map(lambda text: f"'{text.replace(chr(39), '')}'"), min_size=1)
)
def test_the_values_of_a_list_do_not_matter(values: list[object]) -> None:
    """Seen failing as long as each length of a list was another statement."""
    listed = ", ".join(map(str, values))
    sql = f"SELECT * FROM t WHERE a IN ({listed}) AND b = {values[0]}"
    assert fingerprint(sql).text == "SELECT * FROM t WHERE a IN (?, …) AND b = ?"
    asked = "SELECT * FROM t WHERE a IN (?) AND b = ?"
    assert fingerprint(sql).name == fingerprint(asked).name


def test_rows_that_are_inserted_at_once_do_not_matter() -> None:
    one = fingerprint("INSERT INTO t (a, b) VALUES (?, ?), (?, ?)")
    more = fingerprint("INSERT INTO t (a, b) VALUES (?, ?), (?, ?), (?, ?), (?, ?)")
    assert one.name == more.name
    assert one.text == "INSERT INTO t (a, b) VALUES (?, ?), …"


@pytest.fixture
def memory() -> Iterator[sqlite3.Connection]:
    """Give a database with a table."""
    connection = sqlite3.connect(":memory:")
    connection.execute('CREATE TABLE t (a1 TEXT, "x?" INT, [y z] INT)')
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a1 FROM t WHERE \"x?\" = 5 AND [y z] IN (1, 0x1f, 1e9, .5, x'00', 'it''s')",
        "SELECT :name, @other, $third, ?5, '?' FROM t -- ?\n WHERE a1 LIKE '%;'",
        "WITH c(x) AS (VALUES (1), (2)) SELECT * FROM c WHERE x>-1 /* 'never closed */",
        "INSERT INTO t VALUES ('a', 1, 2), ('b', 3, 4)",
        "UPDATE t SET a1 = 'x' WHERE \"x?\" BETWEEN 1 AND 2",
    ],
)
def test_sqlite_understands_what_is_left(memory: sqlite3.Connection, sql: str) -> None:
    plannable = fingerprint(sql).plannable
    marked, count = numbered_by_place(plannable)
    memory.execute(f"EXPLAIN QUERY PLAN {marked}", (None,) * count)
    marked, count = numbered_by_place(sql)
    memory.execute(f"EXPLAIN QUERY PLAN {marked}", (None,) * count)


def test_names_are_kept() -> None:
    sql = 'SELECT t2.c3, "order", `group`, [a b] FROM t2'
    assert without_values(sql) == sql


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("select 1", Kind.READ),
        ("\n -- words\n SELECT 1", Kind.READ),
        ("VALUES (1)", Kind.READ),
        ("WITH a AS (SELECT 1) SELECT * FROM a", Kind.READ),
        ("WITH a AS (SELECT 1) DELETE FROM t", Kind.WRITE),
        ("REPLACE INTO t VALUES (1)", Kind.WRITE),
        ("BEGIN IMMEDIATE", Kind.OTHER),
        ("PRAGMA data_version", Kind.OTHER),
        ("", Kind.OTHER),
    ],
)
def test_reads_and_writes_are_told_apart(sql: str, kind: Kind) -> None:
    assert fingerprint(sql).kind is kind


def test_questions_about_statements_are_one() -> None:
    names = {
        fingerprint(sql).name
        for sql in (
            "EXPLAIN QUERY PLAN SELECT 1",
            "explain select 2",
            f"SELECT {ABOUT_STATEMENTS} name FROM sqlite_schema",
        )
    }
    assert len(names) == 1


def test_a_long_statement_is_shortened_but_not_its_name() -> None:
    columns = ", ".join(f"c{number}" for number in range(2_000))
    one, other = (fingerprint(f"SELECT {columns}, {last} FROM t") for last in ("a", "b"))
    assert len(one.text) == 4_000
    assert one.text == other.text
    assert one.name != other.name
