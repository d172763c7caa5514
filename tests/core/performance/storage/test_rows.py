"""Rows of any table or view, of files that anybody may have written."""

import asyncio
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.errors import AppError
from core.performance.child.client import run_child
from core.performance.storage.previewing import preview_of
from tests.core.performance.files import digest_of, make_plain
from tests.core.performance.storage.plain_reader import names_in


def _make(path: Path, script: str, *statements: tuple[str, tuple[object, ...]]) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
        for sql, values in statements:
            connection.execute(sql, values)
        connection.commit()
    return path


async def _preview(path: Path, table: str, first: int = 0, limit: int = 100) -> dict[str, Any]:
    return await run_child("preview", path=path, table=table, first=first, limit=limit)


async def _rows(path: Path, table: str, first: int = 0, limit: int = 100) -> list[list[Any]]:
    rows: list[list[Any]] = (await _preview(path, table, first, limit))["rows"]
    return rows


async def test_each_value_is_short_text(tmp_path: Path) -> None:
    """Seen failing, by a dead child, with texts read as they are."""
    path = _make(
        tmp_path / "a.db",
        "CREATE TABLE t (v)",
        ("INSERT INTO t VALUES (NULL), (?), (?), (9e999), ('a\nb\x7f'), ('')", (-(2**63), 0.1)),
        ("INSERT INTO t VALUES (?), (CAST(x'ff41' AS TEXT)), (?)", ("ä" * 300, "x\0y")),
        ("INSERT INTO t VALUES (x''), (x'00ff'), (zeroblob(?)), (zeroblob(17))", (9_000_000,)),
        ("INSERT INTO t VALUES (printf('%.*c', 9000000, 'z'))", ()),
    )
    preview = preview_of(await _preview(path, "t"), "t", 0)
    assert preview.columns == ("v",)
    assert [row[0] for row in preview.rows] == [
        None, "-9223372036854775808", "0.1", "inf", "a␊b␡", "",
        "ä" * 200 + "… (600 B)", "\ufffdA", "x… (3 B)",
        "BLOB, 0 B", "BLOB, 2 B: 00ff", "BLOB, 9.0 MB", f"BLOB, 17 B: {'00' * 16}…",
        "… (9.0 MB)",
    ]  # fmt: skip
    assert not preview.more


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
async def test_texts_of_another_encoding(tmp_path: Path, encoding: str) -> None:
    path = _make(
        tmp_path / "a.db",
        f'PRAGMA encoding=\'{encoding}\'; CREATE TABLE "é" ("ü" TEXT);',
        ('INSERT INTO "é" VALUES (?), (?)', ("\U0001f600é", "é" * 201)),
    )
    answer = await _preview(path, "é")
    assert answer["columns"] == ["ü"]
    assert answer["rows"] == [["\U0001f600é"], [["text", "é" * 200, 402]]]


async def test_pages_of_rows_come_in_order(tmp_path: Path) -> None:
    """Seen failing without NOT INDEXED: they came in the order of the index."""
    shown = ", ".join(f"c{number}" for number in range(198))
    rest = ", ".join(f"d{number}" for number in range(300))
    path = _make(
        tmp_path / "a.db",
        f"CREATE TABLE t (a, b, {shown}, {rest}); CREATE INDEX i ON t (b, a, {shown});"
        "CREATE TABLE w (a PRIMARY KEY) WITHOUT ROWID;"
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<25)"
        " INSERT INTO t (a, b) SELECT i, -i FROM n; INSERT INTO w SELECT a FROM t;",
    )
    for table in ("t", "w"):
        found, first, more = [], 0, True
        while more:
            answer = await _preview(path, table, first, 10)
            found += [int(row[0]) for row in answer["rows"]]
            first, more = first + len(answer["rows"]), answer["more"]
        assert found == list(range(1, 26))
    beyond = await _preview(path, "t", 25)
    assert (beyond["rows"], beyond["more"]) == ([], False)
    assert (beyond["columns"][:2], beyond["left_out"]) == (["a", "b"], 300)


async def test_all_kinds_of_tables(tmp_path: Path) -> None:
    path = _make(
        tmp_path / "a.db",
        'CREATE TABLE "a""b\nc" ("x y", g AS ("x y" * 2), "select" DEFAULT 5);'
        'INSERT INTO "a""b\nc" ("x y") VALUES (2);'
        'CREATE VIEW twice AS SELECT "x y" AS a, "x y" AS a, random() FROM "a""b\nc";'
        "CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'trigram');"
        "INSERT INTO words VALUES ('some words');"
        "CREATE VIRTUAL TABLE places USING rtree (id, a, b);"
        "INSERT INTO places VALUES (1, 2, 3);",
    )
    assert await _rows(path, 'a"b\nc') == [["2", "4", "5"]]
    assert (await _preview(path, "twice"))["columns"] == ["a", "a:1", "random()"]
    assert await _rows(path, "words") == [["some words"]]
    assert await _rows(path, "places") == [["1", "2.0", "3.0"]]
    kinds = {
        one["name"]: (one["kind"], one["columns"])
        for one in (await run_child("tables", path=path))["tables"]
    }
    assert kinds.pop('a"b\nc') == ("table", 3)
    assert kinds.pop("twice") == ("view", None)
    assert kinds.pop("words") == kinds.pop("places") == ("virtual", None)
    assert {kind for kind, _columns in kinds.values()} == {"shadow"}


