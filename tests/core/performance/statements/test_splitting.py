"""Pasted texts are cut where SQLite would end a statement, whatever is in them."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.performance.statements import splitting
from core.performance.statements.splitting import MOST_CHARACTERS, MOST_STATEMENTS, split

_TRIGGER = "CREATE TRIGGER a AFTER INSERT ON b BEGIN UPDATE c SET d = ';'; SELECT 1; END;"

parts = st.lists(
    st.sampled_from(
        [
            "SELECT 1;",
            "SELECT ';' AS \"a;b\", [c;d], `e;f`;",
            "SELECT 'it''s; not';",
            "-- a; b\nSELECT 2;",
            "SELECT /* ; */ 3;",
            _TRIGGER,
            ";",
            " \n",
            "/* nothing; */",
        ]
    ),
    max_size=8,
)


@given(parts)
def test_statements_end_where_sqlite_ends_them(parts: list[str]) -> None:
    """Seen failing with the text cut at each semicolon."""
    found = [piece.sql for piece in split("".join(parts))]
    wanted = [part.strip() for part in parts if "SELECT" in part]
    assert len(found) == len(wanted)
    for piece, part in zip(found, wanted, strict=True):
        assert piece.endswith(part)  # comments between two belong to the second
        assert sqlite3.complete_statement(piece)


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    for piece in split(text):
        assert bool(piece.asked) is not bool(piece.error)


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("ATTACH 'x' AS y", "ATTACH"),
        ("pragma writable_schema = on", "PRAGMA"),
        ("EXPLAIN /* */ PRAGMA foreign_keys = off", "PRAGMA"),
        ("BEGIN", "BEGIN"),
        (_TRIGGER, "CREATE"),
        ("VACUUM INTO 'x'", "VACUUM"),
    ],
)
def test_only_what_has_a_plan_is_asked(sql: str, word: str) -> None:
    (piece,) = split(sql)
    assert not piece.asked
    assert piece.error.endswith(f"this one begins with {word}.")


@pytest.mark.parametrize(
    "prefix", ["EXPLAIN ", "explain query plan\n", "-- why\nEXPLAIN QUERY PLAN "]
)
def test_a_statement_that_explains_is_explained_once(prefix: str) -> None:
    (piece,) = split(f"{prefix}SELECT a FROM t WHERE b = :b AND c = ?7;")
    assert (piece.asked, piece.parameters) == ("SELECT a FROM t WHERE b = ? AND c = ?", 2)


@pytest.mark.parametrize("character", ["\0", "\ud800"])
def test_characters_that_no_statement_can_hold(character: str) -> None:
    (piece,) = split(f"SELECT 'a{character}b';")
    assert piece.error.startswith("It holds a character")
    piece.sql.encode()


def test_what_is_too_much_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen failing, for minutes, with each prefix of a long trigger looked at."""
    (ten_megabytes,) = split("SELECT 1;" * 1_200_000)
    assert "characters long; up to 1,000,000" in ten_megabytes.error
    assert len(ten_megabytes.sql) <= 2_000
    (long,) = split("SELECT '" + "x" * 200_000)
    assert "characters long; up to 100,000" in long.error
    many = split("SELECT 1;" * (MOST_STATEMENTS + 5))
    assert len(many) == MOST_STATEMENTS + 1
    assert "from here on they were left out" in many[-1].error
    assert not split("SELECT 1;" * MOST_STATEMENTS + " -- the end\n")[-1].error
    trigger = "CREATE TRIGGER a AFTER INSERT ON b BEGIN " + "SELECT 1;" * 50_000
    assert len(split(trigger)) <= MOST_STATEMENTS + 1
    assert len(trigger) < MOST_CHARACTERS
    monkeypatch.setattr(splitting, "MOST_CHARACTERS", 10)
    assert split("SELECT 12345")[0].error


def test_nothing_is_no_statement() -> None:
    assert split("") == split(" ;; -- words\n /* and more */ ;") == ()