async def test_there_is_never_too_much(tmp_path: Path) -> None:
    columns = ", ".join(f"c{number}" for number in range(1_000))
    path = _make(
        tmp_path / "a.db",
        f"CREATE TABLE wide ({columns}); CREATE TABLE long (x);"
        "INSERT INTO wide DEFAULT VALUES;"
        f"CREATE TABLE full (c0{', c'.join([''] + [str(n) for n in range(1, 200)])});",
        (f"INSERT INTO full VALUES ({', '.join(['?'] * 200)})", ("y" * 300,) * 200),
    )
    with closing(sqlite3.connect(path)) as connection:
        for _ in range(7):
            connection.execute("INSERT INTO full SELECT * FROM full")
        connection.commit()
    wide = await _preview(path, "wide")
    assert (len(wide["columns"]), wide["left_out"]) == (200, 800)
    full = await _preview(path, "full", limit=100)
    assert 40 < len(full["rows"]) < 100
    assert full["more"]


@pytest.mark.parametrize(
    ("view", "why"),
    [
        ("SELECT * FROM nowhere", "no such table"),
        ("SELECT * FROM v", "circularly defined"),
        ("SELECT load_extension('x')", "unsafe use|not authorized"),
        ("SELECT randomblob(900000000)", "out of memory|too big"),
        ("SELECT fts5(1)", "wrong number|unsafe|no such|pointer"),
        ("SELECT * FROM pragma_user_version", "not authorized|unsafe|prohibited"),
        ("SELECT nobody(1)", "no such function"),
    ],
)
async def test_what_cannot_be_shown_is_told(tmp_path: Path, view: str, why: str) -> None:
    path = _make(tmp_path / "a.db", f"CREATE VIEW v AS {view}")
    with pytest.raises(AppError) as caught:
        preview_of(await _preview(path, "v"), "v", 0)
    assert caught.match("The rows of “v” cannot be shown")
    assert caught.value.hint
    assert re.search(why, caught.value.detail)


async def test_a_view_that_never_ends_is_stopped(tmp_path: Path) -> None:
    """Seen failing, by a log left behind, when the process is ended instead."""
    path = _make(
        tmp_path / "a.db",
        "PRAGMA journal_mode=wal; CREATE VIEW v AS"
        " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n)"
        " SELECT count(*) FROM n",
    )
    before = digest_of(path)
    answer = await run_child(
        "preview", path=path, table="v", first=0, limit=5, seconds=0.2, mode="rw"
    )
    with pytest.raises(AppError, match="not found in time"):
        preview_of(answer, "v", 0)
    assert digest_of(path) == before
    assert names_in(tmp_path) == ["a.db"]
    task = asyncio.create_task(_preview(path, "v"))
    await asyncio.wait({task}, timeout=0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


_STUCK = """
import sys, threading
import core
from core.performance.child.conversation import Conversation
from core.performance.child.operations import rows
from core.performance.child.protocol import Request

rows._GRACE_S = 0.1
rows._rows = lambda *asked: threading.Event().wait()
asked = {"table": "t", "first": 0, "limit": 1, "seconds": 0.1}
rows.preview(Request("preview", sys.argv[1], asked), Conversation(1))
"""


def test_what_cannot_be_stopped_ends_with_the_process(tmp_path: Path) -> None:
    """Seen failing, by not ending, without the second limit."""
    path = _make(tmp_path / "x.db", "CREATE TABLE t (a)")
    done = subprocess.run(
        [sys.executable, "-c", _STUCK, str(path)], capture_output=True, check=True, timeout=60
    )
    assert json.loads(done.stdout)["result"] == {"why": "too_long"}


async def test_a_module_that_is_not_there(tmp_path: Path) -> None:
    path = _make(tmp_path / "a.db", "CREATE TABLE t (x)")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "INSERT INTO sqlite_schema VALUES"
            " ('table', 'far', 'far', 0, 'CREATE VIRTUAL TABLE far USING nobody_knows (x)')"
        )
        connection.commit()
    answer = await _preview(path, "far")
    assert answer == {"why": "refused", "message": "no such module: nobody_knows"}
    listed = (await run_child("tables", path=path))["tables"]
    assert [one["kind"] for one in listed] == ["virtual", "table"]


async def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    path = make_plain(tmp_path / "a.db", rows=5)
    for name in ("", "nobody", "things_by_owner", 'x" --', "n" * 100_000, "\ud800"):
        assert await _preview(path, name) == {"why": "missing"}


@pytest.mark.parametrize("operation", ["tables", "preview"])
async def test_the_file_stays_as_it_is(tmp_path: Path, operation: str) -> None:
    path = make_plain(tmp_path / "a.db", rows=50)
    before = digest_of(path)
    for mode in ("rw", "immutable"):
        await run_child(operation, path=path, mode=mode, table="words", first=0, limit=9)
    assert digest_of(path) == before
    assert names_in(tmp_path) == ["a.db"]
